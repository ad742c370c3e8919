// A person without a pointer: everything is reached, the focus is always seen, Esc leaves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, painted, panel, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, key, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  const study = await server.study(key, "vit-pretrain", "400");
  await study.finish();
  page = await openPage(browser);
});
after(async () => { await browser?.close(); await server?.stop(); });

const press = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
/** What has the focus, in a few words. */
const focus = () => page.evaluate(() => { const e = document.activeElement; return e.getAttribute("aria-label") ?? e.textContent.slice(0, 60); });
/** The ring around what has the focus: every element that a key leads to must show one, itself or its frame. */
const seen = () => page.evaluate(() => {
  for (let e = document.activeElement, up = 0; e && e !== document.body && up < 3; e = e.parentElement, up++) {
    const s = getComputedStyle(e);
    if ((s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none" || s.backgroundImage.includes("gradient")) return true;
  }
  return false;
});
/** Tabs until something of this name has the focus; each stop on the way must show it. */
async function tabTo(name, most = 60) {
  for (let i = 0; i < most; i++) {
    await press("Tab");
    if (await page.evaluate(() => [document.body, document.documentElement, null].includes(document.activeElement) || document.activeElement.id === "root")) continue; // the end of the page: next is its start
    const what = await focus();
    assert.ok(await seen(), `no ring around “${what}”`);
    if (name.test(what)) return;
  }
  assert.fail(`no way to ${name} by Tab`);
}

test("sign in, open the project, and tab through every control with the focus in sight", async () => {
  await page.goto(server.url);
  await page.waitForURL("**/login**");
  await waitFor("the first field to have the focus", async () => page.evaluate(() => document.activeElement?.getAttribute("name") === "username"));
  await page.keyboard.type("mira");
  await press("Tab");
  await page.keyboard.type(PASSWORD);
  await press("Enter");
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await page.getByRole("link", { name: /vit-pretrain/ }).first().waitFor();
  await tabTo(/^mira \/ vit-pretrain/);
  await press("Enter");
  await page.waitForURL("**/vit-pretrain/**"); // the project, or one of its runs
  await press("Control+k");
  await page.keyboard.type("go to workspace");
  await page.getByRole("option", { name: "Go to workspace" }).waitFor();
  await press("Enter");
  await page.waitForURL("**/vit-pretrain/workspace**");
  await drawn(page, "train/loss");
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(/Skip to content/);
  await tabTo(/Filter runs/);
  await tabTo(/Search panels/);
  await tabTo(/^Panels$/);
});

test("runs: j and k move, v hides, ⇧V shows only one, Enter opens", async () => {
  await press("Escape", "j");
  await waitFor("a run with the focus", () => page.evaluate(() => !!document.activeElement.closest("[data-run]")));
  assert.ok(await seen());
  const first = await focus();
  await press("j");
  await waitFor("the next run", async () => (await focus()) !== first);
  await press("k");
  await waitFor("the run before", async () => (await focus()) === first);
  await press("v");
  await page.getByText("7 drawn").waitFor();
  await press("v");
  await page.getByText("8 drawn").waitFor();
  await press("Shift+V");
  await page.getByText("1 drawn").waitFor();
  await page.getByRole("button", { name: "Hide all runs" }).focus();
  await press("Enter");
  await page.getByText("No run is visible").waitFor();
  await page.getByRole("button", { name: "Show the first 12" }).focus();
  await press("Enter");
  await page.getByText("8 drawn").waitFor();
  await press("\\");
  await page.getByRole("complementary", { name: "Runs" }).waitFor({ state: "detached" });
  await press("\\");
  await page.getByRole("complementary", { name: "Runs" }).waitFor();
});

test("panels: arrows move, l makes the axis logarithmic, the crosshair steps, f fills the screen, Esc leaves", async () => {
  await page.getByRole("region", { name: "Panels" }).focus();
  await press("ArrowRight");
  await waitFor("a panel with the focus", () => page.evaluate(() => document.activeElement.dataset.panel !== undefined));
  assert.ok(await seen());
  await press("ArrowRight");
  const key = await focus();
  await drawn(page, key);
  const before = await painted(page, key);
  await press("l");
  await waitFor("a logarithmic axis", async () => (await painted(page, key)) !== before);
  await press("l");
  await waitFor("the linear axis again", async () => (await painted(page, key)) === before);
  await waitFor("a crosshair", async () => (await press("Shift+ArrowRight"), panel(page, key).locator(".u-cursor-x").evaluate((l) => !l.classList.contains("u-off") && new DOMMatrix(getComputedStyle(l).transform).m41 >= 0)));
  await press("f");
  await page.getByRole("dialog").waitFor();
  await accessible(page, "full screen");
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await waitFor("the focus to come back", async () => (await focus()) === key);
  await press(".");
  await page.waitForURL(/smooth=0\.05/);
  await press(",", "m");
  await page.waitForURL((u) => !u.searchParams.has("smooth") && u.searchParams.get("band") === "false");
  await press("m");
});

test("/ filters, Esc leaves; the palette finds runs and commands; ? lists the keys; g goes", async () => {
  await press("/");
  await becomes(focus, "Filter runs");
  await page.keyboard.type("sgd");
  await page.getByText("1 found of 8").waitFor();
  await press("Escape");
  await page.getByText("8 runs").waitFor();
  await press("Escape");
  await waitFor("the focus elsewhere", async () => (await focus()) !== "Filter runs");

  await press("Control+k");
  const box = page.getByRole("combobox");
  await box.waitFor();
  await page.keyboard.type("lion");
  await page.getByRole("option", { name: /lion/ }).first().waitFor();
  await waitFor("the run to be the first choice", async () => /lion/.test(await page.getByRole("option", { selected: true }).innerText()));
  await accessible(page, "palette");
  await picture(page, "palette-1440-dark");
  await press("Enter");
  await page.waitForURL("**/runs/*");
  await page.getByRole("heading", { level: 1, name: /lion/ }).waitFor();

  await press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await accessible(page, "help");
  await picture(page, "help-1440-dark");
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  for (const [keys, tab] of [["gl", "logs"], ["gf", "files"], ["gy", "system"], ["gw", "workspace"], ["go", ""]]) {
    await press(...keys);
    await page.waitForURL((u) => u.pathname.endsWith(tab ? "/" + tab : u.pathname.split("/").at(-1)));
    await page.locator(`nav[aria-label=Views] [aria-current=page]`).waitFor();
  }
  await press("g", "h");
  await page.waitForURL("**/home");
  await press("Shift+D");
  await becomes(() => page.locator("html").getAttribute("data-theme"), "light");
  await press("Shift+D");
  noFaults(page);
});

test("menus and dialogs trap the focus and give it back", async () => {
  await page.goto(server.url + "/settings");
  await page.getByRole("button", { name: "New key" }).focus();
  await press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let i = 0; i < 12; i++) {
    await press("Tab");
    assert.ok(await page.evaluate(() => !!document.activeElement.closest("[role=dialog]")), "the focus left the dialog");
    assert.ok(await seen(), `no ring around “${await focus()}”`);
  }
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await waitFor("the focus to come back", async () => (await focus()).trim() === "New key");
  await page.getByRole("button", { name: "Account of mira" }).focus();
  await press("Enter");
  await page.getByRole("menuitem", { name: "Home" }).waitFor();
  await press("ArrowDown", "Escape");
  await waitFor("the focus to come back", async () => (await focus()) === "Account of mira");
  noFaults(page);
});
