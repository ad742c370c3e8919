// A fresh server: its one-time link, the first administrator, signing in and out, a key for the SDK, and its end.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const NO_PROVIDER = ["--oidc-issuer", "http://127.0.0.1:1/nobody", "--oidc-client-id", "ballast"]; // nothing answers there
let server, browser;
before(async () => { [server, browser] = await Promise.all([Server.start(...NO_PROVIDER), launch()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const setupLink = () => server.log().match(/https?:\/\/\S+\/setup\?token=[^\s"]+/)?.[0];

/** Whether the SDK's own login takes a key. */
const login = (key) => server.train(key, `
import wandb
print("TOOK" if wandb.login(verify=True) else "REFUSED")
print("I AM", wandb.Api().viewer.username)
`).ended;

test("a fresh server is set up once, by the link in its log", async () => {
  const page = await openPage(browser);
  await page.goto(server.url);
  await page.getByLabel("Set-up token").waitFor();
  await accessible(page, "set-up without a link");

  const link = await waitFor("the link in the log", setupLink);
  await page.goto(link);
  await page.getByRole("heading", { name: "Set up Ballast" }).waitFor();
  await page.getByRole("button", { name: "Make administrator" }).click();
  await page.getByText("An email address, such as").waitFor(); // nothing filled in: said at the fields
  await accessible(page, "set-up with errors");
  await picture(page, "setup-errors-1440-dark");
  await page.getByLabel("Name").fill("mira");
  await page.getByLabel("Email").fill("mira@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD + "!");
  await page.keyboard.press("Enter");
  await page.getByText("The two passwords differ.").waitFor();
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.keyboard.press("Enter");

  await page.waitForURL("**/home");
  await page.getByRole("heading", { name: /Log the first run/ }).waitFor();
  const environment = page.getByRole("region", { name: "Environment" });
  await becomes(() => environment.innerText(), new RegExp(`WANDB_BASE_URL=${server.url}`));
  await becomes(() => page.getByRole("region", { name: "Python" }).innerText(), /wandb\.init\(project="first-steps"/);
  await page.getByRole("button", { name: "Make a key for me" }).click();
  await waitFor("a key in the snippet", async () => /WANDB_API_KEY=\S{40,}/.test(await environment.innerText()));

  await page.goto(link);
  await page.getByRole("heading", { name: "This server is set up" }).waitFor();
  noFaults(page);
  await page.context().close();
});

test("signing out and in; a wrong password is refused in words", async () => {
  const page = await openPage(browser);
  await page.goto(server.url + "/settings");
  await page.waitForURL("**/login**");
  await page.getByLabel("Name or email").fill("mira");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  const refused = page.getByRole("alert");
  await refused.waitFor();
  await becomes(() => refused.innerText(), /password/i);
  await accessible(page, "sign-in, refused");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Settings" }).waitFor(); // where we wanted to go

  await page.getByRole("button", { name: "Account of mira" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.goto(server.url + "/settings");
  await page.waitForURL("**/login**");

  await page.getByRole("link", { name: "Sign in with 127.0.0.1:1" }).click(); // an identity provider that is down: said there, and the password still counts
  await page.getByText("The provider does not answer at the moment.").waitFor();
  await accessible(page, "sign-in, the provider is down");
  noFaults(page, /status of 401/);
  await page.context().close();
});

test("/authorize shows a key that the SDK logs in with, once", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/authorize");
  const shown = page.getByRole("region", { name: "API key" });
  await shown.waitFor();
  const key = (await shown.innerText()).trim();
  await page.getByRole("button", { name: "Copy" }).first().click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  const sdk = await login(key);
  assert.equal(sdk.code, 0, sdk.out);
  assert.match(sdk.out, /TOOK\s[\s\S]*I AM mira/);
  await page.reload();
  await shown.waitFor();
  await waitFor("another key", async () => { const now = (await shown.innerText()).trim(); return now !== "" && now !== key; });
  noFaults(page);
  await page.context().close();
});

test("a key is made, shown once and revoked; the SDK is refused from then on", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/settings");
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("laptop");
  await accessible(page, "new key");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("region", { name: "The new API key" });
  await shown.waitFor();
  await accessible(page, "the new key");
  const key = (await shown.innerText()).trim();
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "detached" });
  const row = page.getByRole("row").filter({ hasText: "laptop" });
  await row.waitFor();
  assert.ok(!(await page.content()).includes(key), "the secret is gone from the page");
  const took = await login(key);
  assert.match(took.out, /TOOK\s[\s\S]*I AM mira/);

  await row.getByRole("button", { name: "Revoke laptop" }).click();
  await page.getByRole("dialog", { name: "Revoke this key?" }).waitFor();
  await accessible(page, "revoking a key");
  await page.getByRole("button", { name: "Revoke key" }).click();
  await row.waitFor({ state: "detached" });
  await waitFor("the key to be refused", async () => {
    try { await server.graphql(key, "{ viewer { id } }"); return false; } catch (e) { return /40[13]/.test(e.message) || /key/i.test(e.message); }
  });
  const refused = await login(key);
  assert.notEqual(refused.code, 0, refused.out);
  assert.doesNotMatch(refused.out, /I AM mira/);
  noFaults(page);
  await page.context().close();
});
