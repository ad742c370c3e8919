// A project before its first run turns into the workspace by itself, follows what is logged, and survives a server
// that goes away.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, panel, picture, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const POLL = 15_000; // ms between two looks of a page without a stream

let server, browser, key, page, script;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
});
after(async () => { await browser?.close(); await server?.stop(); });

/** Logs a row each 30 ms. A line "key" makes it log one more key, "end" or a closed input ends it. */
const TRAIN = `
import sys, threading, time, wandb
run = wandb.init(project="live", id="r1", name="the first run", settings=wandb.Settings(x_file_stream_transmit_interval=1))
more, end = threading.Event(), threading.Event()
def hear():
    for line in sys.stdin:
        (more if line.strip() == "key" else end).set()
    end.set()
threading.Thread(target=hear, daemon=True).start()
i = 0
while not end.wait(0.03):
    row = {"train/count": i, "val/top1": i / 2, "val/square": i * i}
    if more.is_set():
        row["extra/late"] = i
    run.log(row)
    i += 1
run.finish()
print("ROWS", i)
`;

/** Rows of the run that the server has accepted. */
const accepted = async () => (await server.graphql(key, 'query { project(entityName: "mira", name: "live") { run(name: "r1") { historyLineCount } } }')).project?.run?.historyLineCount ?? 0;
/** Rows that the panel has drawn: the script logs how many came before. */
const rows = async () => Number((await said(page, "train/count"))?.match(/last ([\d,.]+)/)?.[1].replaceAll(",", "") ?? -1) + 1;
const live = (text) => page.getByRole("status").filter({ hasText: text });

test("an empty project says how to log to it, and becomes the workspace with its first run", async () => {
  await page.goto(server.url + "/mira/live/workspace");
  await page.getByRole("heading", { name: "Log the first run to live" }).waitFor();
  await page.getByText("Waiting for the first run").waitFor();
  await becomes(() => page.getByRole("region", { name: "Python" }).innerText(), /project="live"/);
  await accessible(page, "an empty project");
  await page.evaluate(() => { window.same = true; }); // gone if the page is loaded anew

  script = server.train(key, TRAIN);
  await page.getByRole("listitem").filter({ hasText: "the first run" }).waitFor({ timeout: 30_000 });
  await drawn(page, "train/count");
  await drawn(page, "val/square");
  await live("Live").waitFor();
  assert.ok(await page.evaluate(() => window.same), "the page was not reloaded");
  noFaults(page);
});

test("new points are drawn as they are accepted, and nothing jumps", async () => {
  const place = () => page.evaluate(() => JSON.stringify([...document.querySelectorAll("[data-panel]")].map((p) => [p.dataset.panel, p.offsetTop, p.offsetLeft, p.offsetWidth, p.offsetHeight])));
  await waitFor("points too many to be marked one by one", async () => (await rows()) > 100);
  await page.locator("[data-panel] .uplot").evaluateAll((all) => all.forEach((u) => { u.mine = true; }));
  const before = await place();
  const steps = []; // what some requests brought: when the server had it, and when it was on screen
  await waitFor("what six requests bring", async () => {
    const [have, shown] = await Promise.all([accepted(), rows()]), now = Date.now();
    if (steps.length < 6 && have > (steps.at(-1)?.rows ?? 0)) steps.push({ rows: have, accepted: now, drawn: 0 });
    for (const s of steps) if (!s.drawn && shown >= s.rows) s.drawn = now;
    return steps.length === 6 && steps.every((s) => s.drawn);
  }, 60_000);
  const waited = steps.map((s) => s.drawn - s.accepted).sort((a, b) => a - b);
  console.log(`# rows were drawn ${waited.join(", ")} ms after they were accepted`);
  assert.ok(waited[0] < POLL, "the stream tells sooner than a page without one would ask");
  assert.equal(await place(), before, "panels moved");
  assert.ok(await page.locator("[data-panel] .uplot").evaluateAll((all) => all.every((u) => u.mine)), "pictures were built anew");
  noFaults(page);
});

test("while the pointer is on a panel the view stands still and says how much came", async () => {
  await panel(page, "train/count").locator(".u-over").hover();
  await page.getByRole("button", { name: /new rows/ }).waitFor();
  const held = await rows();
  const have = await accepted();
  await waitFor("more rows", async () => (await accepted()) > have);
  assert.equal(await rows(), held);
  await page.mouse.move(20, 500);
  await waitFor("the panel to catch up", async () => (await rows()) > have);
  await page.getByRole("button", { name: /new rows/ }).waitFor({ state: "detached" });
});

test("a key that is logged for the first time gets a panel by itself", async () => {
  script.stdin.write("key\n");
  await drawn(page, "extra/late");
  assert.ok(await page.evaluate(() => window.same));
  noFaults(page);
});

test("without a stream the page asks every 15 s, and says so", async () => {
  const cut = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await cut.route("**/api/live*", (r) => r.abort());
  await cut.clock.install();
  await cut.goto(server.url + "/mira/live/workspace");
  await drawn(cut, "train/count");
  await cut.getByRole("status").filter({ hasText: "Reconnecting" }).waitFor();
  const last = async () => (await said(cut, "train/count")).match(/last ([\d,.]+)/)[1];
  const first = await last();
  await cut.clock.fastForward(15_000);
  await cut.getByRole("status").filter({ hasText: "Asking every 15 s" }).waitFor();
  await waitFor("what came meanwhile", async () => (await last()) !== first);
  await picture(cut, "polling-1440-dark");
  await cut.context().close();
});

test("a server that goes away is said, what is drawn stays, and it all comes back by itself", async () => {
  const before = await rows();
  await server.down();
  await live(/Reconnecting, data of \d\d:\d\d:\d\d/).waitFor();
  await picture(page, "reconnecting-1440-dark");
  assert.ok((await rows()) >= before, "the lines stay");
  await page.getByRole("link", { name: "Overview" }).click(); // nothing of this screen was read yet
  await page.getByText(/could not be read/).first().waitFor();
  await accessible(page, "without a server");
  await picture(page, "failed-1440-dark");
  await page.getByRole("link", { name: "Workspace", exact: true }).click();
  await drawn(page, "train/count");

  await server.run();
  await live("Live").waitFor({ timeout: 30_000 });
  const have = await accepted();
  await waitFor("rows logged after the restart", async () => (await rows()) > have, 60_000);
  assert.ok(await page.evaluate(() => window.same));
  noFaults(page, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 50[0-9]/);
});

test("the end of a run is seen without a reload, and no row is missing", async () => {
  const { code, out } = await script.finish();
  assert.equal(code, 0, out);
  const all = Number(out.match(/ROWS (\d+)/)[1]);
  await page.getByRole("listitem").filter({ hasText: "the first run" }).getByText("Finished").waitFor({ state: "attached" });
  await waitFor("every row", async () => (await rows()) === all);
  assert.equal(await accepted(), all);
});
