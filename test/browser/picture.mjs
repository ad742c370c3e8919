// Takes the picture of the README: a workspace with a study of eight runs, three of them running. `npm run picture`

import { fileURLToPath } from "node:url";
import { drawn, launch, openPage, panel, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const [server, browser] = await Promise.all([Server.start(), launch()]);
const key = server.user("mira", PASSWORD, "--admin");
server.admin(["team", "create", "acme-vision", "--owner", "mira"]);
const study = await server.study(key, "vit-pretrain", "3000", "acme-vision");
const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
await page.goto(server.url + "/acme-vision/vit-pretrain/workspace?smooth=0.6");
for (const k of ["train/lr", "train/grad_norm"]) {
  await drawn(page, k);
  await panel(page, k).hover();
  await page.getByRole("button", { name: `Logarithmic axis of ${k}` }).click();
}
await page.evaluate(() => document.activeElement.blur());
await page.mouse.move(150, 700);
await waitFor("a small line for each run", async () => (await page.locator("[data-run] svg[viewBox='0 0 44 16']").count()) === 8);
await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
await page.waitForTimeout(1500); // the last tails
await page.screenshot({ path: fileURLToPath(new URL("../../docs/workspace.png", import.meta.url)) });
await browser.close();
study.kill("SIGKILL");
await server.stop();
