// What is not there, what may not be seen, and what went wrong: said in words, with a way out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, noFaults, openPage, picture, Server } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, key;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  server.user("eve", PASSWORD);
  await server.graphql(key, 'mutation { upsertBucket(input: {entityName: "mira", modelName: "hidden", name: "r1"}) { bucket { id } } }');
});
after(async () => { await browser?.close(); await server?.stop(); });

test("a page that is not there says what was looked for", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/hidden/no/such/page");
  await page.getByRole("heading", { name: "Nothing here" }).waitFor();
  await page.getByText("/mira/hidden/no/such/page").waitFor();
  await page.goto(server.url + "/mira/hidden/runs/nope");
  await page.getByText("was not found").waitFor();
  noFaults(page, /status of 404/);
  await page.context().close();
});

test("what is hidden looks like what does not exist", async () => {
  const page = await openPage(browser, { as: [server, "eve", PASSWORD] });
  const seen = [];
  for (const project of ["hidden", "absent"]) {
    for (const path of ["/workspace", "/overview", "/runs/r1", "/runs/r1/logs", "/runs/r1/files"]) {
      await page.goto(`${server.url}/mira/${project}${path}`);
      await page.getByText("was not found").waitFor();
      seen.push([path, (await page.locator("main").innerText()).replaceAll(project, "…")]);
    }
  }
  assert.deepEqual(seen.slice(5), seen.slice(0, 5));
  noFaults(page, /status of 40[34]/);
  await page.context().close();
});

test("an error of the server is shown with its words, the id of the request, and a way to try again", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  let broken = true;
  await page.route("**/api/runs", (route) => (broken ? route.fulfill({ status: 403, contentType: "application/json", body: JSON.stringify({ error: "The store is being moved.", request: "0123456789abcdef" }) }) : route.continue()));
  await page.goto(server.url + "/mira/hidden/workspace");
  await page.getByText("The store is being moved.").waitFor();
  await page.getByText("0123456789abcdef").waitFor();
  await accessible(page, "an error");
  await picture(page, "error-1440-dark");
  broken = false;
  await page.getByRole("button", { name: "Retry" }).first().click();
  await page.locator("[data-run]").first().waitFor();
  noFaults(page, /status of 403/);
  await page.context().close();
});

test("a session that ended leads to the sign-in, and back", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/hidden/workspace");
  await page.locator("[data-run]").first().waitFor();
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Overview" }).click({ timeout: 1000 }).catch(() => {}); // a change may have told the page before us
  await page.waitForURL("**/login?to=**");
  await page.getByLabel("Name or email").fill("mira");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/mira/hidden/*");
  await page.getByRole("heading", { name: /hidden/, level: 1 }).waitFor();
  noFaults(page, /status of 401/);
  await page.context().close();
});
