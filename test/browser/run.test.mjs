// A run's page: at a glance, its charts and system metrics, its log as it grows, its files.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";

/** Prints and logs until its input closes: colours, a progress bar that rewrites its line, an image, files, bad files. */
const TRAIN = `
import os, random, sys, threading, time
import numpy as np
import wandb

run = wandb.init(
    project="p", id="r1", name="with everything", notes="Looks *fine*.", tags=["first"],
    config={"max_steps": 20000, "optim": {"name": "adamw", "lr": 3e-4, "betas": [0.9, 0.95]}, "data": {"root": "/data/in22k", "shards": 2048}},
    settings=wandb.Settings(x_file_stream_transmit_interval=1, x_stats_sampling_interval=1, console="wrap"),
)
end = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()

print("\\x1b[32mgreen\\x1b[0m and \\x1b[1;31mbold red\\x1b[0m text")
for i in range(1, 101):
    print(f"\\rfetching: {i}%", end="")
print()
for i in range(1200):
    print(f"line {i}: nothing of note" if i % 400 != 200 else f"line {i}: a needle in the hay")
print("<script>document.title='pwned'</script>")

os.makedirs(os.path.join(run.dir, "notes/deep"), exist_ok=True)
def put(name, text):
    path = os.path.join(run.dir, name)
    with open(path, "w") as f:
        f.write(text)
    run.save(path, base_path=run.dir, policy="now")
put("notes/deep/readme.txt", "A file to read.\\n" * 3)
put("evil.html", "<title>evil</title><script>document.title='pwned'; fetch('/api/session', {method: 'DELETE', headers: {'X-Ballast': '1'}})</script>evil")
put("evil.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><rect width='90' height='60' fill='teal'/><script>fetch('/api/session', {method: 'DELETE', headers: {'X-Ballast': '1'}})</script></svg>")
rng = np.random.default_rng(1)
run.log({"samples": wandb.Image(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)), "train/loss": 7.0})

i = 0
while not end.wait(0.05):
    run.log({"train/loss": 7 / (1 + i / 50) + random.random() / 10, "val/top1": i / (i + 60), "train/lr": 3e-4})
    print(f"step {i}")
    i += 1
print("the very last line")
run.finish()
`;

let server, browser, key, page, script;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  script = server.train(key, TRAIN);
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await waitFor("the run", async () => (await about("historyLineCount"))?.historyLineCount > 5);
});
after(async () => { await browser?.close(); await server?.stop(); });

const about = async (fields) => (await server.graphql(key, `query { project(entityName: "mira", name: "p") { run(name: "r1") { ${fields} } } }`)).project?.run;
const open = (tab) => page.goto(`${server.url}/mira/p/runs/r1${tab}`);
const cell = (name) => page.locator("dl > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd");

test("the overview says whether the run is alive, how far it is, and with what settings", async () => {
  await open("");
  await page.getByRole("heading", { name: "with everything", level: 1 }).waitFor();
  await page.getByRole("progressbar", { name: "Progress" }).waitFor();
  await page.getByText("of 20,000 steps").waitFor();
  const steps = () => page.locator("dt").first().innerText();
  const first = await steps();
  await waitFor("the steps to count", async () => (await steps()) !== first);
  await becomes(() => cell("Heartbeat").innerText(), /now|\d s/);
  await page.getByRole("region", { name: "train/loss" }).or(page.locator("section[aria-label='train/loss']")).first().waitFor();

  const config = page.locator("section").filter({ has: page.getByRole("heading", { name: /^Config/ }) });
  await becomes(() => config.innerText(), /max_steps[\s\S]*20,?000/);
  await config.getByRole("textbox").fill("shards");
  await waitFor("only what matches", async () => { const t = await config.innerText(); return /shards/.test(t) && !/betas/.test(t); });
  await config.getByRole("textbox").fill("");
  const summary = page.locator("section").filter({ has: page.getByRole("heading", { name: /^Summary/ }) });
  await becomes(() => summary.innerText(), /train\/loss/);
  noFaults(page);
});

test("name, tags and notes are changed in place, and kept", async () => {
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name of the run" }).fill("with a better name");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "with a better name", level: 1 }).waitFor();
  await page.getByRole("textbox", { name: "Add a tag" }).fill("paper");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove tag paper" }).waitFor();
  await page.getByRole("button", { name: "Remove tag first" }).click();
  await page.getByRole("button", { name: "Remove tag first" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Notes" }).fill("Seen in a browser.");
  await page.getByRole("button", { name: "Save notes" }).click();
  await page.getByText("Seen in a browser.").waitFor();
  await waitFor("the server to hold it", async () => {
    const r = await about("displayName tags notes");
    return r.displayName === "with a better name" && r.notes === "Seen in a browser." && r.tags.join() === "paper";
  });
  await page.reload();
  await page.getByRole("heading", { name: "with a better name", level: 1 }).waitFor();
  noFaults(page);
});

test("charts and system metrics of one run", async () => {
  await open("/workspace");
  await drawn(page, "train/loss");
  await drawn(page, "val/top1");
  await page.getByRole("link", { name: "System", exact: true }).click();
  await page.locator("[data-panel] canvas").first().waitFor();
  await picture(page, "run-system-live-1440-dark");
  noFaults(page, /status of 404 .*\/media\/images\/samples/); // a picture may come after the row that names it
});

const log = () => page.getByRole("region", { name: "Console log" });
const line = (text) => log().locator("[data-index]").filter({ hasText: text });
/** The number of the last line in view. */
const lastInView = () => log().evaluate((v) => {
  const box = v.getBoundingClientRect();
  return Math.max(...[...v.querySelectorAll("[data-index]")].filter((l) => l.getBoundingClientRect().bottom <= box.bottom + 1).map((l) => Number(l.dataset.index)));
});

/** What is read once a movement is over. */
const still = async (read) => {
  let was;
  return waitFor("no movement", async () => { const now = await read(), same = now === was; was = now; return same && now; });
};

test("the log follows as lines arrive, leaves when a person scrolls, and follows again", async () => {
  await open("/logs");
  await log().waitFor();
  await line(/step \d+/).first().waitFor();
  const first = await lastInView();
  await waitFor("the log to follow", async () => (await lastInView()) > first + 20);
  await log().hover();
  await page.mouse.wheel(0, -600);
  await page.getByRole("button", { name: "Newest lines" }).waitFor();
  const held = await still(lastInView);
  const total = (await about("logLineCount")).logLineCount;
  await waitFor("more lines on the server", async () => (await about("logLineCount")).logLineCount > total);
  assert.equal(await lastInView(), held, "the view stands still");
  await page.getByRole("button", { name: "Newest lines" }).click();
  await waitFor("the end", async () => (await lastInView()) > total - 1);
  await picture(page, "logs-follow-1440-dark");
});

test("the log is searched on the server; a line has an address", async () => {
  const search = page.getByRole("textbox", { name: "Search the log" });
  await search.fill("NEEDLE");
  await page.getByText("3 of 3").waitFor();
  await page.getByRole("button", { name: "Match case" }).click();
  await page.getByText("0 of 0").waitFor();
  await page.getByRole("button", { name: "Match case" }).click();
  await page.getByRole("button", { name: "Regular expression" }).click();
  await search.fill("line (200|600): .*needle");
  await page.getByText("2 of 2").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("1 of 2").waitFor();
  const height = () => log().evaluate((v) => v.scrollHeight), low = await height();
  await waitFor("more lines", async () => (await height()) > low);
  await page.getByText("1 of 2").waitFor(); // they leave the match where it is
  const hit = line("line 200: a needle");
  await hit.locator("mark").first().waitFor();
  await accessible(page, "the log, searched");
  await picture(page, "logs-search-1440-dark");
  await search.fill("(");
  await page.getByText("not a pattern").first().waitFor();
  await search.fill("line 200: ");
  await hit.waitFor();
  await hit.getByTitle("Copy a link to this line").click();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  const other = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await other.goto(address);
  await other.getByText("line 200: a needle").waitFor();
  noFaults(other);
  await other.context().close();
  noFaults(page, /status of 400/); // the pattern that is none
});

test("colours are colours, a rewritten line is one line, and text is text", async () => {
  await open("/logs?line=1");
  await line("green and bold red text").waitFor();
  const colours = await line("green and bold red text").locator("span span, mark").evaluateAll((all) => all.map((s) => getComputedStyle(s).color));
  assert.ok(new Set(colours).size >= 3, colours.join());
  assert.ok(!(await log().innerText()).includes("\u001b"));
  await becomes(() => line("fetching:").count(), 1);
  await becomes(() => line("fetching:").innerText(), /fetching: 100%/);
  assert.notEqual(await page.title(), "pwned");
  const res = await page.request.get(new URL(await page.getByRole("link", { name: "Download the whole log" }).getAttribute("href"), server.url).href);
  assert.match(res.headers()["content-disposition"] ?? "", /attachment/);
  const text = await res.text();
  assert.match(text, /line 0: nothing of note\n[\s\S]*line 1199: nothing of note/);
  assert.equal(text.match(/fetching:/g).length, 1);
  noFaults(page);
});

test("files: a tree, previews of text and image, and the file itself", async () => {
  await open("/files");
  const list = page.getByRole("group", { name: "Files" });
  await list.getByText("readme.txt").click();
  await page.getByRole("region", { name: "Contents of notes/deep/readme.txt" }).getByText("A file to read.").first().waitFor();
  await page.waitForURL(/file=/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download notes/deep/readme.txt" }).click()]);
  const chunks = [];
  for await (const c of await download.createReadStream()) chunks.push(c);
  assert.equal(Buffer.concat(chunks).toString(), "A file to read.\n".repeat(3));
  await page.getByRole("textbox", { name: "Filter files" }).fill(".png");
  await list.getByText(/\.png$/).click();
  await waitFor("the image", () => page.getByRole("region", { name: /^Contents of media/ }).locator("img").evaluate((i) => i.complete && i.naturalWidth === 64));
  await picture(page, "files-image-1440-dark");
  await page.getByRole("textbox", { name: "Filter files" }).fill("");
  noFaults(page);
});

test("an uploaded page or drawing never runs in our origin", async () => {
  const links = {};
  const files = await server.graphql(key, 'query { project(entityName: "mira", name: "p") { run(name: "r1") { files(first: 50) { edges { node { name directUrl } } } } } }');
  for (const { node } of files.project.run.files.edges) links[node.name] = node.directUrl;
  for (const name of ["evil.html", "evil.svg"]) {
    await open("/files?file=" + name);
    await page.getByRole("region", { name: "Contents of " + name }).waitFor();
    await page.getByRole("region", { name: "Contents of " + name }).getByText(name === "evil.svg" ? "No preview" : "<script>").waitFor();
    await picture(page, `files-${name.replace(".", "-")}-1440-dark`);
    assert.notEqual(await page.title(), "pwned");
    // Its own address, opened like any link: it is a download, or a page that may do nothing.
    const tab = await page.context().newPage();
    await tab.goto(links[name]).catch((e) => assert.match(e.message, /Download is starting|ERR_ABORTED/));
    assert.notEqual(await tab.title(), "pwned");
    await tab.close();
    const res = await page.request.get(links[name]);
    assert.match(res.headers()["content-disposition"] ?? "", /attachment/);
    assert.match(res.headers()["content-security-policy"] ?? "", /sandbox|default-src 'none'/);
    assert.equal(res.headers()["x-content-type-options"], "nosniff");
  }
  assert.equal((await (await page.request.get(server.url + "/api/session")).json()).user?.name, "mira", "the script did not sign us out");
  noFaults(page);
});

test("a phone's first screen answers whether the run is alive", async () => {
  const phone = await openPage(browser, { width: 390, height: 844, as: [server, "mira", PASSWORD] });
  await phone.goto(`${server.url}/mira/p/runs/r1`);
  const tail = phone.getByRole("region", { name: "End of the log" });
  await tail.getByText(/step \d+/).first().waitFor();
  for (const [what, there] of [["state", phone.locator("dt").getByText("Running")], ["heartbeat", phone.locator("dt").getByText("Heartbeat")], ["progress", phone.getByRole("progressbar", { name: "Progress" })], ["a key metric", phone.locator("section[aria-label='val/top1']")], ["the end of the log", tail]]) {
    await waitFor(`${what} on the first screen`, async () => { const box = await there.boundingBox(); return box && box.y >= 0 && box.y + box.height <= 844 && box.x + box.width <= 390; });
  }
  await accessible(phone, "the overview on a phone");
  await picture(phone, "run-overview-390-dark");
  noFaults(phone);
  await phone.context().close();
});

test("the page sees the end of the run by itself", async () => {
  await open("");
  await page.locator("dl").getByText("Running").waitFor();
  const { code, out } = await script.finish();
  assert.equal(code, 0, out);
  await page.locator("dl").getByText("Finished").waitFor();
  await becomes(async () => (await cell("Exit code").innerText()).trim(), "0");
  await page.getByRole("link", { name: "Logs" }).click();
  await line("the very last line").waitFor();
  noFaults(page);
});
