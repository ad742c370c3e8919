// Every screen in both themes, wide and on a phone: nothing for axe to find, nothing sticks out, no error. The pictures
// are kept to be looked at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, BUT_COLOURS, COLOURS_ONLY, drawn, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, key, run;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  server.user("noor", PASSWORD);
  server.admin(["team", "create", "acme-vision", "--owner", "mira"]);
  server.admin(["team", "add", "acme-vision", "noor", "--role", "member"]);
  const [study, printed] = [server.study(key, "vit-pretrain"), server.train(key, `
import wandb
run = wandb.init(project="vit-pretrain", id="printed", name="evaluation-of-the-ema-weights", settings=wandb.Settings(console="wrap"))
print("\\x1b[36mINFO\\x1b[0m loading imagenet-1k, 50,000 images")
for i in range(100):
    print(f"\\revaluating: {i + 1}%|{'#' * (i // 5):20}| {i * 500}/50000", end="")
print()
for i in range(400):
    print(f"batch {i:4}  top1 {0.70 + i / 9000:.4f}  loss {1.4 - i / 3000:.4f}" if i != 377 else "\\x1b[33mWARNING\\x1b[0m 12 images could not be decoded and were left out")
run.log({"val/top1": 0.744, "val/loss": 1.267})
run.finish()
`).ended];
  assert.equal((await printed).code, 0, (await printed).out);
  await study;
  const found = await server.graphql(key, 'query { project(entityName: "mira", name: "vit-pretrain") { runs(first: 50) { edges { node { name displayName state } } } } }');
  run = found.project.runs.edges.find((e) => e.node.displayName.includes("muon-lr2e-3-s1")).node.name;
});
after(async () => { await browser?.close(); await server?.stop(); });

const P = "/mira/vit-pretrain";
const text = (what) => (page) => page.getByText(what).first().waitFor();
const panels = (k) => (page) => drawn(page, k);
const press = (...keys) => async (page) => { for (const k of keys) await page.keyboard.press(k); };
const then = (...acts) => async (page) => { for (const a of acts) await a(page); };

/** name, path, when it is ready; what is opened before the picture is taken is a part of that. */
const SCREENS = [
  ["home", "/home", text("Recent projects")],
  ["owner", "/mira", text("vit-pretrain")],
  ["team", "/acme-vision", text("Log the first run")],
  ["overview", P + "/overview", text("Latest runs")],
  ["first-run", "/mira/not-yet/workspace", text("WANDB_BASE_URL")],
  ["workspace", P + "/workspace", panels("train/loss")],
  ["workspace-filtered", P + "/workspace?q=nothing+has+this+name", text("No run matches")],
  ["workspace-nothing-found", P + "/workspace?panels=nothing", text("No panel matches")],
  ["run", () => `${P}/runs/${run}`, text("train/loss")],
  ["run-charts", () => `${P}/runs/${run}/workspace`, panels("train/loss")],
  ["run-system", () => `${P}/runs/${run}/system`, (page) => page.locator("[data-panel] canvas").first().waitFor()],
  ["run-no-logs", () => `${P}/runs/${run}/logs`, text("Nothing printed yet")],
  ["run-logs", P + "/runs/printed/logs", text("batch")],
  ["run-files", P + "/runs/printed/files?file=wandb-metadata.json", text('"python"')],
  ["run-missing", P + "/runs/nope", text("was not found")],
  ["missing", "/mira/a/b/c/d", text("Nothing here")],
  ["settings", "/settings", text("key of")],
  ["authorize", "/authorize", (page) => page.getByText(/wandb login --host \S+ \S{40,}/).waitFor()],
];
/** What opens on top of a screen. */
const OPEN = [
  ["palette", P + "/workspace", then(panels("train/loss"), press("Control+k"), text("Go to workspace"))],
  ["help", "/home", then(text("Recent projects"), press("?"), text("Keyboard shortcuts"))],
  ["menu", "/home", then(text("Recent projects"), (page) => page.getByRole("button", { name: "Account of mira" }).click(), text("Sign out"))],
  ["new-key", "/settings", then(text("key of"), (page) => page.getByRole("button", { name: "New key" }).click(), (page) => page.getByRole("dialog").waitFor())],
  ["stop", () => `${P}/runs/${run}`, then((page) => page.getByRole("button", { name: "Stop" }).click(), (page) => page.getByRole("dialog").waitFor())],
  ["full", P + "/workspace", then(panels("train/loss"), async (page) => { await page.locator('[data-panel="h:train/loss"]').focus(); await page.keyboard.press("f"); }, (page) => page.getByRole("dialog").locator("canvas").first().waitFor())],
];

/** Waits until every panel in sight has drawn: a narrow window lays them out anew. */
const filled = (page) => waitFor("the panels in sight", () => page.locator("[data-panel]").evaluateAll((all) => all.every((p) => {
  const b = p.getBoundingClientRect();
  return b.top > innerHeight || b.bottom < 0 || p.querySelector("canvas") !== null;
})));

/** Nothing is wider than the window. */
async function fits(page, what) {
  const wide = await page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 120)) : []));
  assert.deepEqual(wide, [], what);
}
/** Another size of the window, laid out. */
async function resized(page, width, height) {
  await page.setViewportSize({ width, height });
  await waitFor(`a window of ${width} pixels`, () => page.evaluate((w) => innerWidth === w, width));
}

for (const theme of ["dark", "light"]) {
  test(`every screen, ${theme}`, async () => {
    const page = await openPage(browser, { theme, as: [server, "mira", PASSWORD] });
    for (const [name, path, ready] of [...SCREENS, ...OPEN]) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(server.url + (typeof path === "string" ? path : path()));
      await ready(page);
      await accessible(page, `${name}, ${theme}`, theme === "dark" || OPEN.some((o) => o[0] === name) ? {} : COLOURS_ONLY);
      await picture(page, `${name}-1440-${theme}`);
      if (OPEN.some((o) => o[0] === name)) continue;
      if (theme === "light") {
        await resized(page, 720, 450); // what a zoom to 200 % leaves of the window
        await ready(page);
        await fits(page, `${name} sticks out at 200 %`);
      }
      await resized(page, 390, 844);
      await ready(page);
      await filled(page);
      await fits(page, `${name} sticks out of a phone`);
      if (theme === "dark") await accessible(page, `${name}, phone`, BUT_COLOURS);
      await picture(page, `${name}-390-${theme}`);
    }
    noFaults(page, /status of 404/);
    await page.context().close();
  });

  test(`the sign-in, ${theme}`, async () => {
    const page = await openPage(browser, { theme });
    await page.goto(server.url + "/login");
    await page.getByLabel("Password").waitFor();
    await accessible(page, `sign-in, ${theme}`);
    await picture(page, `login-1440-${theme}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, `login-390-${theme}`);
    noFaults(page);
    await page.context().close();
  });
}

test("the list of runs on a phone is a drawer", async () => {
  const page = await openPage(browser, { width: 390, height: 844, as: [server, "mira", PASSWORD] });
  await page.goto(server.url + P + "/workspace");
  await drawn(page, "train/loss");
  await page.getByRole("button", { name: "Open the run list" }).click();
  await page.locator("[data-run]").first().waitFor();
  await accessible(page, "the drawer");
  await picture(page, "workspace-list-390-dark");
  await page.getByRole("button", { name: "Close the run list" }).click();
  await page.locator("[data-run]").first().waitFor({ state: "detached" });
  noFaults(page);
  await page.context().close();
});
