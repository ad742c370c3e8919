// The start page, a project's overview and settings, a person's and a team's settings: what they say, what can be done
// there, in both themes and sizes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password", LONGER = "another password, longer";
let server, browser, running;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  const key = server.user("mira", PASSWORD, "--admin"), noor = server.user("noor", PASSWORD);
  server.admin(["team", "create", "vision", "--owner", "mira"]);
  server.admin(["team", "add", "vision", "noor", "--role", "member"]);
  running = [server.train(key, `
import sys, wandb
bad = wandb.init(entity="vision", project="vit", id="bad", name="diverged", config={"max_steps": 40})
bad.log({"loss": 1})
bad.finish(exit_code=3)
for name in ["gone", "kept"]:
    run = wandb.init(entity="vision", project="vit", id=name, name=name)
    run.log({"loss": 1})
    run.finish()
run = wandb.init(entity="vision", project="vit", id="live", name="vit-base-live", config={"max_steps": 40}, settings=wandb.Settings(x_file_stream_transmit_interval=1))
for i in range(10):
    run.log({"loss": 1 / (i + 1)})
wandb.Api().run("vision/vit/gone").delete()
print("READY")
sys.stdin.read()
run.finish()
`), server.train(noor, `
import sys, wandb
wandb.init(project="notes").finish()
run = wandb.init(entity="vision", project="vit", id="theirs", name="vit-small-theirs")
run.log({"loss": 1})
print("READY")
sys.stdin.read()
run.finish()
`)];
  await Promise.all(running.map((p) => p.says("READY")));
});
after(async () => { await browser?.close(); await server?.stop(); });

const card = (page, name) => page.locator("section").filter({ has: page.getByRole("heading", { name, exact: true }) });
const narrow = async (page) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await waitFor("the phone's layout", () => page.evaluate(() => innerWidth === 390));
  const wide = await page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 120)) : []));
  assert.deepEqual(wide, [], "sticks out of a phone");
};
/** A screen at both sizes, for axe and to be looked at. */
const looked = async (page, name, theme) => {
  await accessible(page, `${name}, ${theme}`);
  await picture(page, `${name}-1440-${theme}`);
  await narrow(page);
  await accessible(page, `${name}, ${theme}, phone`);
  await picture(page, `${name}-390-${theme}`);
  await page.setViewportSize({ width: 1440, height: 900 });
};

for (const theme of ["dark", "light"]) {
  test(`home and settings, ${theme}`, async () => {
    const page = await openPage(browser, { theme, as: [server, "mira", PASSWORD] });
    const asked = [];
    page.on("request", (r) => { if (/\/(api|graphql)\b/.test(new URL(r.url()).pathname)) asked.push(`${r.method()} ${new URL(r.url()).pathname}`); });
    await page.goto(server.url + "/home");
    const mine = card(page, "Your running runs").getByRole("listitem");
    await mine.filter({ hasText: "vit-base-live" }).getByText("25 %").waitFor(); // 10 of 40 steps
    assert.deepEqual(asked.filter((a) => !/session|live/.test(a)).filter((a, i, all) => all.indexOf(a) === i).sort(), ["GET /api/home", "PUT /api/home"], "home is one query");
    await becomes(() => mine.count(), 1);
    await becomes(() => card(page, "Failed since your last visit").innerText(), /diverged[\s\S]*exit code 3/);
    await becomes(() => card(page, "Also running in your teams").innerText(), /vit-small-theirs[\s\S]*noor in vision\/vit/);
    await becomes(() => card(page, "Recent projects").innerText(), /vision \/ vit[\s\S]*2 running[\s\S]*4 runs/);
    await looked(page, "home", theme);
    await narrow(page);
    const tops = await Promise.all(["Your running runs", "Recent projects"].map((name) => card(page, name).boundingBox()));
    assert.ok(tops[0].y < tops[1].y && tops[0].y < 200, "on a phone what runs comes first");
    await page.setViewportSize({ width: 1440, height: 900 });

    for (const [path, ready, name] of [
      ["/vision/vit/overview", "Bring back", "overview"],
      ["/vision/vit/settings", "Rename", "project-settings"],
      ["/settings", "End all others", "settings"],
      ["/vision/settings", "New service account", "team-settings"],
      ["/vision", "Filter projects", "team"],
    ]) {
      if (name === "settings") await openPage(browser, { as: [server, "mira", PASSWORD] }); // another session to end
      await page.goto(server.url + path);
      await page.getByText(ready).or(page.getByLabel(ready)).first().waitFor();
      await waitFor("nothing that loads", async () => (await page.locator("[role=status][aria-label=Loading]").count()) === 0);
      await looked(page, name, theme);
    }
    noFaults(page);
    await page.context().close();
  });
}

test("what was seen is not told again; pins stand first", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/home");
  await page.getByRole("button", { name: "Mark as seen" }).click();
  await card(page, "Failed since your last visit").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Pin vision/vit" }).focus();
  await page.keyboard.press("Enter");
  await card(page, "Pinned").getByText("vit").waitFor();
  await page.reload();
  await card(page, "Pinned").getByText("vit").waitFor();
  await becomes(() => card(page, "Failed since your last visit").count(), 0);
  await page.getByRole("button", { name: "Pin vision/vit" }).click();
  await card(page, "Pinned").waitFor({ state: "detached" });
  noFaults(page);
  await page.context().close();
});

test("a project's address leads to the view that was open last; its overview adds up, brings back, is described, is renamed", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/vision/vit");
  await page.waitForURL("**/vision/vit/workspace**");
  await page.goto(server.url + "/vision/vit/overview");
  await card(page, "Totals").getByText("Storage").waitFor();
  await becomes(() => card(page, "Totals").innerText(), /Runs\s+4[\s\S]*Running\s+2[\s\S]*Finished\s+1[\s\S]*Failed\s+1[\s\S]*Compute[\s\S]*Metrics \S+ B|KiB/);
  await becomes(() => card(page, "People").innerText(), /mira\s+3 runs[\s\S]*noor\s+1 run/);
  await card(page, "Activity").getByText("4 runs began in twelve weeks").waitFor();

  await page.getByRole("button", { name: "Bring gone back" }).click();
  await card(page, "Deleted runs").waitFor({ state: "detached" });
  await card(page, "Totals").getByText("Finished 2").waitFor();

  await page.getByRole("button", { name: "Edit the description" }).click();
  await page.getByRole("textbox", { name: "Description" }).fill("# Aims\n\nBeat **74.4**, see [the paper](https://example.com).\n\n<script>alert(1)</script>");
  await page.getByRole("button", { name: "Look" }).click();
  await card(page, "Description").getByRole("heading", { name: "Aims" }).waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Edit the description" }).waitFor();
  await becomes(() => card(page, "Description").locator("script").count(), 0);
  await accessible(page, "a description");
  await page.reload();
  await card(page, "Description").locator("strong").waitFor();

  await page.goto(server.url + "/vision/vit");
  await page.waitForURL("**/vision/vit/overview");
  await page.getByRole("link", { name: "Settings" }).click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("no/slashes");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("alert").waitFor();
  await name.fill("vit-next");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.waitForURL("**/vision/vit-next/settings");
  await page.goto(server.url + "/vision/vit/overview"); // the old name leads on
  await card(page, "Totals").getByText("Storage").waitFor();

  await page.goto(server.url + "/vision/vit-next/settings");
  await page.getByRole("button", { name: "Delete vit-next…" }).click();
  const end = page.getByRole("button", { name: "Delete project" });
  await page.getByLabel(/Type vit-next/).fill("vit");
  assert.ok(await end.isDisabled());
  await page.keyboard.press("Escape");
  noFaults(page);
  await page.context().close();
});

test("looks are remembered: rows of tables, dashes from the first run", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/settings");
  await page.getByRole("button", { name: "Compact" }).click();
  await page.getByRole("button", { name: "From the first run" }).click();
  await accessible(page, "chosen looks");
  await page.goto(server.url + "/vision/vit-next/table");
  await page.getByRole("button", { name: "Low" }).and(page.locator("[aria-pressed=true]")).waitFor();
  await page.goto(server.url + "/vision/vit-next/workspace");
  await waitFor("dashes that differ", async () => new Set(await page.locator("[data-run] [stroke-dasharray]").evaluateAll((all) => all.map((e) => e.getAttribute("stroke-dasharray")))).size > 1);
  noFaults(page);
  await page.context().close();
});

test("a person ends a session, the others, and changes name and password", async () => {
  const [page, phone, tablet] = [await openPage(browser, { as: [server, "noor", PASSWORD] }), await openPage(browser, { as: [server, "noor", PASSWORD] }), await openPage(browser, { as: [server, "noor", PASSWORD] })];
  await page.goto(server.url + "/settings");
  const rows = page.getByRole("region", { name: "Sessions" }).locator("tbody tr");
  await waitFor("three sessions", async () => (await rows.count()) === 3);
  await rows.filter({ has: page.getByRole("button", { name: /End the session/ }) }).first().getByRole("button").click();
  await waitFor("one that ended", async () => (await rows.count()) === 2);
  await page.getByRole("button", { name: "End all others" }).click();
  await accessible(page, "ending sessions");
  await page.getByRole("button", { name: "End sessions" }).click();
  await waitFor("this one alone", async () => (await rows.count()) === 1);
  for (const other of [phone, tablet]) {
    await other.goto(server.url + "/home");
    await other.waitForURL("**/login**");
  }

  await page.getByRole("button", { name: "Change name" }).click();
  await page.getByLabel("Full name").fill("Noor Haddad");
  await page.keyboard.press("Enter");
  await card(page, "Profile").getByText("Noor Haddad").waitFor();
  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Old password").fill("not this one");
  await dialog.getByLabel("New password", { exact: true }).fill(LONGER);
  await dialog.getByLabel("New password again").fill(LONGER);
  await page.keyboard.press("Enter");
  await dialog.getByText("the old password is wrong").waitFor();
  await accessible(page, "a wrong password");
  await dialog.getByLabel("Old password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  const again = await openPage(browser, { as: [server, "noor", LONGER] });
  await again.context().close();
  noFaults(page, /status of 403/);
  await Promise.all([page, phone, tablet].map((p) => p.context().close()));
});

test("a team is made, gets a service account, and its key logs a run there", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/settings");
  await page.getByRole("button", { name: "New team" }).click();
  await page.getByLabel("Name").fill("no good/name");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await accessible(page, "a new team");
  await page.getByLabel("Name").fill("robotics");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/robotics/settings");
  await page.getByRole("button", { name: "New service account" }).click();
  await page.getByLabel("What it is for").fill("nightly");
  await page.keyboard.press("Enter");
  const shown = page.getByRole("region", { name: "The account's API key" });
  const key = (await shown.innerText()).trim();
  await accessible(page, "a service account's key");
  await page.getByRole("button", { name: "Done" }).click();
  await card(page, "Service accounts").getByText("nightly").first().waitFor();
  const logged = await server.train(key, 'import wandb\nwandb.init(entity="robotics", project="arm").finish()').ended;
  assert.equal(logged.code, 0, logged.out);
  await page.goto(server.url + "/robotics");
  await page.getByText("arm").first().waitFor();
  noFaults(page);
  await page.context().close();
});
