// The sample project at one click; a team's people and invitations by link; public read-only links.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  server.user("mira", PASSWORD, "--admin");
  server.admin(["team", "create", "vision", "--owner", "mira"]);
});
after(async () => { await browser?.close(); await server?.stop(); });

test("the first steps make a sample project at one click", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira");
  await page.getByRole("button", { name: "Make a sample project" }).click();
  await page.waitForURL("**/mira/sample-project/workspace**");
  await page.getByText("search-18").first().waitFor();
  await waitFor("panels that are drawn", async () => (await page.locator("canvas").count()) > 2);
  await picture(page, "sample-1440-dark");
  noFaults(page);
  await page.context().close();
});

test("a team's admin invites by link; somebody new joins once", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/vision/settings");
  await page.getByRole("heading", { name: "Settings of vision" }).waitFor();
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByRole("button", { name: "Make link" }).click();
  const link = await page.getByRole("region", { name: "The invitation" }).innerText();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Take back the invitation as member" }).waitFor();
  await accessible(page, "team settings");
  await picture(page, "team-settings-1440-dark");

  const guest = await openPage(browser, { theme: "light", width: 390, height: 844 });
  await guest.goto(link.trim());
  await guest.getByRole("heading", { name: "Join vision" }).waitFor();
  await accessible(guest, "an invitation");
  await picture(guest, "invitation-390-light");
  await guest.getByLabel("Name").fill("noor");
  await guest.getByLabel("Email").fill("noor@example.com");
  await guest.getByLabel("Password").fill(PASSWORD);
  await guest.getByRole("button", { name: "Make an account and join" }).click();
  await guest.waitForURL("**/vision");
  await guest.goto(link.trim());
  await guest.getByText("This link does not let you in.").waitFor();
  await guest.goto(server.url + "/vision/settings");
  await guest.getByText("are made by an admin of the team").waitFor();
  await becomes(() => guest.getByRole("button", { name: "Remove mira" }).count(), 0);
  await guest.context().close();

  await page.reload();
  await page.getByRole("button", { name: "Role of noor: member" }).waitFor();
  noFaults(page);
  await page.context().close();
});

test("a public link shows a project to anybody, until it is taken back", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/sample-project/overview");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("button", { name: "Make a public link" }).click();
  const link = (await page.getByRole("region", { name: "The public link" }).innerText()).trim();
  assert.match(link, /\/shared#\S{40,}$/);
  await page.getByRole("button", { name: "Take back" }).waitFor();
  await accessible(page, "sharing");
  await picture(page, "share-1440-dark");

  const guest = await openPage(browser, { theme: "light" });
  await guest.goto(link);
  await guest.getByText("search-18").first().waitFor();
  await waitFor("panels that are drawn", async () => (await guest.locator("canvas").count()) > 2);
  await accessible(guest, "a shared project");
  await picture(guest, "shared-1440-light");
  await guest.setViewportSize({ width: 390, height: 844 });
  await picture(guest, "shared-390-light");
  await guest.setViewportSize({ width: 1440, height: 900 });
  noFaults(guest);

  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByText("Taken back").waitFor();
  await guest.reload();
  await guest.getByText("There is nothing to see.").waitFor();
  await guest.context().close();
  assert.ok(!server.log().includes(link.split("#")[1]), "the log shows the token");
  noFaults(page);
  await page.context().close();
});

test("a public link shows a saved view as it is", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await page.goto(server.url + "/mira/sample-project/workspace?q=lora");
  await page.getByText("lora-r8").first().waitFor();
  await page.getByRole("button", { name: "My workspace" }).click();
  await page.getByRole("menuitem", { name: "Save as new view" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Fine-tuning");
  await page.keyboard.press("Enter");
  await page.waitForURL("**nw=**");
  await page.getByRole("button", { name: "Fine-tuning" }).click();
  await page.getByRole("menuitem", { name: "Share" }).click();
  await page.getByText("Fine-tuning, with all runs of the project").waitFor();
  await page.getByRole("button", { name: "Make a public link" }).click();
  const link = (await page.getByRole("region", { name: "The public link" }).innerText()).trim();
  const guest = await openPage(browser);
  await guest.goto(link);
  await guest.getByText("Fine-tuning of mira/sample-project").first().waitFor();
  await waitFor("only the runs of the view in the panels", async () => {
    const all = await guest.locator("article[data-panel] [role=img]").evaluateAll((e) => e.map((x) => x.getAttribute("aria-label") ?? ""));
    return all.length > 0 && all.some((t) => t.includes("lora-r8")) && !all.some((t) => t.includes("search-18"));
  });
  await accessible(guest, "a shared view");
  await picture(guest, "shared-view-1440-dark");
  noFaults(guest);
  await guest.context().close();
  noFaults(page);
  await page.context().close();
});
