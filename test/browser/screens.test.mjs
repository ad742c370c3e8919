// Every screen in both themes, wide and on a phone; the keyboard alone; what is refused; a server that goes away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, noFaults, openPage, picture, Server, signIn, waitFor } from "./ballast.mjs";

let server, browser, key;
const long = "a-very-long-name-that-somebody-made-with-a-script-lr3e-4-wd0.1-ema-s17-2026-09-19";

before(async () => {
  server = await Server.start();
  browser = await launch();
  key = server.user("mira", "correct horse battery", "--admin");
  const { code, out } = await server.train(key, `
import wandb, math
for r in range(4):
    run = wandb.init(project="screens", name=f"${long}-{r}", id=f"r{r}", config={"lr": 10 ** -r}, tags=["paper"])
    for i in range(1200):
        run.log({"train/loss": math.exp(-i / 300) * (1 + r) + (i % 7) * .01 + (3 if i == 600 else 0), "train/lr": 1e-3 * (1 - i / 1300), "val/acc": i / 1200})
    run.finish(exit_code=1 if r == 3 else 0)
`).ended;
  assert.equal(code, 0, out);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const SCREENS = [
  ["home", "/home", "screens"],
  ["owner", "/mira", "screens"],
  ["overview", "/mira/screens/overview", "Latest runs"],
  ["workspace", "/mira/screens/workspace", "Workspace of screens"],
  ["empty", "/mira/not-yet/workspace", "Log the first run to not-yet"],
  ["filtered", "/mira/screens/workspace?q=nothing-has-this-name", "No run matches"],
  ["run", "/mira/screens/runs/r0", "train/loss"],
  ["run-charts", "/mira/screens/runs/r0/workspace", "train/loss"],
  ["run-system", "/mira/screens/runs/r0/system", "cpu"],
  ["run-logs", "/mira/screens/runs/r0/logs", "lines"],
  ["run-files", "/mira/screens/runs/r0/files", "config.yaml"],
  ["run-missing", "/mira/screens/runs/nope", "was not found"],
  ["missing", "/mira/a/b/c/d/e", "Nothing here"],
  ["settings", "/settings", "API keys"],
  ["authorize", "/authorize?ref=models", "Your API key"],
];

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 390, 844], ["light", 390, 844]]) {
  test(`every screen, ${theme}, ${width} wide: no fault, nothing for axe to find, nothing sticks out`, async () => {
    const page = await openPage(browser, { width, height, theme });
    await signIn(page, server, "mira", "correct horse battery");
    for (const [name, path, text] of SCREENS) {
      await page.goto(server.url + path);
      await page.getByText(text).first().waitFor({ state: "attached" });
      if (/charts|workspace/.test(name)) await page.locator(".u-over").first().waitFor();
      await page.waitForTimeout(300);
      await accessible(page, `${name} ${theme} ${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at ${width}`);
      await picture(page, `${name}-${theme}-${width}`);
    }
    noFaults(page);
    await page.context().close();
  });
}

test("the workspace by the keyboard alone", async () => {
  const page = await openPage(browser);
  await signIn(page, server, "mira", "correct horse battery");
  await page.goto(server.url + "/mira/screens/workspace");
  await page.locator(".u-over").first().waitFor();
  const eyes = () => page.locator('[data-run][data-on="1"]').count();
  assert.equal(await eyes(), 4);
  await page.keyboard.press("j");
  await page.keyboard.press("v");
  await waitFor("the run to hide", async () => (await eyes()) === 3);
  await page.keyboard.press("Shift+V");
  await waitFor("only this run", async () => (await eyes()) === 1);
  await page.keyboard.press("Shift+D");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
  await page.keyboard.press("/");
  await page.keyboard.type("state:failed");
  await page.getByText("1 found of 4").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("overview");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/mira/screens/overview");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await page.waitForURL("**/mira/screens/workspace");
  await page.locator("[data-run]").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/mira/screens/runs/r*");
  noFaults(page);
  await page.context().close();
});

test("crosshair, zoom and its address", async () => {
  const page = await openPage(browser);
  await signIn(page, server, "mira", "correct horse battery");
  await page.goto(server.url + "/mira/screens/workspace?panels=train");
  const over = page.locator('[data-panel="h:train/loss"] .u-over');
  await over.waitFor();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 3 });
  await waitFor("a crosshair in the other panel", () => page.locator('[data-panel="h:train/lr"] .u-cursor-x').evaluate((el) => !el.classList.contains("u-off")));
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/zoom=/);
  await page.getByRole("button", { name: /Step \d+ to/ }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: /Step \d+ to/ }).waitFor(); // the address is the state
  await page.keyboard.press("0");
  await page.waitForURL((u) => !u.search.includes("zoom"));
  noFaults(page);
  await page.context().close();
});

test("nobody signed in sees the sign-in, a wrong password is refused, and the way back is kept", async () => {
  const page = await openPage(browser);
  await page.goto(server.url + "/mira/screens/workspace");
  await page.waitForURL("**/login**");
  await accessible(page, "login");
  await picture(page, "login");
  await page.getByLabel("Name or email").fill("mira");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/mira/screens/workspace");
  await page.context().close();
});

test("a stranger learns nothing of what is hidden", async () => {
  server.user("eve", "correct horse battery");
  const page = await openPage(browser);
  await signIn(page, server, "eve", "correct horse battery");
  for (const path of ["/mira/screens/workspace", "/mira/there-is-no-such/workspace"]) {
    await page.goto(server.url + path);
    await page.getByText("was not found").waitFor();
  }
  await page.context().close();
});

test("a key is made with a name, shown once, and revoked", async () => {
  const page = await openPage(browser);
  await signIn(page, server, "mira", "correct horse battery");
  await page.goto(server.url + "/settings");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("laptop");
  await accessible(page, "new key");
  await page.getByRole("dialog").getByRole("button", { name: /create|make/i }).click();
  const secret = await waitFor("the secret", async () => /\S{40,}/.exec(await page.getByRole("dialog").innerText())?.[0]);
  await picture(page, "new-key");
  await page.keyboard.press("Escape");
  await page.getByRole("cell", { name: "laptop", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("cell", { name: "laptop", exact: true }).waitFor();
  assert.ok(!(await page.content()).includes(secret), "the secret is shown again");
  await page.getByRole("button", { name: "Revoke laptop" }).click();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await page.getByRole("cell", { name: "laptop", exact: true }).waitFor({ state: "detached" });
  noFaults(page);
  await page.context().close();
});

test("a server that goes away is said, and its return is noticed", async () => {
  const page = await openPage(browser);
  await signIn(page, server, "mira", "correct horse battery");
  await page.goto(server.url + "/mira/screens/workspace");
  const live = page.locator("header [role=status]");
  await live.filter({ hasText: "Live" }).waitFor();
  const ended = new Promise((done) => server.process.on("exit", done));
  server.process.kill("SIGTERM");
  await ended;
  await live.filter({ hasText: "Reconnecting" }).waitFor({ timeout: 15_000 });
  await picture(page, "reconnecting");
  await server.run();
  await live.filter({ hasText: "Live" }).waitFor({ timeout: 30_000 });
  await page.context().close();
});
