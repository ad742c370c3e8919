// A very long console, a million lines at night: its end, its middle and its errors are reached at once.
// BALLAST_LOG_LINES makes it longer or shorter. At night nothing else has the machine, and the jump has its limit.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";
import { longLog } from "./data.mjs";
import { Meter } from "./meter.mjs";

const PASSWORD = "a long enough password";
const NIGHT = process.env.BALLAST_ALL === "1";
const LINES = Number(process.env.BALLAST_LOG_LINES ?? (NIGHT ? 1_000_000 : 200_000));
const JUMP = NIGHT ? 200 : Infinity; // ms of the main thread's processor time, the best of five

let server, browser, key, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await longLog(server, key, LINES);
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
});
after(async () => { await browser?.close(); await server?.stop(); });

const log = () => page.getByRole("region", { name: "Console log" });
/** Does something, and waits in the page until a line's text is on screen: milliseconds by the clock, and of the main thread. */
async function until(what, number, act) {
  const meter = await Meter.of(page);
  const before = await meter.busy();
  const seen = page.evaluate(async (n) => {
    const start = performance.now();
    for (;;) {
      // One look a frame at one row, so that looking costs nothing.
      if (document.querySelector(`[data-index="${n}"]`)?.textContent.includes(`step=${n} `)) return performance.now() - start;
      if (performance.now() - start > 20_000) return NaN;
      await new Promise((r) => requestAnimationFrame(r));
    }
  }, number);
  await act();
  const clock = await seen, thread = (await meter.busy()) - before;
  await meter.close();
  assert.ok(!Number.isNaN(clock), `${what}: line ${number} did not come`);
  console.log(`${what}: ${clock.toFixed(0)} ms by the clock, ${thread.toFixed(0)} ms of the main thread`);
  return { clock, thread };
}

/** The same with wrapped lines: none covers another, and the last one stands at the foot of the view, whole. */
async function wrapped() {
  await page.getByRole("button", { name: "Wrap" }).click();
  await log().focus();
  const times = [];
  for (let k = 0; k < 3; k++) {
    await until("wrapped, to the top", 0, () => page.keyboard.press("Home"));
    times.push(await until("wrapped, to the end", LINES - 1, () => page.keyboard.press("End")));
  }
  const best = Math.min(...times.map((t) => t.thread));
  assert.ok(best <= JUMP, `the jump to the end of wrapped lines took ${best.toFixed(0)} ms of the main thread, ${JUMP} are allowed`);
  const layout = () => log().evaluate((v) => ({ foot: v.getBoundingClientRect().bottom, rows: [...v.querySelectorAll("[data-index]")].map((l) => { const r = l.getBoundingClientRect(); return { n: Number(l.dataset.index), top: r.top, bottom: r.bottom }; }) }));
  await waitFor("the end at the foot", async () => { const l = await layout(), last = l.rows.at(-1); return last.n === LINES - 1 && last.bottom - last.top > 40 && Math.abs(last.bottom - l.foot) < 2; });
  const { rows } = await layout();
  for (let i = 1; i < rows.length; i++) assert.ok(Math.abs(rows[i].top - rows[i - 1].bottom) < 1, `lines ${rows[i - 1].n} and ${rows[i].n} do not follow one another`);
  await picture(page, "logs-wrapped-1440-dark");
  await page.getByRole("button", { name: "Wrap" }).click();
}

test("the log opens at its end; top, end and middle are a jump", async () => {
  await page.goto(`${server.url}/mira/p/runs/long/logs`);
  await log().getByText(`step=${LINES - 1} `).waitFor();
  await page.getByRole("combobox", { name: "Process" }).waitFor(); // the counts of the whole have come
  await log().focus();
  const times = [];
  for (let k = 0; k < 5; k++) {
    await until("to the top", 0, () => page.keyboard.press("Home"));
    times.push(await until("to the end", LINES - 1, () => page.keyboard.press("End")));
  }
  const best = Math.min(...times.map((t) => t.thread));
  assert.ok(best <= JUMP, `the jump to the end took ${best.toFixed(0)} ms of the main thread, ${JUMP} are allowed`);
  await wrapped();
  await page.goto(`${server.url}/mira/p/runs/long/logs?line=${LINES / 2 + 1}`);
  await log().getByText(`step=${LINES / 2} `).waitFor();
  await picture(page, "logs-long-1440-dark");
  noFaults(page);
});

test("levels and processes filter on the server; a filtered line leads to its surroundings", async () => {
  await page.getByRole("button", { name: /lines of errors/ }).click();
  await page.getByText("pass the filter").waitFor();
  await log().getByText(`step=${LINES - 1} `).waitFor();
  await becomes(() => page.locator("main").innerText(), new RegExp(`${(LINES / 10_000).toLocaleString("en-US")}\\s+lines pass the filter`));
  await accessible(page, "the log, filtered");
  await picture(page, "logs-errors-1440-dark");
  await page.getByRole("textbox", { name: "Search the log" }).fill(`step=${LINES / 2 - 1}`);
  await waitFor("one line", async () => /\b1 lines/.test(await page.getByRole("status").filter({ hasText: "lines" }).innerText()));
  await log().getByTitle("Show this line among the others").click();
  await log().getByText(`step=${LINES / 2} `).waitFor();
  await page.getByRole("combobox", { name: "Process" }).selectOption("rank1");
  await waitFor("half of the lines", async () => (await page.locator("main").innerText()).includes(`${(LINES / 2).toLocaleString("en-US")} lines pass`));
  noFaults(page);
});
