// The table of 100,000 runs: first page, scrolling, query, order, groups, columns, selection, by pointer and keyboard.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { accessible, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const RUNS = 100_000;
const here = dirname(fileURLToPath(import.meta.url));
const figures = {};
let server, browser, key, page;

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await server.down();
  execFileSync("go", ["run", "./test/browser/seed", server.data, "mira", "big", String(RUNS)], { cwd: join(here, "..", ".."), stdio: "inherit" });
  execFileSync("go", ["run", "./test/browser/seed", server.data, "mira", "small", "40"], { cwd: join(here, "..", ".."), stdio: "inherit" });
  await server.run();
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
});
after(async () => { console.log(JSON.stringify(figures)); await browser?.close(); await server?.stop(); });

const grid = (p = page) => p.locator("[data-grid]");
const names = (p = page) => grid(p).locator("[data-run]:visible a").evaluateAll((all) => all.filter((a) => a.textContent).map((a) => ({ y: a.getBoundingClientRect().top, t: a.textContent })).sort((a, b) => a.y - b.y).map((a) => a.t));
const query = (p = page) => p.getByRole("combobox", { name: "Filter runs by query" });
const footer = (text, p = page) => p.getByText(text).first().waitFor({ timeout: 30_000 });

test("the first page, cold and warm", async () => {
  await page.goto(server.url + "/mira/big/runs"); // the alias
  await page.waitForURL(/\/mira\/big\/table/);
  await grid().locator("[data-run]").first().waitFor({ timeout: 60_000 });
  await footer("100,000 runs");
  await waitFor("histograms", () => grid().getByRole("img").count());
  const ask = { project: "mira/big", q: "config.lr > 0.001", filter: null, order: ["-summary_metrics.val/top1"], columns: ["summary_metrics.val/top1", "config.lr"], offset: 0, limit: 200 };
  figures.page = await page.evaluate(async (body) => {
    const times = [];
    for (let i = 0; i < 5; i++) {
      const at = performance.now();
      await (await fetch("/api/runs", { method: "POST", headers: { "Content-Type": "application/json", "X-Ballast": "1" }, body: JSON.stringify({ ...body, q: `config.lr > 0.00${i + 1}` }) })).json();
      times.push(Math.round(performance.now() - at));
    }
    return times.sort((a, b) => a - b);
  }, ask);
  await accessible(page, "the table");
  await picture(page, "table-1440-dark");
  noFaults(page);
});

test("scrolling keeps its rows and its time", async () => {
  const made = await grid().locator("[role=row]").count();
  assert.ok(made < 90, `${made} rows for 100,000 runs`);
  const cost = () => page.evaluate(async () => {
    const g = document.querySelector("[data-grid]"), frames = [];
    for (let i = 0; i < 60; i++) {
      const at = performance.now();
      g.scrollTop += 96;
      g.dispatchEvent(new Event("scroll"));
      await new Promise((r) => requestAnimationFrame(() => r()));
      const drawn = performance.now();
      void g.offsetHeight;
      frames.push({ whole: performance.now() - at, layout: performance.now() - drawn });
    }
    return frames.map((f) => f.whole).sort((a, b) => a - b);
  });
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => (await client.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value * 1000;
  const from = await busy(), frames = await cost();
  figures.scroll = { cpuPerFrame: Math.round(((await busy()) - from) / 60 * 10) / 10, median: Math.round(frames[30]), p95: Math.round(frames[57]) };
  const at = Date.now();
  await grid().evaluate((g) => { g.scrollTop = g.scrollHeight / 2; });
  await waitFor("the middle", async () => (await grid().locator("[data-wait='1']:visible").count()) === 0 && (await names()).length > 10);
  figures.jump = Date.now() - at;
  await grid().evaluate((g) => { g.scrollTop = g.scrollHeight; });
  await grid().locator('[data-run="r000000"]').waitFor();
  assert.equal(await grid().locator("[role=row]").count(), made, "no row was made for it");
  noFaults(page);
});

test("a query, an order and what is wrong with a query", async () => {
  await query().fill("state:finished and config.optimizer:lion and summary_metrics.val/top1 > 0.8");
  await query().press("Enter");
  await waitFor("fewer", async () => /of 100,000/.test(await page.locator("[data-table]").getByRole("status").first().textContent()));
  await grid().getByRole("button", { name: /lr/ }).first().click();
  await waitFor("an order", () => grid().locator('[aria-sort="descending"]').count());
  assert.match(page.url(), /sort=-config\.lr/);
  // the order is in the head before its rows are there
  const lr = (name) => Number(/-lr([\d.]+)-/.exec(name)?.[1]);
  await waitFor("lions by rate", async () => { const n = await names(); return n.length > 10 && n.every((t, i) => t.includes("lion") && (i === 0 || lr(n[i - 1]) >= lr(t))); });
  const kept = await names();
  await query().fill("state:finished and (");
  await page.getByText(/At character 20: a condition is missing/).waitFor();
  assert.deepEqual((await names()).slice(0, 20), kept.slice(0, 20), "the rows of the query before stay");
  await accessible(page, "a broken query");
  await query().fill("nowhere:1");
  await page.getByText(/nowhere is no field of a run/).waitFor();
  await page.getByText(/field "nowhere" is unknown/).waitFor({ state: "attached" }).catch(() => {});
  await query().fill("sta");
  await page.getByRole("option", { name: /^state/ }).waitFor();
  await query().press("Tab");
  assert.equal(await query().inputValue(), "state ");
  page.faults.splice(0); // a 400 is an error to the console
});

test("groups open in groups, by keyboard", async () => {
  await page.goto(server.url + "/mira/big/table?group=config.optimizer,config.model&fields=state,summary_metrics.val%2Ftop1,config.lr");
  await grid().locator("[data-id]").first().waitFor({ timeout: 60_000 });
  await footer(/in 4 groups/);
  await grid().focus();
  await page.keyboard.press("ArrowRight");
  await waitFor("three below", async () => (await grid().locator("[data-id]:visible").count()) === 7);
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowRight");
  await waitFor("runs", async () => (await names()).length > 5);
  await accessible(page, "groups");
  await picture(page, "table-grouped-1440-dark");
  noFaults(page);
});

test("columns and rows of a form", async () => {
  await page.goto(server.url + "/mira/big/table?q=" + encodeURIComponent("state:failed or (config.lr > 0.01 and not tags:paper)"));
  await grid().locator("[data-run]").first().waitFor();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  assert.equal(await page.getByRole("textbox", { name: "Field" }).or(page.getByRole("combobox", { name: "Field" })).count(), 3);
  await accessible(page, "the form of a query");
  await picture(page, "table-builder-1440-dark");
  await page.getByRole("combobox", { name: "Which of these" }).first().selectOption("all");
  await waitFor("the text", async () => (await query().inputValue()).startsWith("state:failed and "));
  await page.getByRole("button", { name: /^Columns/ }).click();
  await page.getByRole("textbox", { name: "Search fields" }).fill("extra/m4[0-5]");
  await page.getByRole("checkbox", { name: /extra\/m42/ }).check();
  await accessible(page, "choosing columns");
  await page.keyboard.press("Escape");
  await waitFor("the column", () => page.locator('[data-column="summary_metrics.extra/m42"]').count());
  noFaults(page);
});

test("selected runs are tagged, deleted and brought back", async () => {
  await page.goto(server.url + "/mira/small/table");
  await grid().locator("[data-run]").first().waitFor();
  await grid().focus();
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Shift+J");
  await page.getByText("3 selected").waitFor();
  await accessible(page, "a selection");
  await picture(page, "table-selected-1440-dark");
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByRole("textbox", { name: "Tag" }).fill("keep");
  await page.keyboard.press("Enter");
  await page.getByText("3 runs tagged keep.").waitFor();
  const tagged = async () => (await server.graphql(key, 'query { project(entityName: "mira", name: "small") { runCount(filters: "{\\"tags\\":\\"keep\\"}") } }')).project.runCount;
  assert.equal(await tagged(), 3);
  await page.getByRole("button", { name: "Undo" }).click();
  await waitFor("no tag", async () => (await tagged()) === 0);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await footer("37 runs");
  await page.getByRole("button", { name: "Undo" }).click();
  await footer("40 runs");
  await page.keyboard.press("Escape");
  noFaults(page);
});

test("notes are written in place", async () => {
  await page.goto(server.url + "/mira/small/table?fields=state,notes,tags");
  const cell = grid().locator('[data-run="r000039"] [data-field="notes"]');
  await cell.waitFor();
  await cell.dblclick();
  await page.keyboard.type("the best of them");
  await page.keyboard.press("Enter");
  await waitFor("the note", async () => /the best of them/.test(await cell.textContent()));
  noFaults(page);
});

test("a server that is away leaves the rows", async () => {
  await page.goto(server.url + "/mira/small/table");
  await grid().locator("[data-run]").first().waitFor();
  await server.down();
  await query().fill("state:failed");
  await page.getByText("The runs could not be read.").waitFor({ timeout: 40_000 });
  assert.ok((await names()).length > 10);
  await accessible(page, "a table whose server is away");
  await server.run();
  await page.getByRole("button", { name: "Retry" }).click();
  await waitFor("the failed ones", async () => (await names()).length === 5);
  page.faults.splice(0);
});

test("light, narrow and wide", async () => {
  for (const [width, height, theme] of [[390, 844, "dark"], [1280, 800, "light"], [2560, 1440, "light"]]) {
    const other = await openPage(browser, { width, height, theme, as: [server, "mira", PASSWORD] });
    await other.goto(server.url + "/mira/small/table?base=r000007");
    await grid(other).locator("[data-run]").first().waitFor();
    await waitFor("the baseline", () => other.getByText("Compared with").count());
    assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} px`);
    await accessible(other, `${width} px, ${theme}`);
    await picture(other, `table-${width}-${theme}`);
    noFaults(other);
    await other.context().close();
  }
});
