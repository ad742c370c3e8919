// Measures what the screens cost in a real Chromium, against the real binary: `make bench-ui`.
//
//   node bench.mjs [--out DIR] [--strict] [NAME...]    the figures of these names, or all
//
// --out writes them into DIR/performance.md, --strict fails where a goal is missed.
//
// BALLAST_HEAP_MINUTES is how long live updates run before the heap is looked at, and again after: 1, or 10 at night.
// Without --strict nothing fails: another program may have the machine.

import { parseArgs } from "node:util";
import { drawn, launch, openPage, panel, said, Server, waitFor } from "./ballast.mjs";
import { living, longLog, seed } from "./data.mjs";
import { Meter } from "./meter.mjs";
import { machine, print, write } from "./performance.mjs";

const PASSWORD = "a long enough password";
const MINUTES = Number(process.env.BALLAST_HEAP_MINUTES ?? 1);
const MB = 1 << 20;
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const latest = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
const tick = (page) => page.evaluate(() => new Promise((r) => requestAnimationFrame(() => r())));

const { values: options, positionals: wanted } = parseArgs({ options: { out: { type: "string" }, strict: { type: "boolean" } }, allowPositionals: true });

/** What is measured. Each takes [server, browser, key] and returns its figures: what, milliseconds and so on, and its goal. */
const FIGURES = { opens, panels, crosshair, table, log, heap };

/** Waits in a page that was just opened until all panels in sight have lines: milliseconds since the navigation began. */
const painted = (page, least = 1) => page.evaluate(async (n) => {
  const inSight = (p) => { const b = p.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0; };
  const done = () => {
    const all = [...document.querySelectorAll("article[data-panel]")].filter(inSight);
    return all.length >= n && all.every((p) => /\d runs?\./.test(p.querySelector("[role=img]")?.getAttribute("aria-label") ?? ""));
  };
  while (!done()) {
    if (performance.now() > 60_000) throw new Error(`not all panels were drawn within a minute: ${document.body.innerText.slice(0, 300)}`);
    await new Promise((r) => setTimeout(r, 10));
  }
  await new Promise((r) => requestAnimationFrame(() => setTimeout(r))); // and on screen
  return performance.now();
}, least);

/** Opens an address: processor time, and the clock since the navigation began. */
async function opening(page, address, ready) {
  const meter = await Meter.of(page);
  const cost = await meter.cost(async () => { await page.goto(address, { waitUntil: "commit" }); return ready(page); });
  await meter.close();
  return cost;
}

/** Has the workspace draw all its runs, not the first twelve. */
async function allRuns(page, [server, signed, project], key, runs) {
  await drawn(page, key);
  await page.getByRole("button", { name: "Hide all runs" }).click();
  await page.getByRole("button", { name: "Show all runs" }).click();
  await waitFor("the workspace to save itself", async () => {
    const d = await server.graphql(signed, `query($p: String!) { project(entityName: "mira", name: $p) { allViews(viewType: "project-view") { edges { node { spec } } } } }`, { p: project });
    return d.project.allViews.edges.some((e) => JSON.parse(e.node.spec).section?.ballast?.runs?.visible?.base === "all");
  });
  await waitFor(`${runs} runs in the panels`, async () => (await said(page, key))?.includes(` ${runs} runs.`));
}

/** The same five times, each from a screen that draws nothing. */
async function openings(page, server, address, ready) {
  const costs = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(server.url + "/settings");
    await page.getByText("key of").first().waitFor();
    costs.push(await opening(page, address, ready));
  }
  return costs;
}

/** Notes in the page when a person's act begins. */
const begins = (page, event) => page.evaluate((e) => addEventListener(e, () => { window.begun = performance.now(); }, { capture: true }), event);

async function opens([server, browser]) {
  await seed(server, ["mira", "wide", 10_000, 1_000, 100]);
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  const sizes = { script: 0, stylesheet: 0, font: 0 };
  const known = [];
  page.on("requestfinished", (r) => { if (r.resourceType() in sizes) known.push(r.sizes().then((s) => { sizes[r.resourceType()] += s.responseBodySize; })); });
  await page.goto(server.url + "/settings");
  await page.getByText("key of").first().waitFor();
  await page.waitForLoadState("networkidle");
  await Promise.all(known);
  const first = { ...sizes }; // of a screen that draws nothing
  const address = server.url + "/mira/wide/workspace";
  const cold = await opening(page, address, painted);
  await page.waitForLoadState("networkidle");
  await Promise.all(known);
  const all = { ...sizes };
  const warm = await openings(page, server, address, painted);
  await page.context().close();
  const names = [1, "workspace of 10,000 runs × 1,000 metrics opens"];
  return [
    [...names, "by the clock, after the server's start", cold.clock, "ms", 2000],
    [...names, "by the clock, again, median of 5", middle(warm.map((w) => w.clock)), "ms", 2000],
    [...names, "main thread, median of 5", middle(warm.map((w) => w.thread)), "ms", 2000],
    [6, "what the browser fetches, compressed", "script, first screen", first.script / 1000, "kB", 350],
    [6, "what the browser fetches, compressed", "script, with the workspace", all.script / 1000, "kB", 350],
    [6, "what the browser fetches, compressed", "styles, with the workspace", all.stylesheet / 1000, "kB", 30],
    [6, "what the browser fetches, compressed", "fonts", all.font / 1000, "kB", 90],
  ];
}

const HUNDRED = ["mira", "panels", 20, 100, 1500];

async function panels([server, browser, key]) {
  await seed(server, HUNDRED);
  const address = server.url + "/mira/panels/workspace?cols=6";
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(address);
  await allRuns(page, [server, key, "panels"], "part00/metric00", 20);
  const some = await openings(page, server, address, painted);
  await page.context().close();
  // A window as tall as all of them: every panel is mounted and painted at once.
  const tall = await openPage(browser, { height: 4900, as: [server, "mira", PASSWORD] });
  const all = await openings(tall, server, address, (p) => painted(p, 100));
  await tall.context().close();
  const inView = "100 panels × 20 runs × 1,500 points, those in view painted", each = "100 panels × 20 runs × 1,500 points, all in view at once";
  return [
    [2, inView, "by the clock, median of 5", middle(some.map((c) => c.clock)), "ms", 2000],
    [2, inView, "main thread, median of 5", middle(some.map((c) => c.thread)), "ms", 2000],
    [2, each, "by the clock, median of 5", middle(all.map((c) => c.clock)), "ms", 2000],
    [2, each, "main thread, median of 5", middle(all.map((c) => c.thread)), "ms", 2000],
  ];
}

/** Moves over the first panel, slow enough that each move has its frame; then scrolls the panels. */
async function crosshair([server, browser, key]) {
  await seed(server, HUNDRED);
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/panels/workspace?cols=5");
  await allRuns(page, [server, key, "panels"], "part00/metric00", 20);
  await painted(page);
  const box = await panel(page, "part00/metric00").locator(".u-over").boundingBox();
  const meter = await Meter.of(page);
  const seen = await page.locator("article[data-panel] canvas").count();
  const moves = [];
  await page.mouse.move(box.x + 5, box.y + 5);
  await tick(page);
  for (let i = 0; i < 120; i++) {
    moves.push((await meter.cost(async () => {
      await page.mouse.move(box.x + 5 + (i / 120) * (box.width - 10), box.y + box.height * (0.3 + 0.4 * Math.abs(Math.sin(i / 9))));
      await tick(page);
    })).thread);
  }
  await page.mouse.move(4, 4);
  const frames = [];
  const scroller = page.getByRole("region", { name: "Panels" });
  for (let i = 0; i < 60; i++) frames.push((await meter.cost(async () => { await scroller.evaluate((e) => { e.scrollTop += 40; }); await tick(page); })).thread);
  await meter.close();
  await page.context().close();
  const what = `crosshair and focus, 20 runs, ${seen} canvases`;
  return [
    [3, what, "main thread a move, median", middle(moves), "ms", 16],
    [3, what, "main thread a move, 95th of 100", latest(moves, 0.95), "ms", null],
    [3, "scrolling the panels", "main thread a frame, median", middle(frames), "ms", 16],
  ];
}

async function table([server, browser]) {
  await seed(server, ["mira", "big", 100_000]);
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  const rows = (p) => p.evaluate(async () => {
    while (![...document.querySelectorAll("[data-grid] [data-run]")].some((r) => r.textContent.includes("vit"))) {
      if (performance.now() > 60_000) throw new Error("no rows within a minute");
      await new Promise((r) => setTimeout(r, 10));
    }
    await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
    return performance.now();
  });
  const address = server.url + "/mira/big/table";
  const cold = await opening(page, address, rows);
  const warm = await openings(page, server, address, rows);
  // From another screen of the app, as a person comes to it.
  await page.goto(server.url + "/mira/big/overview");
  await page.getByRole("link", { name: "Runs", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  const meter = await Meter.of(page);
  await begins(page, "pointerdown");
  const within = await meter.cost(async () => {
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    return page.evaluate(async () => {
      while (!document.querySelector("[data-grid] [data-run]")?.textContent.includes("vit")) await new Promise((r) => setTimeout(r, 5));
      await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
      return performance.now() - window.begun;
    });
  });
  const grid = page.locator("[data-grid]");
  await waitFor("the columns", () => grid.getByRole("img").count());
  await page.waitForLoadState("networkidle");
  const few = await scrolling(meter, page, 96), many = await scrolling(meter, page, 3000);
  await meter.close();
  await page.context().close();
  const first = "table of 100,000 runs, first page";
  return [
    [4, first, "by the clock, from another screen", within.clock, "ms", 300],
    [4, first, "main thread, from another screen", within.thread, "ms", 300],
    [4, first, "by the clock, the address opened, median of 5", middle(warm.map((w) => w.clock)), "ms", null],
    [4, first, "by the clock, after the server's start", cold.clock, "ms", null],
    [4, "table of 100,000 runs, scrolled", "main thread a frame of 3 rows, median", few, "ms", 16],
    [4, "table of 100,000 runs, scrolled", "main thread a frame, every row replaced, median", many, "ms", null],
  ];
}

async function scrolling(meter, page, by) {
  const frames = [];
  for (let i = 0; i < 60; i++) {
    frames.push((await meter.cost(async () => {
      await page.evaluate((n) => { document.querySelector("[data-grid]").scrollTop += n; }, by);
      await tick(page);
    })).thread);
  }
  return middle(frames);
}

async function log([server, browser, key]) {
  const lines = 1_000_000;
  await longLog(server, key, lines);
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(`${server.url}/mira/p/runs/long/logs`);
  const region = page.getByRole("region", { name: "Console log" });
  await region.getByText(`step=${lines - 1} `).waitFor();
  await page.getByRole("combobox", { name: "Process" }).waitFor();
  await region.focus();
  const meter = await Meter.of(page);
  await begins(page, "keydown");
  const jump = (number, press) => meter.cost(async () => {
    await page.keyboard.press(press);
    return page.evaluate(async (n) => {
      while (!document.querySelector(`[data-index="${n}"]`)?.textContent.includes(`step=${n} `)) {
        if (performance.now() > window.begun + 20_000) throw new Error(`line ${n} did not come`);
        await new Promise((r) => requestAnimationFrame(r));
      }
      return performance.now() - window.begun;
    }, number);
  });
  const ends = [];
  for (let i = 0; i < 7; i++) {
    await jump(0, "Home");
    ends.push(await jump(lines - 1, "End"));
  }
  await meter.close();
  await page.context().close();
  return [
    [5, "log of 1,000,000 lines, jump to the end", "by the clock, median of 7", middle(ends.map((e) => e.clock)), "ms", 200],
    [5, "log of 1,000,000 lines, jump to the end", "main thread, median of 7", middle(ends.map((e) => e.thread)), "ms", 200],
  ];
}

async function heap([server, browser, key]) {
  const runs = 20;
  const writers = await living(server, key, "heap", runs, 12);
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/heap/workspace");
  await allRuns(page, [server, key, "heap"], "train/metric0", runs);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  const meter = await Meter.of(page);
  const minutes = (n) => page.waitForTimeout(n * 60_000);
  const began = await meter.busy();
  await minutes(MINUTES);
  const first = await meter.heap();
  const thread = (await meter.busy()) - began;
  await minutes(MINUTES);
  const second = await meter.heap();
  writers.stop();
  await meter.close();
  await page.context().close();
  const what = `heap under live updates of ${runs} runs, 12 metrics, a row a second each`;
  const after = `${MINUTES} minute${MINUTES === 1 ? "" : "s"}`;
  return [
    [7, what, `after ${after}, ${writers.rows() >> 1} rows`, first / MB, "MB", 250],
    [7, what, `growth in the next ${after}`, (second - first) / MB, "MB", Math.max(1, first / MB / 50)],
    [7, what, "main thread, part of the time", thread / MINUTES / 600, "%", null],
  ];
}

const where = machine();
const browser = await launch();
where.browser = "Chromium " + browser.version();
const figures = [];
try {
  for (const [name, measure] of Object.entries(FIGURES)) {
    if (wanted.length && !wanted.includes(name)) continue;
    const server = await Server.start();
    try {
      const rows = await measure([server, browser, server.user("mira", PASSWORD, "--admin")]);
      print(rows);
      figures.push(...rows);
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}
if (options.out) write(options.out, where, figures);
if (options.strict && figures.some(([, , , value, , goal]) => goal !== null && value > goal)) process.exitCode = 1;
