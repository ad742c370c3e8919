// The main job as a person sees it: set-up, the first steps, a run that appears and moves, its log, its files.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

let server, browser, page, key;
const script = (n, more = "") => `
import time, wandb
run = wandb.init(project="first-steps", name="walker", id="walker1", config={"max_steps": ${n}, "model": {"depth": 12}},
                 settings=wandb.Settings(x_file_stream_transmit_interval=0.2, x_stats_sampling_interval=1))
for i in range(${n}):
    run.log({"train/tick": i, "train/loss": float("nan") if i == 40 else 1 / (1 + i), "val/acc": i / ${n}})
    if i % 10 == 0:
        print("\\x1b[32mstep\\x1b[0m", i)
    time.sleep(0.02)
${more}
print("the last line")
run.finish()
`;

before(async () => {
  server = await Server.start();
  browser = await launch();
  page = await openPage(browser);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** How many rows the server has of a run, asked with the page's own session. */
const accepted = (run) => page.evaluate(async (name) => {
  const query = "query($name: String!) { project(entityName: \"mira\", name: \"first-steps\") { id run(name: $name) { id historyLineCount } } }";
  const res = await fetch("/graphql", { method: "POST", headers: { "Content-Type": "application/json", "X-Ballast": "1" }, body: JSON.stringify({ query, variables: { name } }) });
  return (await res.json()).data?.project?.run?.historyLineCount ?? 0;
}, run);
/** The last value that a panel draws; the panels say so in words. */
const drawn = async (panel) => {
  const words = await page.locator(`[data-panel="h:${panel}"] [role=img]`).getAttribute("aria-label");
  return Number(/last ([\d,.]+),/.exec(words ?? "")?.[1]?.replaceAll(",", "") ?? -1);
};

test("the set-up link makes the first administrator", async () => {
  const link = /http\S+\/setup\?token=[\w-]+/.exec(server.log())[0];
  await page.goto(server.url + "/anything/at/all");
  await page.waitForURL("**/setup");
  await page.getByLabel("Set-up token").waitFor();
  await page.goto(link);
  await page.getByRole("button", { name: "Make administrator" }).click();
  await page.getByText("An email address, such as").waitFor();
  await accessible(page, "setup");
  await picture(page, "setup");
  await page.getByLabel("Name").fill("mira");
  await page.getByLabel("Email").fill("mira@example.com");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByLabel("Password again").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/home");
  noFaults(page);
});

test("the first steps give a key and the snippet to paste", async () => {
  await page.getByRole("heading", { name: "Log the first run to first-steps" }).waitFor();
  await page.getByRole("button", { name: "Make a key for me" }).click();
  const env = await waitFor("the key", async () => {
    const text = await page.getByRole("region", { name: "Environment" }).innerText();
    return /WANDB_API_KEY=(?!your)\S{40,}/.test(text) && text;
  });
  assert.ok(env.includes("WANDB_BASE_URL=" + server.url));
  key = /WANDB_API_KEY=(\S+)/.exec(env)[1];
  await accessible(page, "first steps");
  await picture(page, "first-run");
  noFaults(page);
});

test("a live run appears by itself and moves, within two seconds of being accepted", async () => {
  const run = server.train(key, script(1500));
  await page.waitForURL("**/mira/first-steps/workspace", { timeout: 60_000 });
  const tick = page.locator('[data-panel="h:train/tick"] .u-over');
  await tick.waitFor({ timeout: 30_000 });
  await page.locator('[data-panel="h:train/tick"] .uplot').evaluate((el) => { el.dataset.mine = "1"; });
  for (let i = 0; i < 4; i++) {
    const rows = await accepted("walker1");
    assert.ok(rows > 0);
    await waitFor(`the panel to reach step ${rows - 1}`, async () => (await drawn("train/tick")) >= rows - 1, 2000);
  }
  assert.equal(await page.locator('.uplot[data-mine="1"]').count(), 1, "the panel was built anew while points came");
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  await picture(page, "workspace-live");
  await accessible(page, "workspace");
  run.kill("SIGINT"); // the state must follow by itself, whichever it is
  await run.ended;
  await waitFor("the run to be over in the list", async () => !(await page.locator('[data-run="walker1"]').innerText()).includes("Running"), 15_000);
  noFaults(page);
});

test("the log follows, is searched, and links to a line", async () => {
  const run = server.train(key, script(500).replaceAll("walker", "talker"));
  await page.goto(server.url + "/mira/first-steps/runs/talker1/logs");
  await waitFor("the run to exist", async () => {
    if (await page.getByText(/step\s*\d+/).count()) return true;
    await page.reload();
    await page.waitForTimeout(1500);
    return false;
  }, 60_000);
  const { code, out } = await run.ended;
  assert.equal(code, 0, out);
  await page.getByText("the last line").waitFor({ timeout: 15_000 }); // no reload
  assert.ok(!(await page.locator("main").innerText()).includes("\u001b"));
  await page.keyboard.press("/");
  await page.keyboard.type("step 120");
  await page.getByText("1 of 1").waitFor();
  await accessible(page, "logs");
  await picture(page, "logs");
  noFaults(page);
});

test("the run's page answers whether it is alive; config and summary are there", async () => {
  await page.goto(server.url + "/mira/first-steps/runs/talker1");
  await page.getByRole("heading", { name: "talker" }).waitFor();
  const text = await page.locator("main").innerText();
  for (const want of ["Finished", "max_steps", "depth", "train/loss"]) assert.ok(text.includes(want), want + " is not on the page");
  await accessible(page, "overview");
  await picture(page, "run");
  noFaults(page);
});

test("a file is opened", async () => {
  await page.goto(server.url + "/mira/first-steps/runs/talker1/files");
  await page.getByText("wandb-metadata.json").first().click();
  await page.getByText(/"?python"?/i).first().waitFor();
  await accessible(page, "files");
  await picture(page, "files");
  noFaults(page);
});

test("charts and system metrics of one run", async () => {
  for (const [tab, shot] of [["workspace", "run-charts"], ["system", "run-system"]]) {
    await page.goto(`${server.url}/mira/first-steps/runs/talker1/${tab}`);
    await page.locator(".u-over").first().waitFor();
    await accessible(page, tab);
    await picture(page, shot);
  }
  noFaults(page);
});
