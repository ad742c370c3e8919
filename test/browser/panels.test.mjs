// The kinds of panels with data of the real SDK: media, tables, custom charts, charts of one mark per run, words, code;
// and what is broken, too large, endless or evil.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { accessible, becomes, launch, noFaults, openPage, panel, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const SCRIPT = readFileSync(fileURLToPath(new URL("panels.py", import.meta.url)), "utf8");
let server, browser, key, evil;
const hits = [];
before(async () => {
  // Somebody else's server, which nothing here may reach.
  evil = createServer((req, res) => { hits.push(`${req.method} ${req.url}`); res.setHeader("Access-Control-Allow-Origin", "*"); res.end("evil"); });
  await new Promise((done) => evil.listen(0, "127.0.0.1", done));
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  const scripts = [["gallery", "gallery"], ["study", "study"], ["bad", "bad", `http://127.0.0.1:${evil.address().port}`], ["huge", "huge"]].map((args) => server.train(key, SCRIPT, ...args));
  for (const p of scripts) {
    const { code, out } = await p.ended;
    assert.equal(code, 0, out);
  }
});
after(async () => { await browser?.close(); await server?.stop(); evil?.close(); });

const open = async (project, options = {}) => {
  const spec = JSON.stringify({ section: { settings: { shouldAutoGeneratePanels: true } } });
  await server.graphql(key, "mutation Store($input: UpsertViewInput!) { upsertView(input: $input) { view { id } } }", { input: { entityName: "mira", projectName: project, type: "project-view", name: "nw-nwusermira-v", displayName: "Mine", spec } });
  const page = await openPage(browser, { as: [server, "mira", PASSWORD], height: 1000, ...options });
  await page.goto(`${server.url}/mira/${project}/workspace`);
  return page;
};
/** A workspace with these panels and no others, stored as the screens store it: each panel by the name that wandb-workspaces has for it. */
const withPanels = async (project, panels, options = {}) => {
  const section = { __id__: "s1", name: "Kinds", isOpen: true, type: "flow", ballast: { collects: null, rows: 100 }, panels: panels.map(({ title, viewType, config, size }, i) => ({ __id__: `t${i}`, viewType, config: { ...config, chartTitle: title }, layout: { x: 0, y: 0, ...(size ?? { w: 8, h: 6 }) } })) };
  const runs = { query: "", group: [], order: ["-created_at"], columns: [], pinned: [], baseline: null, colours: {}, colourBy: null, visible: { base: "all", over: {} } };
  const spec = { section: { panelBankConfig: { state: 1, settings: { autoOrganizePrefix: 1 }, sections: [section] }, settings: { shouldAutoGeneratePanels: false }, ballast: { version: 1, cols: null, order: ["s1"], removed: [], runs } } };
  await server.graphql(key, "mutation Store($input: UpsertViewInput!) { upsertView(input: $input) { view { id } } }", { input: { entityName: "mira", projectName: project, type: "project-view", name: "nw-nwusermira-v", displayName: "Kinds", spec: JSON.stringify(spec) } });
  const page = await openPage(browser, { as: [server, "mira", PASSWORD], height: 1000, ...options });
  await page.goto(`${server.url}/mira/${project}/workspace`);
  return page;
};
const drawnFrames = (page, name, n) => waitFor(`${n} frames of ${name}`, async () => (await panel(page, name).locator("[data-sandbox='drawn']").count()) >= n, 60_000);
const see = async (page, name) => {
  await panel(page, name).waitFor();
  await waitFor(`${name} in view`, async () => { await panel(page, name).scrollIntoViewIfNeeded({ timeout: 5000 }); return true; });
  return panel(page, name);
};

test("media: every kind is drawn, beside each other by run", async () => {
  const page = await open("gallery");
  const pic = await see(page, "pic");
  await waitFor("two pictures", async () => (await pic.locator("img").evaluateAll((all) => all.filter((i) => i.complete && i.naturalWidth === 160).length)) === 2);
  await becomes(async () => (await see(page, "many/pics.a")).locator("img").count(), 6);
  await becomes(async () => (await see(page, "sound")).locator("audio").count(), 2);
  await becomes(async () => (await see(page, "hist")).getByRole("img").first().getAttribute("aria-label"), /gallery-\d, step 3: 500 values from/);
  for (const name of ["cloud", "mesh", "molecule", "page"]) {
    await see(page, name);
    await drawnFrames(page, name, 2);
  }
  const inside = page.frames().find((f) => f.url().endsWith("/frame/page.html"));
  assert.match(await inside.evaluate(() => document.body.innerText), /Step 3\s+its script ran/);
  await see(page, "pic");
  await picture(page, "media-1440-dark");
  await accessible(page, "media, dark");
  noFaults(page);
  await page.context().close();
});

test("media: one thing over the whole window with its neighbours by keys; two side by side", async () => {
  const page = await open("gallery");
  const pic = await see(page, "pic");
  await waitFor("two pictures", async () => (await pic.locator("img").count()) === 2);
  await pic.getByRole("button", { name: /^Open gallery-/ }).first().press("Enter");
  const viewer = page.getByRole("dialog", { name: "pic" });
  const place = viewer.locator("output").first();
  await waitFor("the first", async () => (await place.innerText()) === "1 of 2");
  await page.keyboard.press("ArrowRight");
  await waitFor("the second", async () => (await place.innerText()) === "2 of 2");
  await page.keyboard.press("Home");
  await waitFor("the first again", async () => (await place.innerText()) === "1 of 2");
  await page.keyboard.press("Shift+ArrowLeft");
  await waitFor("a step before", async () => (await viewer.locator("img").getAttribute("alt")).endsWith("step 2"));
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "detached" });
  for (const n of [0, 1]) await pic.getByRole("button", { name: /^Choose gallery-/ }).nth(n).press("Enter");
  await pic.getByRole("button", { name: "Side by side" }).press("Enter");
  const both = page.getByRole("dialog", { name: "pic: 2 side by side" });
  await waitFor("both pictures", async () => (await both.locator("img").evaluateAll((all) => all.filter((i) => i.complete && i.naturalWidth === 160).length)) === 2);
  await accessible(page, "media, side by side");
  noFaults(page);
  await page.context().close();
});

test("media: a slider moves all runs in step, by pointer and keyboard; classes are switched one by one", async () => {
  const page = await open("gallery", { theme: "light" });
  const pic = await see(page, "pic");
  const slider = pic.getByRole("slider", { name: "Step of pic" });
  await slider.waitFor();
  await becomes(() => pic.locator("img").evaluateAll((all) => all.map((i) => i.alt.match(/step (\d)$/)[1])), ["3", "3"]);
  await pic.getByRole("button", { name: "Previous step of pic" }).click();
  await waitFor("step 2", async () => (await pic.locator("img").first().getAttribute("alt")).endsWith("step 2"));
  await pic.focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await waitFor("step 1", async () => (await pic.locator("img").first().getAttribute("alt")).endsWith("step 1"));
  await slider.focus();
  await page.keyboard.press("End");
  await waitFor("step 3", async () => (await pic.locator("output").first().innerText()) === "step 3");

  const mask = () => pic.locator("canvas").first().evaluate((c) => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; });
  const both = await waitFor("a mask", async () => (await mask()) > 0 && mask());
  const classes = pic.getByRole("group", { name: "Overlays of pic" });
  await classes.getByRole("button", { name: "dog" }).last().click();
  await waitFor("fewer marked", async () => { const n = await mask(); return n > 0 && n < both; });
  await becomes(() => pic.locator("svg rect").count(), 4);
  await pic.getByRole("slider", { name: "Least score of boxes of pic" }).focus();
  for (let i = 0; i < 50; i++) await page.keyboard.press("ArrowRight");
  await waitFor("only boxes of score 0.9", async () => (await pic.locator("svg rect").count()) === 2);
  await classes.getByRole("button", { name: "boxes predictions" }).click();
  await waitFor("no boxes", async () => (await pic.locator("svg rect").count()) === 0);
  await page.reload();
  await see(page, "pic");
  await waitFor("the choice stays", async () => (await panel(page, "pic").getByRole("button", { name: "boxes predictions" }).getAttribute("aria-pressed")) === "false");
  await picture(page, "media-overlays-1440-light");
  await accessible(page, "media, light");
  noFaults(page);
  await page.context().close();
});

test("tables: from the artifact with its images, sorted, searched and tested on the server", async () => {
  const page = await open("gallery");
  const tab = await see(page, "tab");
  await tab.getByText("12 rows").waitFor();
  const column = (n) => tab.locator("[role=row][aria-rowindex]").evaluateAll((rows, n) => rows.map((r) => r.children[n].textContent), n);
  await waitFor("images in cells", async () => (await tab.locator("img").evaluateAll((all) => all.filter((i) => i.complete && i.naturalWidth === 40).length)) >= 3);
  await tab.getByRole("button", { name: "score" }).click();
  await waitFor("sorted", async () => (await column(3))[0] === "0");
  await tab.getByRole("button", { name: "score" }).click();
  await waitFor("the other way", async () => (await column(3))[0] === "0.9090909");
  await becomes(() => tab.getByRole("columnheader", { name: "score" }).getAttribute("aria-sort"), "descending");
  await tab.getByRole("textbox", { name: "Search in tab" }).fill("row 1");
  await tab.getByText("3 of 12 rows").waitFor(); // 1, 10, 11
  await tab.getByRole("textbox", { name: "Search in tab" }).fill("");
  await tab.getByRole("button", { name: "Filter" }).click();
  await tab.getByRole("button", { name: "Test", exact: true }).click();
  await tab.getByRole("combobox", { name: "Column of test 1" }).selectOption("kind");
  await tab.getByRole("combobox", { name: "Operator of test 1" }).selectOption("is");
  await tab.getByRole("textbox", { name: "Value of test 1" }).fill("odd");
  await tab.getByText("6 of 12 rows").waitFor();
  await tab.getByRole("textbox", { name: "Value of test 1" }).fill("neither");
  await tab.getByText("No row matches.").waitFor();
  await accessible(page, "a table that no row passes");
  await tab.getByRole("button", { name: "Clear the filter" }).click();
  await tab.getByText("12 rows", { exact: true }).waitFor();
  await picture(page, "table-panel-1440-dark");
  noFaults(page);
  await page.context().close();
});

test("tables: of all runs as one, joined, in parts, growing", async () => {
  const table = (tableKey) => ({ viewType: "Data Frame Table", title: tableKey, config: { tableKey }, size: { w: 12, h: 6 } });
  const page = await withPanels("gallery", ["tab", "growing", "joined", "parted"].map(table), { height: 1300 });
  const heads = (name) => panel(page, name).getByRole("columnheader").allInnerTexts().then((t) => t.slice(1).join());
  const rows = (name) => panel(page, name).locator("[role=row][aria-rowindex]").evaluateAll((all) => all.map((r) => [...r.children].slice(1).map((c) => c.textContent).join()));
  await waitFor("a joined table", async () => (await heads("joined")) === "id,left: guess,right: truth");
  await becomes(() => rows("joined"), ["1,cat,–", "2,dog,dog", "3,–,cow"]);
  await waitFor("the parts of a table", async () => (await rows("parted")).join() === "0,1");
  await waitFor("all increments", async () => (await rows("growing")).length === 3);
  await becomes(async () => (await rows("growing")).map((r) => Number(r.split(",")[0]) - Number((r.split(",")[0]) % 10)), [0, 10, 20]);
  const tab = panel(page, "tab"), runs = tab.getByRole("combobox", { name: "Runs of tab" });
  await runs.selectOption("stack");
  await tab.getByText("24 rows", { exact: true }).waitFor();
  await waitFor("a column of runs", async () => (await heads("tab")).startsWith("run,id,name"));
  await waitFor("their images", async () => (await tab.locator("img").evaluateAll((all) => all.filter((i) => i.complete && i.naturalWidth === 40).length)) >= 3);
  await runs.selectOption("join");
  await tab.getByText("12 rows", { exact: true }).waitFor();
  await waitFor("columns of both runs", async () => /gallery-0: score.*gallery-1: score|gallery-1: score.*gallery-0: score/.test(await heads("tab")));
  await picture(page, "tables-together-1440-dark");
  await accessible(page, "tables of several runs");
  noFaults(page);
  await page.context().close();
});

test("tables: 200,000 rows, to the end and back", async () => {
  const page = await open("huge");
  const long = await see(page, "long");
  await long.getByText("200,000 rows").waitFor();
  const rows = long.getByRole("table");
  const start = Date.now();
  await rows.evaluate((el) => { el.scrollTop = el.scrollHeight; });
  await long.getByText("row number 199999 of many").waitFor();
  console.log(`# the last of 200,000 rows after ${Date.now() - start} ms`);
  await long.getByRole("button", { name: "score" }).click();
  await rows.evaluate((el) => { el.scrollTop = 0; });
  await long.getByText("row number 0 of many").waitFor();
  assert.ok((await long.locator("[role=row]").count()) < 60, "only what is in sight is on the page");
  await page.context().close();
});

test("custom charts: those of wandb.plot draw themselves, and live under the pointer", async () => {
  const page = await open("gallery", { theme: "light", height: 1400 });
  for (const name of ["auc", "bars", "conf", "dots", "histo", "line", "series"]) {
    const p = await see(page, name);
    await waitFor(`the chart ${name}`, async () => (await p.locator("[data-chart='drawn'] img").evaluateAll((all) => all.some((i) => i.complete && i.naturalWidth > 100))), 40_000);
  }
  await becomes(() => page.getByRole("article", { name: "line_table" }).count(), 0, "their tables are not panels of their own");
  await see(page, "bars");
  await picture(page, "custom-charts-1440-light");
  await panel(page, "line").hover();
  await drawnFrames(page, "line", 1);
  await becomes(() => panel(page, "line").locator("iframe").getAttribute("title"), /line: 100 rows of 2 runs/);
  await accessible(page, "custom charts");
  noFaults(page);
  await page.context().close();
});

test("custom charts: a spec with an error, one that loads, one that never ends", async () => {
  const table = { queryFields: [{ name: "runSets", fields: [{ name: "id" }, { name: "summaryTable", args: [{ name: "tableKey", value: "dots_table" }] }] }] };
  const chart = (title, spec) => ({ viewType: "Vega2", title, config: { userQuery: table, spec: typeof spec === "string" ? spec : JSON.stringify(spec) } });
  const page = await withPanels("gallery", [
    chart("fine", { mark: "point", encoding: { x: { field: "h", type: "quantitative" }, y: { field: "w", type: "quantitative" } } }),
    chart("typo", '{\n  "mark": point\n}'),
    chart("wrong", { mark: "no such mark", encoding: {} }),
    chart("loads", { data: { url: "https://example.com/x.json" }, mark: "point", encoding: {} }),
    chart("endless", { $schema: "https://vega.github.io/schema/vega/v6.json", width: 100, height: 100, data: [{ name: "wandb" }], marks: [{ type: "symbol", from: { data: "wandb" }, transform: [{ type: "force", iterations: 1e9, static: true, forces: [{ force: "nbody" }] }] }] }),
    chart("expression", { $schema: "https://vega.github.io/schema/vega/v6.json", width: 100, height: 100, signals: [{ name: "s", update: "constructor.constructor('return 1')()" }], marks: [] }),
    { viewType: "Vega2", title: "unknown", config: { panelDefId: "somebody/else", userQuery: table } },
  ], { height: 1300 });
  await waitFor("the fine one", async () => (await panel(page, "fine").locator("[data-chart='drawn'] img").count()) === 1, 40_000);
  await panel(page, "typo").getByText("Line 2, column 11").waitFor();
  await panel(page, "unknown").getByText("“somebody/else” is not known here").waitFor();
  await panel(page, "wrong").getByText("The chart cannot be drawn.").waitFor();
  await panel(page, "endless").getByText("did not come to an end within 6 seconds").waitFor({ timeout: 60_000 });
  await panel(page, "loads").getByText(/nothing is loaded/).first().waitFor();
  await panel(page, "expression").getByText("The chart cannot be drawn.").waitFor({ timeout: 30_000 });
  assert.equal(await page.evaluate(() => 1 + 1), 2);
  await picture(page, "custom-charts-bad-1440-dark");
  await accessible(page, "charts that are wrong");
  noFaults(page);
  await page.context().close();
});

const KINDS = [
  { viewType: "Bar Chart", title: "bars", config: { metrics: ["val/loss"] } },
  { viewType: "Bar Chart", title: "boxes", config: { metrics: ["val/loss"], groupBy: "config:opt.value.name", plotStyle: "boxplot" } },
  { viewType: "Bar Chart", title: "violins", config: { metrics: ["val/loss"], groupBy: "config:opt.value.name", plotStyle: "violin" } },
  { viewType: "Scatter Plot", title: "dots", config: { xAxis: "config:lr.value", yAxis: "summary:val/loss", zAxis: "config:depth.value", xAxisLogScale: true, showLinearRegression: true, frontier: "min" } },
  { viewType: "Scalar Chart", title: "number", config: { metrics: ["val/loss"], groupAgg: "min" } },
  { viewType: "Parameter Importance", title: "importance", config: { targetKey: "summary:val/loss" } },
  { viewType: "Parallel Coordinates Plot", title: "parallel", size: { w: 24, h: 7 }, config: { columns: [{ accessor: "config:opt.value.name" }, { accessor: "config:lr.value", log: true }, { accessor: "config:depth.value" }, { accessor: "summary:val/loss" }] } },
  { viewType: "Run Comparer", title: "comparer", size: { w: 24, h: 7 }, config: { diffOnly: true } },
  { viewType: "Markdown Panel", title: "words", config: { value: "# Notes\n\n$x^2$ <script>alert(1)</script> ![p](https://example.com/p.png)" } },
];

test("one mark per run: bars, boxes, violins, dots, a number, importance, parallel coordinates, comparer, words", async () => {
  const page = await withPanels("study", KINDS, { height: 1500 });
  const label = (name) => waitFor(name, () => panel(page, name).getByRole("img").first().getAttribute("aria-label"));
  await becomes(() => label("bars"), /^bars\. .*sgd-.*: /);
  await becomes(() => label("boxes"), /sgd, val\/loss: mean .* 8 runs/);
  await becomes(() => label("violins"), /adam, val\/loss: mean/);
  await becomes(() => label("dots"), /24 runs\. Correlation/);
  await becomes(() => panel(page, "number").innerText(), /least of 24 runs/);
  const rows = panel(page, "importance").getByRole("row");
  await waitFor("importance", async () => (await rows.count()) > 3);
  const order = await rows.evaluateAll((all) => all.slice(1).map((r) => r.children[0].textContent));
  assert.deepEqual(order.slice(0, 2).sort(), ["lr", "opt.name"]);
  await becomes(() => label("parallel"), /24 runs over opt\.name, 3 values; lr from/);

  // A brush by keyboard becomes a condition of the list, so all panels show fewer runs; it stays after a reload.
  await panel(page, "parallel").getByRole("slider", { name: "Brush of lr" }).focus();
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowUp");
  const query = page.getByRole("textbox", { name: "Filter runs" });
  await waitFor("a condition in the list's query", async () => /^config\.lr >= 0\.00\d+$/.test(await query.inputValue()));
  const runs = async (name) => Number((await panel(page, name).getByRole("img").first().getAttribute("aria-label")).match(/(\d+) runs/)?.[1]);
  const kept = await waitFor("fewer runs", async () => { const n = await runs("parallel"); return n > 0 && n < 24 && n; });
  await waitFor("as few dots", async () => (await panel(page, "dots").locator("circle").count()) === kept);
  await becomes(() => label("parallel"), /lr from \d\.\d+e−4/, "the axis reaches as far as before");
  await picture(page, "kinds-1440-dark");
  await accessible(page, "kinds, dark");
  await page.reload();
  await waitFor("the same brush", async () => (await panel(page, "parallel").innerText()).includes(`${kept} runs pass`));
  // Words: a brush over "adam" alone.
  const words_ = await panel(page, "parallel").getByRole("slider", { name: "Brush of opt.name" }).boundingBox();
  await page.mouse.move(words_.x + 12, words_.y + words_.height - 2);
  await page.mouse.down();
  await page.mouse.move(words_.x + 12, words_.y + words_.height - 30, { steps: 4 });
  await page.mouse.up();
  await waitFor("a list of words", async () => (await query.inputValue()).endsWith("config.opt.name in [adam]"));
  await panel(page, "parallel").getByRole("button", { name: "Clear brushes" }).click();
  await waitFor("no condition", async () => (await query.inputValue()) === "");
  await waitFor("all runs again", async () => (await runs("parallel")) === 24);
  await panel(page, "parallel").getByRole("button", { name: "Column depth" }).click();
  await page.getByRole("menuitem", { name: "Move left" }).click();
  await waitFor("another order", async () => (await label("parallel")).indexOf("depth") < (await label("parallel")).indexOf("lr"));

  const comparer = panel(page, "comparer");
  await comparer.getByText(/of \d+ rows/).waitFor();
  const few = await comparer.locator("[role=row]").count();
  assert.ok(!(await comparer.innerText()).includes("Python"), "what is equal is left out");
  await comparer.getByRole("button", { name: "Only differences" }).click();
  await waitFor("all rows", async () => (await comparer.locator("[role=row]").count()) > few);
  await comparer.getByRole("textbox", { name: "Search in comparer" }).fill("opt.name");
  await waitFor("one row", async () => (await comparer.locator("[role=row]").count()) === 2);

  const words = await see(page, "words");
  await waitFor("a formula", async () => (await words.locator("math").count()) === 1);
  await becomes(() => words.locator("script, img").count(), 0);

  // Under the pointer a run is in focus everywhere.
  await see(page, "dots");
  await panel(page, "dots").locator("circle").first().hover();
  await waitFor("the run in the list", async () => (await page.locator("[data-run][data-focus]").count()) === 1);
  await page.mouse.move(5, 900);
  noFaults(page);
  await page.context().close();
});

test("what is drawn is saved as PNG, SVG and CSV", async () => {
  const page = await withPanels("study", [...KINDS.filter((k) => !["comparer", "words"].includes(k.title)), { viewType: "Run History Line Plot", title: "line", config: { metrics: ["val/loss"] } }], { height: 1500 });
  const saved = async (name, item) => {
    await see(page, name);
    await panel(page, name).hover();
    await panel(page, name).getByRole("button", { name: `More about ${name}` }).click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: item }).click()]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  await waitFor("importance", async () => (await panel(page, "importance").getByRole("row").count()) > 3);
  for (const [name, mark] of [["line", "<path"], ["bars", "<rect"], ["boxes", "<line"], ["violins", "<polygon"], ["dots", "<circle"], ["parallel", "<path"], ["importance", "<path"], ["number", "<text"]]) {
    await waitFor(name, () => panel(page, name).getByText(/./).first().isVisible());
    const svg = await saved(name, "Save as SVG"), text = svg.bytes.toString();
    assert.equal(svg.name, `${name}.svg`);
    assert.ok(text.includes(mark), `${mark} in ${name}`);
    assert.ok(!/var\(|class="/.test(text), `${name} stands for itself`);
    const drawnAt = await page.evaluate((t) => new Promise((ok) => { const i = new Image(); i.onload = () => ok(i.width); i.onerror = () => ok(0); i.src = "data:image/svg+xml," + encodeURIComponent(t); }), text);
    assert.ok(drawnAt > 100, `a browser draws ${name}`);
  }
  for (const name of ["line", "parallel"]) {
    const png = await saved(name, "Save as PNG");
    assert.deepEqual([png.name, png.bytes.subarray(1, 4).toString()], [`${name}.png`, "PNG"]);
  }
  const csv = (await saved("dots", "Save as CSV")).bytes.toString().trim().split("\n");
  assert.equal(csv[0], "Run,lr,val/loss,depth");
  assert.equal(csv.length, 25);
  await panel(page, "line").hover();
  await panel(page, "line").getByRole("button", { name: "More about line" }).click();
  await page.getByRole("menuitem", { name: "Copy as API code" }).click();
  await waitFor("code", async () => /history\(keys=\["val\/loss"\]\)/.test(await page.evaluate(() => navigator.clipboard.readText())));
  noFaults(page);
  await page.context().close();
});

test("the kinds in the light, and on a phone", async () => {
  for (const [theme, width, height] of [["light", 1440, 1500], ["dark", 390, 2400]]) {
    const page = await withPanels("study", KINDS, { theme, width, height });
    await panel(page, "dots").locator("circle").first().waitFor();
    await waitFor("importance", async () => (await panel(page, "importance").getByRole("row").count()) > 3);
    await accessible(page, `kinds, ${theme}, ${width}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is pushed aside");
    await picture(page, `kinds-${width}-${theme}`);
    noFaults(page);
    await page.context().close();
  }
});

test("the drawer adds a panel of any kind, and shows what is edited while it is typed", async () => {
  const page = await withPanels("gallery", [{ viewType: "Markdown Panel", title: "words", config: { value: "hello" } }]);
  await panel(page, "words").focus();
  await page.keyboard.press("e");
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("textbox", { name: /Markdown/ }).fill("# Heading\n\nsome *words*");
  await drawer.getByRole("heading", { name: "Heading", level: 1 }).waitFor();
  await drawer.getByRole("button", { name: "Keep" }).click();
  await panel(page, "words").getByText("some").waitFor();

  const chart = await withPanels("gallery", [{ viewType: "Vega2", title: "mine", config: { visualize: "dots" } }]);
  await waitFor("the chart", async () => (await panel(chart, "mine").locator("[data-chart='drawn'] img").count()) === 1, 40_000);
  await panel(chart, "mine").focus();
  await chart.keyboard.press("e");
  const edit = chart.getByRole("dialog");
  await edit.getByRole("button", { name: "Edit as Vega spec" }).click();
  const spec = edit.getByRole("textbox", { name: /Vega or Vega-Lite/ });
  const text = await spec.inputValue();
  assert.match(text, /"field": "h"/);
  await spec.fill(text.replace('"point"', "point"));
  await edit.getByRole("alert").filter({ hasText: /^Line \d+, column \d+/ }).first().waitFor();
  await spec.fill(text.replace('"point"', '"square"'));
  await waitFor("the chart again", async () => (await edit.locator("[data-chart='drawn'] img").count()) === 1, 40_000);
  await picture(chart, "chart-editor-1440-dark");
  await accessible(chart, "the editor of a chart");
  await edit.getByRole("button", { name: "Keep" }).click();
  await page.context().close();
  noFaults(chart);
  await chart.context().close();
});

test("full screen shows a panel as a table too", async () => {
  const page = await withPanels("study", KINDS.slice(0, 4));
  await panel(page, "dots").locator("circle").first().waitFor();
  await panel(page, "dots").focus();
  await page.keyboard.press("f");
  const full = page.getByRole("dialog");
  await full.locator("circle").first().waitFor();
  await full.getByRole("button", { name: "Table" }).click();
  await becomes(() => full.getByRole("row").count(), 25);
  await page.keyboard.press("Escape");
  await page.context().close();
});

test("a line's legend shows values at the crosshair; a click hides a line, with ⇧ the others", async () => {
  const page = await withPanels("gallery", [{ viewType: "Run History Line Plot", title: "loss", config: { metrics: ["loss"] } }]);
  const runs = () => panel(page, "loss").getByRole("img").getAttribute("aria-label");
  await waitFor("two lines", async () => /2 runs/.test(await runs()));
  await panel(page, "loss").focus();
  await page.keyboard.press("e");
  await page.getByRole("dialog").getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog").getByRole("checkbox", { name: "Names below, with the values at the crosshair" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).click();
  const legend = panel(page, "loss").getByRole("group", { name: "Legend of loss" });
  const values = () => legend.locator("output").allInnerTexts();
  await waitFor("the last values", async () => (await values()).sort().join() === "0.2,0.25");
  const b = await panel(page, "loss").locator(".u-over").boundingBox();
  await page.mouse.move(b.x + 30, b.y + 20);
  await page.mouse.move(b.x + 3, b.y + 20);
  await waitFor("the first values", async () => (await values()).sort().join() === "0.5,1");
  await page.mouse.move(5, 500);
  await legend.getByRole("button", { name: /gallery-0/ }).click();
  await waitFor("one line", async () => /1 run\./.test(await runs()));
  await legend.getByRole("button", { name: /gallery-0/ }).click({ modifiers: ["Shift"] });
  await waitFor("the other alone", async () => /1 run\..*gallery-0/.test(await runs()));
  await waitFor("its value", async () => (await values()).join() === "0.25");
  await accessible(page, "a legend");
  await picture(page, "legend-1440-dark");

  // An expression in the place of the metric: a fault is marked where it stands, and the server computes each row.
  await panel(page, "loss").focus();
  await page.keyboard.press("e");
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("button", { name: "Expression" }).click();
  const formula = drawer.getByRole("textbox", { name: "Expression 1" });
  await formula.fill("loss * 100 +");
  await drawer.getByText("at character 13 a value is missing").first().waitFor();
  await accessible(page, "an expression with a fault");
  await picture(page, "expression-fault-1440-dark");
  await formula.fill("loss * 100 + nowhere");
  await drawer.getByText("No run in view logged nowhere.").waitFor();
  await formula.fill("(1 - loss) * 100");
  await drawer.getByRole("button", { name: "Keep" }).click();
  await waitFor("computed values", async () => /gallery-0: first 0, last 75, from 0 to 75/.test(await runs()));
  noFaults(page);
  await page.context().close();
});

test("code of two runs, and what differs", async () => {
  const page = await withPanels("gallery", [{ viewType: "Code Comparer", title: "code", size: { w: 24, h: 8 }, config: { file: "code/train.py" } }]);
  const code = panel(page, "code");
  await code.getByText("1 out, 1 in").waitFor();
  await becomes(() => code.getByRole("region").innerText(), /equal lines[\s\S]*lr = 0\.0?1[\s\S]*lr = 0\.0?1/);
  await code.getByRole("button", { name: /equal lines/ }).click();
  await code.getByText("line 20", { exact: false }).first().waitFor();
  await code.getByRole("button", { name: "Side by side" }).click();
  await picture(page, "code-1440-dark");
  await accessible(page, "code");
  noFaults(page);
  await page.context().close();
});

const medium = (mediaKey, title = mediaKey) => ({ viewType: "Media Browser", title, config: { mediaKeys: [mediaKey] } });

test("an evil page reaches neither our origin nor the network", async () => {
  const page = await withPanels("bad", [medium("evil"), medium("leaves")]);
  const said = await waitFor("what it tried", async () => { const t = await panel(page, "evil").frameLocator("iframe").locator("#out").innerText({ timeout: 2000 }); return t.includes("no-session") && t; }, 60_000);
  for (const word of ["origin:null", "no-storage", "no-cookie", "no-parent", "no-fetch", "no-session", "no-popup"]) assert.ok(said.includes(word), `${word} in ${said}`);
  assert.ok(!(await page.title()).includes("stolen"));
  assert.ok(page.url().includes("/mira/bad/workspace"));
  await page.waitForTimeout(1500); // the other page has left, for nowhere
  assert.deepEqual(hits, [], "nothing reached the other server");
  await accessible(page, "an evil page");
  await page.context().close();
});

test("a page that never ends is stopped; the page around it goes on", async () => {
  const page = await withPanels("bad", [medium("loops"), medium("evil"), medium("ok")]);
  await panel(page, "loops").getByText("It did not answer and was stopped.").waitFor({ timeout: 60_000 });
  assert.equal(await page.evaluate(() => 1 + 1), 2);
  await waitFor("a picture beside it", async () => (await panel(page, "ok").locator("img").evaluateAll((all) => all.some((i) => i.naturalWidth === 160))));
  await accessible(page, "a page that was stopped");
  await picture(page, "endless-1440-dark");
  const again = panel(page, "evil").getByRole("button", { name: "Run it again" });
  await waitFor("the other page to be stopped with it", () => again.count(), 30_000);
  await again.click();
  // A browser may let the endless process live; then the panel says so, and a new page helps.
  const reload = panel(page, "evil").getByRole("button", { name: "Reload the page" });
  await waitFor("the other page, or why not", async () => (await reload.count()) || (await panel(page, "evil").locator("[data-sandbox='drawn']").count()), 60_000);
  await page.context().close();
});

test("bad input: said in its panel, and the rest stays", async () => {
  const page = await withPanels("bad", [...["broken", "gone", "large", "shapeless", "film", "ok"].map((k) => medium(k)), { viewType: "Data Frame Table", title: "notable", config: { tableKey: "notable" } }, { viewType: "Media Browser", title: "nothing", config: { mediaKeys: ["no such key"] } }], { height: 1300 });
  await panel(page, "broken").getByText("The image cannot be read").waitFor();
  await panel(page, "gone").getByText("The file is not there").waitFor();
  await panel(page, "large").getByText("100 megapixels").waitFor();
  await becomes(() => panel(page, "large").locator("img").count(), 0);
  await panel(page, "shapeless").getByText(/holds nothing to show|cannot/).waitFor({ timeout: 60_000 });
  await panel(page, "film").getByText("The video cannot be played").waitFor();
  await panel(page, "notable").getByText("not a table as the SDK writes it").waitFor();
  await panel(page, "nothing").getByText("No run in view logged").waitFor();
  await waitFor("a picture that is fine", async () => (await panel(page, "ok").locator("img").evaluateAll((all) => all.some((i) => i.naturalWidth === 160))));
  await accessible(page, "bad input");
  await picture(page, "bad-input-1440-dark");
  await page.context().close();
  // A key of 300 letters with dots and slashes, of a run with a name as long.
  const plain = await open("bad");
  await waitFor("its panel", async () => (await plain.locator("article[data-panel] h3").allInnerTexts()).some((t) => t.includes("long.key")));
  assert.ok(await plain.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is pushed aside");
  await plain.context().close();
});
