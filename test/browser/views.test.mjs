// Views: edits of panels and their undo, the workspace that saves itself, saved views, groups, the look into a run.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, panel, picture, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, key, page;
const home = () => server.url + "/mira/vit-pretrain/workspace";
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await server.study(key, "vit-pretrain");
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(home());
  await drawn(page, "train/loss");
});
after(async () => { await browser?.close(); await server?.stop(); });

const board = (p = page) => p.getByRole("region", { name: "Panels" });
const sections = (p = page) => board(p).getByRole("heading", { level: 2 }).allInnerTexts();
const panelsOf = (section, p = page) => board(p).getByRole("region", { name: section, exact: true }).getByRole("article").evaluateAll((all) => all.map((a) => a.getAttribute("aria-label")));
const views = async () => (await server.graphql(key, `{ project(entityName: "mira", name: "vit-pretrain") { allViews(viewType: "project-view") { edges { node { id name displayName revision spec } } } } }`)).project.allViews.edges.map((e) => e.node);
const personal = async () => (await views()).find((v) => v.name === "nw-nwusermira-v");
const saved = (revision) => waitFor(`revision ${revision} of the workspace`, async () => (await personal())?.revision >= revision);
const sectionMenu = async (name, item) => {
  await board().getByRole("region", { name, exact: true }).locator("header").first().hover();
  await page.getByRole("button", { name: `More about section ${name}`, exact: true }).click();
  await page.getByRole(/^\d+$/.test(item) ? "menuitemradio" : "menuitem", { name: item, exact: true }).last().click();
};
// naming waits until the name of a section can be typed.
const naming = () => waitFor("a field for the name", () => page.evaluate(() => document.activeElement?.tagName === "INPUT" && !!document.activeElement.closest("header")));
const panelMenu = async (name, item) => {
  await panel(page, name).locator("header").hover();
  await page.getByRole("button", { name: `More about ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("panels are moved by pointer and keyboard, sections renamed and moved, everything undone and redone; it saves itself", async () => {
  const before = await panelsOf("train");
  const from = await panel(page, "train/loss").locator("header").boundingBox();
  const to = await panel(page, before[0]).boundingBox();
  await page.mouse.move(from.x + 30, from.y + 12);
  await page.mouse.down();
  await page.mouse.move(from.x - 40, from.y + 20, { steps: 4 });
  await page.mouse.move(to.x + 12, to.y + 60, { steps: 6 });
  await picture(page, "workspace-drag-1440-dark");
  await page.mouse.up();
  await waitFor("the panel at its new place", async () => (await panelsOf("train"))[0] === "train/loss");
  await saved(1);

  await panel(page, "train/loss").focus();
  await page.keyboard.press("Alt+ArrowRight");
  await waitFor("one to the right", async () => (await panelsOf("train"))[1] === "train/loss");
  await page.keyboard.press("Alt+Shift+ArrowRight");
  const wide = async () => (await panel(page, "train/loss").boundingBox()).width;
  const w = await wide();
  await page.keyboard.press("Alt+Shift+ArrowRight");
  await waitFor("a wider panel", async () => (await wide()) > w);

  await sectionMenu("val", "Rename");
  await naming();
  await page.keyboard.type("Validation ✓");
  await page.keyboard.press("Enter");
  await waitFor("the new name", async () => (await sections()).includes("Validation ✓"));
  await sectionMenu("Validation ✓", "Move up");
  await waitFor("the section first", async () => (await sections())[0] === "Validation ✓");
  await sectionMenu("train", "Pin to the top");
  await waitFor("the pinned section first", async () => (await sections())[0] === "train");

  for (let i = 0; i < 9; i++) await page.keyboard.press("Control+z");
  await waitFor("all undone", async () => (await panelsOf("train")).join() === before.join() && (await sections()).join() === "train,val,system");
  await page.getByRole("button", { name: "Undo", exact: true }).and(page.locator(":disabled")).waitFor();
  for (let i = 0; i < 9; i++) await page.keyboard.press("Control+Shift+z");
  await waitFor("all redone", async () => (await sections()).join() === "train,Validation ✓,system" && (await panelsOf("train"))[1] === "train/loss");
  await page.reload(); // at once, while what was undone is perhaps being saved: nothing is lost
  await drawn(page, "train/loss");
  await becomes(sections, ["train", "Validation ✓", "system"]);
  await becomes(async () => (await panelsOf("train"))[1], "train/loss");
  noFaults(page);
});

test("a link's filter is seen and not stored; one's own is", async () => {
  const filter = page.getByRole("textbox", { name: "Filter runs" });
  const eye = page.locator("[data-run]").first().getByRole("button", { name: /^(Hide|Show) / });
  const before = (await personal()).revision;
  await page.goto(home() + "?q=muon&smooth=0.5");
  await page.getByText("3 found of 8").waitFor();
  await eye.click();
  await saved(before + 1);
  assert.doesNotMatch((await personal()).spec, /muon(?!-)/, "the link's filter was stored");
  await page.goto(home());
  await page.getByText("8 runs").waitFor();
  await becomes(() => page.getByRole("slider", { name: "Smoothing" }).inputValue(), "0");
  await filter.fill("sgd");
  await page.getByText(/found of 8/).waitFor();
  await saved(before + 2);
  await page.goto(home());
  await page.getByText(/found of 8/).waitFor();
  await becomes(() => filter.inputValue(), "sgd");
  await filter.fill("");
  await page.getByText("8 runs").waitFor();
  await saved(before + 3);
  await page.goto(home() + "?q=muon");
  await page.getByText("2 drawn").waitFor(); // one of the three was hidden
  await eye.click();
  await page.getByText("3 drawn").waitFor();
  await saved(before + 4);
  await page.goto(home());
  await page.getByText("8 drawn").waitFor();
  noFaults(page);
});

test("sections are dragged and moved by keyboard, a panel goes to another section by its menu, rows of a page are chosen; each is one undo", async () => {
  const head = (name) => board().getByRole("region", { name, exact: true }).getByRole("button", { name, exact: true });
  await head("system").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await waitFor("one up", async () => (await sections()).join() === "train,system,Validation ✓");
  await waitFor("the focus with it", () => head("system").evaluate((b) => b === document.activeElement));
  await accessible(page, "sections moved");

  await head("system").scrollIntoViewIfNeeded();
  const from = await head("system").boundingBox();
  await page.mouse.move(from.x + 30, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 20, { steps: 3 });
  const last = await head("Validation ✓").boundingBox(); // heads only while one is carried
  await page.mouse.move(last.x + 60, last.y + 60, { steps: 5 });
  await picture(page, "workspace-drag-section-1440-dark");
  await page.mouse.up();
  await waitFor("the section at its new place", async () => (await sections()).join() === "train,Validation ✓,system");
  await becomes(() => head("system").getAttribute("aria-expanded"), "false", "a drag is no click");
  await page.keyboard.press("Control+z");
  await waitFor("one step back", async () => (await sections()).join() === "train,system,Validation ✓");
  await page.keyboard.press("Control+Shift+z");
  await waitFor("one step on", async () => (await sections()).join() === "train,Validation ✓,system");

  const before = await panelsOf("train");
  await panel(page, "train/lr").locator("header").hover();
  await page.getByRole("button", { name: "More about train/lr", exact: true }).click();
  await page.getByRole("menuitem", { name: "Move to" }).click();
  await page.getByRole("menuitem", { name: "Validation ✓" }).waitFor();
  await picture(page, "workspace-move-to-1440-dark");
  const button = await page.getByRole("button", { name: "More about train/lr", exact: true, includeHidden: true }).boundingBox(), menu = await page.getByRole("menu").first().boundingBox();
  assert.ok(menu.y >= button.y && Math.abs(menu.x + menu.width - button.x - button.width) < 12, "the menu stays at its button while the pointer is in it");
  await accessible(page, "the menu of places");
  await page.getByRole("menuitem", { name: "New section" }).click();
  await waitFor("a section with it", async () => (await sections()).includes("New section") && (await panelsOf("New section")).join() === "train/lr");
  await page.keyboard.press("Control+z");
  await waitFor("both undone at once", async () => !(await sections()).includes("New section") && (await panelsOf("train")).join() === before.join());

  await sectionMenu("train", "1");
  const rows = board().getByRole("region", { name: "train", exact: true });
  await waitFor("one row", async () => (await rows.locator("[data-panel]").count()) < before.length);
  const shown = await panelsOf("train"), next = page.getByRole("button", { name: "Next page of train" });
  for (let n = 2; await next.isEnabled(); n++) {
    await next.click();
    await rows.getByText(new RegExp(`^${n} / `)).waitFor();
    shown.push(...(await panelsOf("train")));
  }
  assert.deepEqual(shown, before, "each panel stands on one page");
  await page.keyboard.press("Control+z");
  await waitFor("all on one page", async () => (await panelsOf("train")).join() === before.join());

  const card = await panel(page, "train/grad_norm").boundingBox();
  await panel(page, "train/grad_norm").hover();
  await page.mouse.move(card.x + card.width - 6, card.y + card.height - 6);
  await page.mouse.down();
  await page.mouse.move(card.x + card.width * 1.5, card.y + card.height * 1.2, { steps: 5 });
  await page.mouse.up();
  await waitFor("a wider panel", async () => (await panel(page, "train/grad_norm").boundingBox()).width > card.width * 1.3);
  await page.keyboard.press("Control+z");
  await waitFor("its size again", async () => Math.abs((await panel(page, "train/grad_norm").boundingBox()).width - card.width) < 2);
  noFaults(page);
});

test("settings cascade: a section's over the workspace's, a panel's over both, each with its chip and way back", async () => {
  await sectionMenu("train", "Settings of the section");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Clip outliers").check();
  await dialog.getByLabel("Horizontal axis", { exact: true }).getByRole("combobox").selectOption("_runtime");
  await accessible(page, "settings of a section");
  await picture(page, "workspace-section-settings-1440-dark");
  await page.keyboard.press("Escape");
  await waitFor("the section's axis in its panels", async () => /over _runtime/.test(await said(page, "train/loss")));
  await waitFor("the others as they were", async () => !/over _runtime/.test(await said(page, "val/loss")));
  await page.getByRole("button", { name: "Reset clipped of section train" }).waitFor();
  await panel(page, "train/loss").focus();
  await page.keyboard.press("l");
  await page.getByRole("button", { name: "Reset log of train/loss" }).waitFor();
  await accessible(page, "chips of overrides");
  await picture(page, "workspace-overrides-1440-dark");
  await page.getByRole("button", { name: "Reset log of train/loss" }).click();
  await page.getByRole("button", { name: "Reset x Relative time (process) of section train" }).click();
  await page.getByRole("button", { name: "Reset clipped of section train" }).click();
  await waitFor("the workspace's axis again", async () => /over _step/.test(await said(page, "train/loss")));
});

test("panels are added by search and by what an expression captures, edited beside the live panel, and removed", async () => {
  await page.keyboard.press("a");
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel("Search keys").fill("/(top1|loss)$");
  await drawer.getByText(/2 panels, one for each capture/).waitFor();
  await accessible(page, "the drawer that adds");
  await picture(page, "workspace-add-1440-dark");
  await drawer.getByRole("button", { name: "Add 2 by capture" }).click();
  await waitFor("the new section", async () => (await sections()).includes("My panels"));
  await waitFor("two panels", async () => (await panelsOf("My panels")).join() === "loss,top1");
  await drawn(page, "top1");
  await becomes(() => said(page, "top1"), /16 runs/); // two metrics of eight runs: sixteen lines

  await panel(page, "top1").focus();
  await page.keyboard.press("e");
  await drawer.getByLabel("Title").fill("Accuracy 🎯");
  await drawer.getByRole("button", { name: "Settings" }).click();
  await drawer.getByLabel("y", { exact: true }).check();
  await accessible(page, "the drawer that edits");
  await picture(page, "workspace-edit-1440-dark");
  await drawer.getByRole("button", { name: "Keep" }).click();
  await drawn(page, "Accuracy 🎯");
  await page.getByRole("button", { name: "Reset log of Accuracy 🎯" }).waitFor();
  await panelMenu("Accuracy 🎯", "Duplicate");
  await waitFor("a second one", async () => (await panelsOf("My panels")).length === 3);
  await panelMenu("loss", "Remove");
  await waitFor("it is gone", async () => !(await panelsOf("My panels")).includes("loss"));
  await page.keyboard.press("Control+z");
  await waitFor("it is back", async () => (await panelsOf("My panels")).includes("loss"));
  noFaults(page);
});

test("a view is saved, opened by another, and nobody's change is overwritten", async () => {
  await page.getByRole("button", { name: "My workspace" }).click();
  await page.getByRole("menuitem", { name: "Save as new view" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Ablation");
  await page.keyboard.press("Enter");
  await page.waitForURL(/nw=/);
  await page.getByRole("button", { name: "Ablation" }).waitFor();
  await drawn(page, "train/loss");
  const link = page.url();

  const other = await openPage(browser, { as: [server, "mira", PASSWORD], theme: "light" });
  await other.goto(link);
  await drawn(other, "train/loss");
  await other.keyboard.press("m");
  await other.getByRole("button", { name: "Ablation" }).click();
  await other.getByRole("menuitem", { name: "Save for everybody" }).click();
  await waitFor("the second revision", async () => (await views()).find((v) => v.displayName === "Ablation").revision === 2);

  await page.keyboard.press("m");
  await page.waitForURL(/band=false/);
  await page.keyboard.press(".");
  await page.getByRole("button", { name: "Ablation" }).click();
  await page.getByText("Not saved: kept for you in this browser").waitFor();
  await picture(page, "workspace-view-menu-1440-dark");
  await accessible(page, "the menu of the view");
  await page.getByRole("menuitem", { name: "Save for everybody" }).click();
  await page.getByText("Somebody else changed this view meanwhile.").waitFor();
  await accessible(page, "a conflict");
  await picture(page, "workspace-conflict-1440-dark");
  await becomes(async () => (await views()).find((v) => v.displayName === "Ablation").revision, 2);
  await page.reload(); // what was not saved is kept, and still cannot be saved over the other's
  await page.getByText("Somebody else changed this view meanwhile.").waitFor();
  await page.getByRole("button", { name: "Load the stored one" }).click();
  await page.getByText("Somebody else changed this view meanwhile.").waitFor({ state: "detached" });
  await drawn(page, "train/loss");
  await other.context().close();
  noFaults(page, /409|Failed to load/);
});

test("what is changed in a saved view and not saved survives a reload, until it is saved or discarded", async () => {
  const menu = page.getByRole("button", { name: "Ablation" }), pressed = () => page.getByRole("button", { name: "Clip outliers" }).getAttribute("aria-pressed");
  const stored = async () => JSON.parse((await views()).find((v) => v.displayName === "Ablation").spec).section.settings.ignoreOutliers;
  await page.getByRole("button", { name: "Clip outliers" }).click();
  await page.getByRole("status").filter({ hasText: "Ablation: Not saved" }).waitFor({ state: "attached" });
  await page.keyboard.press("Control+z");
  await page.getByRole("status").filter({ hasText: "Ablation: Not saved" }).waitFor({ state: "detached" });
  await page.keyboard.press("Control+Shift+z");
  await waitFor("the draft", () => page.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith("draft:mira:"))));
  await page.goto(page.url().split("?")[0] + "?nw=" + new URL(page.url()).searchParams.get("nw")); // the address says nothing of it
  await drawn(page, "train/loss");
  await becomes(pressed, "true");
  await becomes(stored, false);
  await menu.click();
  await page.getByText("Not saved: kept for you in this browser").waitFor();
  await page.getByRole("menuitemradio", { name: /Ablation.*mira, / }).waitFor(); // who stored it last, and when
  await picture(page, "workspace-draft-1440-dark");
  await page.getByRole("menuitem", { name: "Discard changes" }).click();
  await waitFor("the stored view", async () => (await pressed()) === "false");
  await page.reload();
  await drawn(page, "train/loss");
  await becomes(pressed, "false");
  await page.getByRole("button", { name: "Clip outliers" }).click();
  await menu.click();
  await page.getByRole("menuitem", { name: "Save for everybody" }).click();
  await waitFor("the change in the store", stored);
  await waitFor("no draft", () => page.evaluate(() => !Object.keys(localStorage).some((k) => k.startsWith("draft:"))));
  noFaults(page);
});

test("a workspace of the package wandb-workspaces opens, is changed here, and is read there again", async () => {
  const python = (text) => server.train(key, text).ended.then(({ code, out }) => { assert.equal(code, 0, out); return out.trim().split("\n").at(-1); });
  const url = await python(`
import wandb_workspaces.workspaces as ws, wandb_workspaces.reports.v2 as wr
w = ws.Workspace(entity="mira", project="vit-pretrain", name="From Python", sections=[
    ws.Section(name="Key", is_open=True, panels=[wr.LinePlot(y=["val/loss", "train/loss"], title="Losses", log_y=True), wr.CodeComparer()]),
    ws.Section(name="Second", is_open=True, panels=[wr.LinePlot(y=["val/top1"])], panel_settings=ws.SectionPanelSettings(smoothing_type="exponential", smoothing_weight=40)),
], settings=ws.WorkspaceSettings(x_axis="Step", max_runs=5)).save()
print(w.url)
`);
  await page.goto(url.replace("?", "/workspace?"));
  await page.getByRole("button", { name: "From Python" }).waitFor();
  await drawn(page, "Losses");
  await becomes(sections, ["Key", "Second"]); // no automatic panels: the package switches them off
  await becomes(() => said(page, "Losses"), /10 runs/); // the first five, two metrics each
  await page.getByRole("button", { name: "Reset smooth 0.40 of section Second" }).waitFor();
  await accessible(page, "a workspace of the package");
  await sectionMenu("Second", "Rename");
  await naming();
  await page.keyboard.type("Renamed");
  await page.keyboard.press("Enter");
  await panel(page, "Losses").focus();
  await page.keyboard.press("l");
  await page.getByRole("button", { name: "From Python" }).click();
  await page.getByRole("menuitem", { name: "Save for everybody" }).click();
  await waitFor("the second revision", async () => (await views()).find((v) => v.displayName === "From Python").revision === 2);
  const read = await python(`
import sys, json
import wandb_workspaces.workspaces as ws
w = ws.Workspace.from_url(${JSON.stringify(url)})
p = w.sections[0].panels
print(json.dumps([[s.name for s in w.sections], [type(x).__name__ for x in p], p[0].title, [m.name for m in p[0].y], p[0].log_y, w.sections[1].panel_settings.smoothing_weight, w.settings.max_runs, w.auto_generate_panels]))
`);
  assert.deepEqual(JSON.parse(read), [["Key", "Renamed"], ["LinePlot", "CodeComparer"], "Losses", ["val/loss", "train/loss"], false, 40, 5, false]);
  noFaults(page);
});

test("the palette leads to views, reports, artifacts and settings; what was chosen comes first next time", async () => {
  await server.graphql(key, `mutation { upsertView(input: {entityName: "mira", projectName: "vit-pretrain", type: "runs", name: "r1", displayName: "Why muon", spec: "{}"}) { view { id } } }`);
  const script = server.train(key, `
import wandb
run = wandb.init(project="shelf", settings=wandb.Settings(console="off"))
a = wandb.Artifact("corpus", type="dataset", metadata={"tokens": 3})
run.log_artifact(a).wait()
run.finish()
`);
  await page.goto(home());
  await drawn(page, "train/loss");
  const find = async (text, option) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(text);
    const found = page.getByRole("option", { name: option });
    await found.first().waitFor();
    return found.first();
  };
  await find("why muon", /Why muon/);
  await accessible(page, "the palette with a report");
  await page.keyboard.press("Escape");
  await (await find("ablation", /Ablation/)).click();
  await page.waitForURL(/nw=/);
  await page.getByRole("button", { name: "Ablation" }).waitFor();
  await page.goto(home());
  await drawn(page, "train/loss");
  await page.keyboard.press("Control+k");
  await waitFor("the view first", async () => /Ablation/.test(await page.getByRole("option").first().innerText()));
  await page.keyboard.press("Escape");
  await (await find("appearance", /appearance/)).click();
  await page.waitForURL("**/settings");
  assert.equal((await script.ended).code, 0, script.output());
  await page.goto(server.url + "/mira/shelf/workspace");
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  const artifact = await find("corpus", /corpus/);
  await picture(page, "palette-artifact-1440-dark");
  await artifact.click();
  await page.waitForURL("**/artifacts/dataset/corpus/latest");
  await page.getByRole("heading", { name: /corpus/ }).first().waitFor();
  noFaults(page);
});

test("runs are grouped: a line with its band for each group, single runs on request", async () => {
  await page.goto(home() + "?group=config.optim.name");
  await page.getByRole("listitem").and(page.locator("[data-run^='group:']")).first().waitFor();
  await waitFor("lines of groups", async () => /adamw: first/.test((await said(page, "train/loss")) ?? ""));
  const text = await said(page, "train/loss");
  assert.match(text, /4 runs/, text); // adamw, lion, muon, sgd
  await picture(page, "workspace-grouped-1440-dark");
  await accessible(page, "a grouped workspace");
  await page.getByRole("button", { name: /^muon/ }).click();
  await page.getByRole("link", { name: /lr2e-3-s1/ }).waitFor();
  await page.getByRole("button", { name: "Hide group muon" }).click();
  await waitFor("three lines", async () => /3 runs/.test((await said(page, "train/loss")) ?? ""));
  await page.getByRole("button", { name: "Show group muon" }).click();
  await sectionMenu("train", "Settings of the section");
  await page.getByRole("dialog").getByLabel("Draw groups").uncheck();
  await page.keyboard.press("Escape");
  await waitFor("single runs", async () => /8 runs/.test((await said(page, "train/loss")) ?? ""));
  await page.keyboard.press("Control+z");
  await page.getByRole("button", { name: /^optim.name/ }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "None" }).click();
  await accessible(page, "the picker of groups");
  await page.keyboard.press("Escape");
  noFaults(page);
});

test("the list: a look into a run, the baseline, pins, colours by hand and by a key, columns", async () => {
  await page.goto(home());
  await drawn(page, "train/loss");
  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  const peek = page.getByRole("dialog");
  await peek.getByText("Metrics").waitFor();
  await peek.getByText(/Config that differs/).waitFor();
  await picture(page, "workspace-peek-1440-dark");
  await accessible(page, "a look into a run");
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  const pinned = page.locator("[data-run]").first();
  await waitFor("the baseline on top", async () => (await pinned.locator("svg").count()) > 2 && (await pinned.innerText()).includes("baseline"));

  await pinned.hover();
  await pinned.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Colour" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Colour 3", exact: true }).click();
  await accessible(page, "the colours");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Columns of the list" }).click();
  await page.getByRole("menuitem", { name: /^Colour runs by/ }).click();
  await page.getByRole("dialog").getByText("config.optim.lr", { exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  const strokes = () => page.locator("[data-run] button[aria-pressed] svg path").evaluateAll((all) => new Set(all.map((p) => p.getAttribute("stroke"))).size);
  await waitFor("colours by learning rate", async () => (await strokes()) < 8);
  await page.getByRole("button", { name: "Columns of the list" }).click();
  await page.getByRole("menuitem", { name: "Columns", exact: true }).click();
  await page.getByRole("dialog").getByText("config.optim.lr", { exact: true }).click();
  await page.getByRole("dialog").getByText("config.optim.name", { exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await waitFor("two columns more", async () => (await pinned.innerText()).split("\n").length >= 4);
  await page.getByText(/^[+−]0\.\d+$/).first().waitFor(); // beside the baseline
  await picture(page, "workspace-columns-1440-dark");
  await accessible(page, "a list with columns");

  await page.getByTitle("Order of the list").click();
  await page.getByRole("menuitem", { name: "By several keys" }).click();
  const order = page.getByRole("dialog", { name: "Order of the list" });
  await order.getByLabel("Search keys").fill("optim");
  await order.getByText("config.optim.name", { exact: true }).click();
  await order.getByRole("group", { name: "Direction of optim.name" }).getByText("lowest first").click();
  await order.getByRole("button", { name: "Order by optim.name sooner" }).click();
  await accessible(page, "the order by several keys");
  await picture(page, "workspace-order-1440-dark");
  await order.getByRole("button", { name: "Done" }).click();
  await waitFor("by optimizer, then the newest", async () => {
    const names = await page.locator("[data-run] a").evaluateAll((all) => all.slice(1).map((a) => a.title.match(/(adamw|lion|muon|sgd)/)[1])); // the first is the pin
    return names.length === 8 && names.join() === [...names].sort().join();
  });
  await page.waitForURL(/sort=%2Bconfig\.optim\.name%2C-created_at|sort=\+config/);

  await page.getByRole("button", { name: "Which runs are drawn" }).click();
  await page.getByRole("menuitemradio", { name: "First 5", exact: true }).click();
  await page.getByText(/^[56] drawn$/).waitFor();
  await page.getByRole("button", { name: "Which runs are drawn" }).click();
  await picture(page, "workspace-eye-menu-1440-dark");
  await accessible(page, "the menu of the eye");
  await page.getByRole("menuitem", { name: "Show all runs" }).click();
  await page.getByText("8 drawn").waitFor();
  await page.getByRole("button", { name: "Use the light theme" }).click();
  await drawn(page, "train/loss");
  await picture(page, "workspace-list-1440-light");
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  noFaults(page);
});
