// The table of very many runs, 100,000 at night: first page, scrolling, query, order, groups, columns, selection, by pointer and keyboard.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";
import { seed } from "./data.mjs";

const PASSWORD = "a long enough password";
const RUNS = process.env.BALLAST_ALL === "1" ? 100_000 : 30_000;
const ALL = RUNS.toLocaleString("en-US");
const figures = {};
let server, browser, key, page;

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await seed(server, ["mira", "big", RUNS], ["mira", "small", 40]);
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
  await footer(ALL + " runs");
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
  assert.ok(made < 90, `${made} rows for ${ALL} runs`);
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
  figures.jump = Math.round(await page.evaluate(async () => {
    const g = document.querySelector("[data-grid]"), at = performance.now();
    const drawn = () => [...g.querySelectorAll("[role=row][data-wait]")].filter((r) => { const b = r.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0 && r.style.display !== "none"; });
    g.scrollTop = g.scrollHeight / 2;
    for (;;) {
      await new Promise((r) => requestAnimationFrame(() => r()));
      const rows = drawn();
      if (rows.length > 10 && rows.every((r) => r.dataset.wait === "" && r.querySelector("a").textContent)) return performance.now() - at;
    }
  }));
  figures.jumpServer = await page.evaluate(async (offset) => {
    const ask = { project: "mira/big", q: "", filter: null, order: ["-created_at"], columns: ["config.lr"], offset, limit: 200 };
    return (await (await fetch("/api/runs", { method: "POST", headers: { "Content-Type": "application/json", "X-Ballast": "1" }, body: JSON.stringify(ask) })).json()).ms;
  }, Math.floor(RUNS / 3));
  await grid().evaluate((g) => { g.scrollTop = g.scrollHeight; });
  await grid().locator('[data-run="r000000"]').waitFor();
  assert.equal(await grid().locator("[role=row]").count(), made, "no row was made for it");
  noFaults(page);
});

test("a query, an order and what is wrong with a query", async () => {
  await query().fill("state:finished and config.optimizer:lion and summary_metrics.val/top1 > 0.8");
  await query().press("Enter");
  await waitFor("fewer", async () => (await page.locator("[data-table]").getByRole("status").first().textContent()).includes(`of ${ALL}`));
  await grid().getByRole("button", { name: /lr/ }).first().click();
  await waitFor("an order", () => grid().locator('[aria-sort="descending"]').count());
  await page.waitForURL(/sort=-config\.lr/);
  // the order is in the head before its rows are there
  const lr = (name) => Number(/-lr([\d.]+)-/.exec(name)?.[1]);
  await waitFor("lions by rate", async () => { const n = await names(); return n.length > 10 && n.every((t, i) => t.includes("lion") && (i === 0 || lr(n[i - 1]) >= lr(t))); });
  const kept = await names();
  await query().fill("state:finished and (");
  await page.getByText(/At character 20: a condition is missing/).waitFor();
  assert.deepEqual((await names()).slice(0, 20), kept.slice(0, 20), "the rows of the query before stay");
  await accessible(page, "a broken query");
  await query().fill("nowhere:1");
  await page.getByText(/nowhere is no field of a run, and none of the newest runs/).waitFor();
  await page.getByText(/field "nowhere" is unknown/).waitFor({ state: "attached" }).catch(() => {});
  await query().fill("sta");
  await page.getByRole("option", { name: /^state/ }).waitFor();
  await query().press("Tab");
  await becomes(() => query().inputValue(), "state ");
  // A metric by its bare name: offered, and understood.
  await query().fill("val/t");
  await page.getByRole("option", { name: /^val\/top1/ }).waitFor();
  await query().press("Tab");
  await query().pressSequentially("> 0.85 and optimizer:lion");
  await query().press("Enter");
  await waitFor("the best lions", async () => { const n = await names(); return n.length > 10 && n.every((t) => t.includes("lion")) && new RegExp(`^[1-9][\\d,]* of ${ALL}$`).test(await page.locator("[data-table]").getByRole("status").first().textContent()); });
  await becomes(() => page.getByText(/is no field/).count(), 0);
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
  await becomes(() => page.getByRole("textbox", { name: "Field" }).or(page.getByRole("combobox", { name: "Field" })).count(), 3);
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
  await becomes(tagged, 3);
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

const own = async () => (await server.graphql(key, '{ project(entityName: "mira", name: "small") { allViews(viewType: "project-view") { edges { node { name spec } } } } }')).project.allViews.edges.map((e) => e.node).find((v) => v.name === "nw-nwusermira-v")?.spec ?? "";
const cursorOn = (run) => waitFor(`the cursor on ${run}`, () => page.evaluate((n) => { const g = document.querySelector("[data-grid]"), id = g.getAttribute("aria-activedescendant"); return !!id && document.getElementById(id)?.dataset.run === n; }, run));

test("keys look into a run, draw it, tag it and make it the baseline", async () => {
  await page.goto(server.url + "/mira/small/table?fields=state,summary_metrics.val%2Ftop1,tags");
  await grid().locator('[data-run="r000038"]').waitFor();
  await page.getByText("12 drawn in the workspace").waitFor();
  await grid().focus();
  await cursorOn("r000039");
  await page.keyboard.press("j");
  await cursorOn("r000038");
  await page.keyboard.press("b");
  await page.getByText("Compared with").waitFor();
  await page.keyboard.press("k");
  await page.keyboard.press("Space");
  const look = page.getByRole("dialog");
  await look.getByText("Config that differs from the baseline").waitFor();
  await look.getByText("It printed nothing.").waitFor();
  await accessible(page, "a look into a run");
  await picture(page, "table-peek-1440-dark");
  await page.keyboard.press("Escape");
  await look.waitFor({ state: "detached" });
  await grid().focus();
  await page.keyboard.press("v");
  await page.getByText("11 drawn in the workspace").waitFor();
  await page.keyboard.press("Shift+V");
  await page.getByText("1 drawn in the workspace").waitFor();
  await waitFor("the workspace in the store", async () => { const s = await own(); return s.includes("r000039") && s.includes("r000038"); });
  await page.keyboard.press("t");
  await look.getByRole("textbox", { name: "Tag" }).fill("looked");
  await page.keyboard.press("Enter");
  await page.getByText("1 run tagged looked.").waitFor();
  await waitFor("the tag in its cell", async () => /looked/.test(await grid().locator('[data-run="r000039"]').textContent()));
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "1 drawn in the workspace" }).click();
  await page.getByText("1 drawn").first().waitFor();
  const list = page.getByRole("list", { name: /runs$/ });
  await list.locator('[data-run="r000039"]').last().waitFor();
  // The list of the workspace has the same keys.
  for (const k of ["j", "x", "Shift+J"]) await page.keyboard.press(k);
  await page.getByText("2 selected").waitFor();
  await accessible(page, "a selection in the workspace");
  await picture(page, "workspace-selected-1440-dark");
  await page.keyboard.press("t");
  await page.getByRole("dialog").getByRole("textbox", { name: "Tag" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByText("2 selected").waitFor({ state: "detached" });
  noFaults(page);
});

test("runs are compared side by side", async () => {
  await page.goto(server.url + "/mira/small/table?base=");
  await grid().locator("[data-run]").first().waitFor();
  await grid().focus();
  for (const k of ["x", "Shift+J", "Shift+J"]) await page.keyboard.press(k);
  await page.getByRole("button", { name: "Compare" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("row", { name: /^optimizer / }).waitFor();
  await becomes(() => dialog.getByRole("row", { name: /^Created/ }).count(), 1);
  await accessible(page, "runs compared");
  await picture(page, "table-compare-1440-dark");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  noFaults(page);
});

test("all found are saved as a file or copied as code that the package runs", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(server.url + "/mira/small/table?q=" + encodeURIComponent("state:finished and optimizer in [lion, muon]") + "&sort=-config.lr,%2Bname&group=config.optimizer&fields=state,tags,config.lr,summary_metrics.val%2Ftop1");
  await footer(/in 2 groups/);
  const found = Number(/^(\d+) runs/.exec(await page.locator("[data-table]").textContent().then((t) => t.match(/\d+ runs in/)[0]))[1]);
  const choose = async (item) => {
    await page.getByRole("button", { name: "Export the runs found" }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  for (const [item, first] of [[/^CSV/, "name,display_name,"], [/^Parquet/, "PAR1"]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), choose(item)]);
    const text = readFileSync(await file.path(), "latin1");
    assert.ok(text.startsWith(first), `${item}: ${text.slice(0, 40)}`);
    if (first !== "PAR1") assert.equal(text.trim().split("\r\n").length, found + 1);
  }
  await choose("Copy as API code");
  const code = await waitFor("the code", () => page.evaluate(() => navigator.clipboard.readText()));
  const { code: exit, out } = await server.train(key, code).ended;
  assert.equal(exit, 0, out);
  assert.match(out, /lion/);
  assert.match(out, /val\/top1/);
  noFaults(page);
});

test("columns are fitted, moved, pinned and hidden by menu, and stay so for the next visit", async () => {
  const heads = () => page.locator("[data-column]").evaluateAll((all) => all.map((h) => h.dataset.column));
  const menu = async (column, item) => {
    await page.getByRole("button", { name: `Column ${column}`, exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: item, exact: true }).waitFor();
    await page.getByRole("menuitem", { name: item, exact: true }).press("Enter");
  };
  await page.goto(server.url + "/mira/small/table?fields=state,config.lr,tags,duration");
  await grid().locator("[data-run]").first().waitFor();
  await menu("config.lr", "Move left");
  await waitFor("the rate first", async () => (await heads()).join() === "display_name,config.lr,state,tags,duration");
  await menu("Tags", "Hide");
  await waitFor("no tags", async () => !(await heads()).includes("tags"));
  await menu("config.lr", "Pin up to here");
  await page.waitForURL(/pins=1/);
  await page.getByRole("button", { name: "Column config.lr", exact: true }).focus();
  await page.keyboard.press("Enter");
  await accessible(page, "the menu of a column");
  await page.keyboard.press("Escape");
  await page.goto(server.url + "/mira/small/table");
  await waitFor("the same columns", async () => (await heads()).join() === "display_name,config.lr,state,duration");
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

test("loading, and a project without runs", async () => {
  let go;
  const held = new Promise((done) => { go = done; });
  await page.route("**/api/runs", async (route) => { await held; await route.continue(); });
  await page.goto(server.url + "/mira/small/table");
  await page.getByRole("status", { name: "Reading runs" }).waitFor();
  await accessible(page, "a table that is read");
  await picture(page, "table-loading-1440-dark");
  go();
  await grid().locator("[data-run]").first().waitFor();
  await page.unroute("**/api/runs");
  await server.graphql(key, 'mutation { upsertModel(input: {entityName: "mira", name: "empty"}) { model { id } } }');
  await page.goto(server.url + "/mira/empty/table");
  await page.getByText("This project has no runs yet.").waitFor();
  await accessible(page, "a table without runs");
  await picture(page, "table-empty-1440-dark");
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

/** Runs whose names and keys are hard to show: 300 letters, right to left, emoji, dots and slashes, 5,000 keys. */
async function oddRuns() {
  const make = (name, display, config, summary) => server.graphql(key, "mutation($n: String!, $d: String!, $c: JSONString!, $s: JSONString!) { upsertBucket(input: {entityName: \"mira\", modelName: \"odd\", name: $n, displayName: $d, config: $c, summaryMetrics: $s}) { bucket { id } } }", { n: name, d: display, c: JSON.stringify(config), s: JSON.stringify(summary) });
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key/${i % 50}.part-${i}`, { value: i }]));
  await make("long", "n".repeat(290) + "-the-end", many, { "val/a.b/c": 0.5, "loss": "NaN" });
  await make("rtl", "תמונה ניסוי 17", { "מפתח": { value: "ערך" } }, { "val/a.b/c": 0.7, "loss": 3 });
  await make("emoji", "🎯🚀 run 👩‍🔬", { "🎛 gain": { value: "🔊" } }, { "val/a.b/c": 0.9, "loss": 1 });
}

test("odd names and five thousand keys, light and dark, narrow and wide", async () => {
  await oddRuns();
  for (const [width, height, theme] of [[390, 844, "dark"], [1280, 800, "light"], [1440, 900, "light"], [2560, 1440, "dark"]]) {
    const other = await openPage(browser, { width, height, theme, as: [server, "mira", PASSWORD] });
    await other.goto(server.url + "/mira/odd/table?base=rtl&fields=state,summary_metrics.val%2Fa%5C.b%2Fc,summary_metrics.loss,config.%D7%9E%D7%A4%D7%AA%D7%97,tags");
    await grid(other).locator('[data-run="long"]').waitFor();
    await other.getByText("Compared with").waitFor();
    if (width > 1000) await waitFor("a difference", () => other.getByText("+0.2").count());
    assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} px`);
    assert.ok((await grid(other).locator('[data-run="long"] a').innerText()).endsWith("the-end"));
    await accessible(other, `${width} px, ${theme}`);
    await picture(other, `table-${width}-${theme}`);
    await other.getByRole("button", { name: /^Columns/ }).click();
    await other.getByRole("textbox", { name: "Search fields" }).fill("part-49[0-9]{2}");
    await waitFor("the keys that match", () => other.getByRole("checkbox", { name: /part-49/ }).count());
    assert.ok((await other.getByRole("dialog").getByRole("checkbox").count()) < 60, "five thousand keys are not five thousand rows");
    await accessible(other, `choosing of five thousand keys, ${width} px`);
    await picture(other, `table-picker-${width}-${theme}`);
    noFaults(other);
    await other.context().close();
  }
});
