// The workspace with a study of eight runs: list, panels, crosshair, smoothing, axes, zoom, search, themes, addresses.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, drawn, launch, noFaults, openPage, painted, panel, picture, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, key, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await server.study(key, "vit-pretrain");
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/vit-pretrain/workspace");
  await drawn(page, "train/loss");
});
after(async () => { await browser?.close(); await server?.stop(); });

const row = (name) => page.getByRole("listitem").filter({ hasText: name });
const runsIn = async (k) => Number((await said(page, k))?.match(/(\d+) runs?\./)?.[1] ?? 0);
const chip = () => page.getByRole("toolbar").getByRole("button", { name: /^Step .* to / });
/** The middle of a panel's plot, or another part of its width. */
async function spot(k, part = 0.5, high = 0.5) {
  const b = await panel(page, k).locator(".u-over").boundingBox();
  return [b.x + b.width * part, b.y + b.height * high];
}
/** Where a panel's crosshair stands, as a part of its width; null when it shows none. */
const crosshair = (k) => panel(page, k).evaluate((p) => {
  const line = p.querySelector(".u-cursor-x"), over = p.querySelector(".u-over");
  if (!line || line.classList.contains("u-off")) return null;
  const at = new DOMMatrix(getComputedStyle(line).transform).m41;
  return at < 0 ? null : at / over.clientWidth;
});

test("the list shows each run with its stroke, state and metric; the panels stand in sections by prefix", async () => {
  await page.getByText("8 drawn").waitFor();
  await page.getByText("3 running").waitFor();
  await becomes(() => page.getByRole("listitem").and(page.locator("[data-run]")).count(), 8);
  const strokes = await page.locator("[data-run] button[aria-pressed] svg path").evaluateAll((all) => all.map((p) => p.getAttribute("stroke")));
  assert.equal(new Set(strokes).size, 8, "eight runs, eight colours");
  for (const state of ["Running", "Finished", "Failed", "Preempted"]) await page.locator("[data-run]").filter({ hasText: state }).first().waitFor();
  await becomes(() => page.getByRole("region", { name: "Panels" }).getByRole("heading", { level: 2 }).allInnerTexts(), ["train", "val", "system"]);
  for (const k of ["train/loss", "train/grad_norm", "train/lr", "train/top1", "val/loss"]) await drawn(page, k);
  await waitFor("eight runs in the panel", async () => (await runsIn("train/loss")) === 8);
  await page.getByRole("button", { name: "system", exact: true }).click();
  await page.locator("[data-panel^='e']").first().waitFor();
  await page.getByRole("button", { name: "system", exact: true }).click();
});

test("the crosshair is one for all panels, and the run under it is in focus everywhere", async () => {
  await page.mouse.move(...await spot("train/loss", 0.3, 0.2));
  await page.mouse.move(...await spot("train/loss", 0.5, 0.3));
  const here = await waitFor("a crosshair", () => crosshair("train/loss"));
  for (const k of ["train/top1", "train/lr", "val/loss"]) {
    const there = await waitFor(`a crosshair in ${k}`, () => crosshair(k));
    assert.ok(Math.abs(there - here) < 0.02, `${k}: at ${there}, not ${here}`);
  }
  // Down the column until a line is near: its run lights up in the list and is read out in other panels.
  await waitFor("a run in focus", async () => {
    for (let high = 0.3; high < 0.95; high += 0.03) {
      await page.mouse.move(...await spot("train/loss", 0.5, high));
      if (await page.locator("[data-run][data-focus]").count() === 1) return true;
    }
  });
  await waitFor("a veil over the plot of another panel", () => panel(page, "train/top1").locator(".u-wrap").evaluate((w) => {
    const el = w.querySelector(":scope > svg"), veil = el.getBoundingClientRect(), over = w.querySelector(".u-over").getBoundingClientRect();
    return el.checkVisibility({ visibilityProperty: true }) && el.querySelector("path") && Math.abs(veil.top + 3 - over.top) < 2 && Math.abs(veil.left + 2 - over.left) < 2;
  }));
  await waitFor("its value in another panel", () => panel(page, "train/top1").locator("header").evaluate((h) => /0\.\d+/.test(h.textContent)));
  await picture(page, "workspace-crosshair-1440-dark");
  await page.mouse.move(20, 700);
  await waitFor("no run in focus", async () => (await page.locator("[data-run][data-focus]").count()) === 0);
  await waitFor("no crosshair", async () => (await crosshair("train/lr")) === null);
});

test("smoothing, the band and a logarithmic axis redraw, and the address keeps them", async () => {
  const plain = await painted(page, "train/loss");
  const slider = page.getByRole("slider", { name: "Smoothing" });
  await slider.focus();
  for (let i = 0; i < 60; i++) await page.keyboard.press("ArrowRight");
  await page.waitForURL(/smooth=0\.6/);
  const smooth = await waitFor("a smoother line", async () => { const now = await painted(page, "train/loss"); return now !== plain && now; });
  await page.getByRole("button", { name: "Min–max" }).click();
  await page.waitForURL(/band=false/);
  await waitFor("no band", async () => (await painted(page, "train/loss")) !== smooth);
  await page.getByRole("button", { name: "Min–max" }).click();

  await panel(page, "train/lr").hover();
  const log = page.getByRole("button", { name: "Logarithmic axis of train/lr" });
  const linear = await painted(page, "train/lr");
  await log.click();
  await becomes(() => log.getAttribute("aria-pressed"), "true");
  await waitFor("the logarithmic axis", async () => (await painted(page, "train/lr")) !== linear);
  await becomes(() => panel(page, "train/lr").locator("header").innerText(), /log/);
  await slider.focus();
  await page.keyboard.press("Home");
  await page.waitForURL((u) => !u.searchParams.has("smooth"));
});

test("a drag zooms all panels; the chip, 0 and a double click show all again", async () => {
  const drag = async () => {
    await page.mouse.move(...await spot("train/loss", 0.3));
    await page.mouse.down();
    await page.mouse.move(...await spot("train/loss", 0.45));
    await page.mouse.move(...await spot("train/loss", 0.6));
    await page.mouse.up();
    await chip().waitFor();
  };
  const all = await painted(page, "train/top1");
  await drag();
  await page.waitForURL(/zoom=/);
  await waitFor("the other panel to zoom", async () => (await painted(page, "train/top1")) !== all);
  await picture(page, "workspace-zoom-1440-dark");
  await chip().click();
  await chip().waitFor({ state: "detached" });
  await drag();
  await page.keyboard.press("0");
  await chip().waitFor({ state: "detached" });
  await drag();
  await page.mouse.dblclick(...await spot("train/loss", 0.5));
  await chip().waitFor({ state: "detached" });
  await page.waitForURL((u) => !u.searchParams.has("zoom"));
});

test("⇧-drag pans, the wheel with Ctrl zooms; a panel whose zoom is its own leaves the others alone", async () => {
  const from = () => chip().innerText().then((t) => Number(t.match(/Step (-?[\d,]+) to/)[1].replaceAll(",", "")));
  await page.mouse.move(...await spot("train/loss", 0.5));
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await chip().waitFor();
  const first = await waitFor("a zoom", from);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  await page.mouse.move(...await spot("train/loss", 0.2), { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await waitFor("a later stretch", async () => (await from()) > first);
  await page.keyboard.press("0");
  await chip().waitFor({ state: "detached" });

  await panel(page, "train/lr").locator("header").hover();
  await page.getByRole("button", { name: "More about train/lr", exact: true }).click();
  await page.getByRole("menuitem", { name: /^Edit panel/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog").getByLabel("In all panels over the same axis").uncheck();
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).click();
  await page.getByRole("button", { name: "Reset own zoom of train/lr" }).waitFor();
  await drawn(page, "train/lr");
  await page.mouse.move(700, 5); // over the header no run is in focus
  // of a finished run: others log on meanwhile
  const words = async () => (await panel(page, "train/top1").getByRole("img").first().getAttribute("aria-label")).split(". ").find((t) => t.includes("adamw-lr1e-3-s1"));
  const [own, others] = [await painted(page, "train/lr"), await words()];
  await page.mouse.move(...await spot("train/lr", 0.3));
  await page.mouse.down();
  await page.mouse.move(...await spot("train/lr", 0.6), { steps: 4 });
  await page.mouse.up();
  await waitFor("the panel to zoom", async () => (await painted(page, "train/lr")) !== own);
  await page.mouse.move(700, 5);
  assert.match(others, /first 0/);
  assert.equal(await words(), others, "the others show the same stretch");
  await becomes(() => chip().count(), 0);
  await page.getByRole("button", { name: "Reset own zoom of train/lr" }).click();
});

test("panels are found by a part of their name or a regular expression", async () => {
  const search = page.getByRole("textbox", { name: /Search panels/ });
  await search.fill("val/");
  await waitFor("three panels", async () => (await page.locator("[data-panel]").count()) === 3);
  await search.fill("(loss|top1)$");
  await waitFor("five panels", async () => (await page.locator("[data-panel]").count()) === 5);
  const heads = () => page.getByRole("region", { name: "Panels" }).getByRole("heading", { level: 2 }).getByRole("button").evaluateAll((all) => all.map((b) => b.innerText + " " + b.getAttribute("aria-expanded")).join());
  await search.fill("^val/");
  await waitFor("only one section", async () => (await heads()) === "val true");
  await search.press("Tab");
  await search.fill("");
  await waitFor("the others folded", async () => (await heads()) === "train false,val true,system false");
  await page.getByRole("button", { name: "train", exact: true }).click();
  await drawn(page, "train/loss");
  await search.fill("no such panel");
  await page.getByRole("button", { name: "Clear search" }).click();
  await drawn(page, "train/loss");
  await becomes(() => search.inputValue(), "");
});

test("full screen shows one panel and its values as a table, and gives the focus back", async () => {
  await panel(page, "train/loss").hover();
  await page.getByRole("button", { name: "Full screen: train/loss" }).click();
  const full = page.getByRole("dialog");
  await full.locator("canvas").first().waitFor();
  await waitFor("its lines", () => full.getByRole("img").getAttribute("aria-label").then((s) => /8 runs\./.test(s)));
  await picture(page, "full-1440-dark");
  await full.getByRole("button", { name: "Table" }).click();
  await becomes(() => full.getByRole("row").count(), 9);
  await picture(page, "full-table-1440-dark");
  await page.keyboard.press("Escape");
  await full.waitFor({ state: "detached" });
});

test("a run is hidden and shown, alone or with the others", async () => {
  const eye = row("sgd-lr0.1").getByRole("button", { name: /^(Hide|Show) / });
  await eye.click();
  await page.getByText("7 drawn").waitFor();
  await waitFor("seven lines", async () => (await runsIn("train/loss")) === 7);
  await eye.click({ modifiers: ["Alt"] });
  await page.getByText("1 drawn").waitFor();
  await waitFor("one line", async () => (await runsIn("train/loss")) === 1);
  await page.reload(); // the choice is the person's, and stays
  await page.getByText("1 drawn").waitFor();
  await page.getByRole("button", { name: "Hide all runs" }).click();
  await page.getByText("No run is visible").waitFor();
  await picture(page, "no-runs-1440-dark");
  await page.getByRole("button", { name: "Show the first 12" }).click();
  await page.getByText("8 drawn").waitFor();
});

test("the list is filtered, ordered, and its words say what was not understood", async () => {
  const filter = page.getByRole("textbox", { name: "Filter runs" });
  await filter.fill("state:running");
  await page.getByText("3 found of 8").waitFor();
  await filter.fill("config.optim.lr > 1e-3 and not state:running");
  await page.getByText("2 found of 8").waitFor();
  await filter.fill("state:(");
  await page.locator("aside").getByRole("alert").waitFor();
  await filter.fill("nothing is called this");
  await page.getByText("No run matches this filter.").waitFor();
  await page.getByRole("button", { name: "Clear filter" }).first().click();
  await page.getByText("8 runs").waitFor();
  await page.getByTitle("Order of the list").click();
  await page.getByRole("menuitemradio", { name: "Name" }).click();
  await waitFor("the list by name", async () => {
    const names = await page.locator("[data-run] a").evaluateAll((all) => all.map((a) => a.title.split("\n")[0]));
    return names.length === 8 && names.join() === [...names].sort().join();
  });
});

test("each horizontal axis draws all runs", async () => {
  const axis = page.getByTitle("Horizontal axis of all panels");
  for (const [name, x] of [["Relative time (process)", "_runtime"], ["Relative time (wall)", "_absolute_runtime"], ["Wall time", "_timestamp"], ["train/loss", "train/loss"], ["Step", "_step"]]) {
    await axis.click();
    await page.getByRole("menuitemradio", { name, exact: true }).click();
    await waitFor(`${name} in every panel in sight`, async () => (await Promise.all(["train/top1", "train/grad_norm", "val/loss"].map((k) => said(page, k)))).every((s) => s?.includes(`over ${x}, 8 runs.`)));
    await picture(page, `workspace-x-${x.replace("/", "-")}-1440-dark`);
  }
  await waitFor("the address without an axis", async () => !new URL(page.url()).searchParams.has("x"));
});

test("the theme switches at once, everywhere, and stays", async () => {
  const dark = await painted(page, "train/loss");
  await page.getByRole("button", { name: "Use the light theme" }).click();
  await becomes(() => page.locator("html").getAttribute("data-theme"), "light");
  await waitFor("light panels", async () => (await painted(page, "train/loss")) !== dark);
  await page.reload();
  await becomes(() => page.locator("html").getAttribute("data-theme"), "light");
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await becomes(() => page.locator("html").getAttribute("data-theme"), "dark");
});

test("an address opens the same view elsewhere", async () => {
  const other = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await other.goto(server.url + "/mira/vit-pretrain/workspace?q=muon&panels=loss&smooth=0.5&cols=2&zoom=200..600");
  await other.getByText("3 found of 8").waitFor();
  await drawn(other, "train/loss");
  await becomes(() => other.locator("[data-panel]").count(), 3); // train/loss, train/z_loss, val/loss
  await becomes(() => other.getByRole("slider", { name: "Smoothing" }).inputValue(), "0.5");
  await becomes(() => other.getByRole("textbox", { name: "Filter runs" }).inputValue(), "muon");
  await becomes(() => said(other, "train/loss"), /3 runs\./);
  await other.getByRole("button", { name: /^Step 200 to 600/ }).waitFor();
  await other.goto(server.url + "/mira/vit-pretrain/workspace?group=config.optim.name&sort=%2Bdisplay_name");
  const groups = other.locator("[data-run^='group:']");
  await waitFor("a group for each optimizer", async () => (await groups.count()) === 4);
  await other.getByTitle("Order of the list").getByText("Name").waitFor();
  await waitFor("a line for each group", async () => /adamw: first[\s\S]*4 runs|4 runs[\s\S]*adamw: first/.test((await said(other, "train/loss")) ?? ""));
  noFaults(other);
  await other.context().close();
});

test("long names are cut in the middle and nothing is pushed aside", async () => {
  const long = "a-run-whose-name-" + "goes-on-and-on-".repeat(16) + "seed-17";
  await server.graphql(key, "mutation($n: String!) { upsertBucket(input: {entityName: \"mira\", modelName: \"vit-pretrain\", name: \"longname\", displayName: $n}) { bucket { id } } }", { n: long });
  await page.goto(server.url + "/mira/vit-pretrain/workspace?q=goes-on-and-on"); // whatever the walks before left in the workspace
  const link = page.locator('[data-run="longname"] a');
  await link.waitFor();
  assert.ok((await link.getAttribute("title")).startsWith(long));
  assert.ok((await link.innerText()).endsWith("seed-17"), await link.innerText());
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("[data-run]")].every((r) => r.scrollWidth <= r.clientWidth + 1)));
  await picture(page, "long-name-1440-dark");
  await page.goto(server.url + "/mira/vit-pretrain/runs/longname");
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await picture(page, "long-name-run-1440-dark");
  noFaults(page, /status of 400/); // the filter that was not understood
});
