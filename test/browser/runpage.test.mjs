// A run's page beyond its overview: the machines of a run, its files as one archive, its artifacts and code, and what
// it differs in from another run.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";

/** Two runs of one script from a Git repository with a change that is not committed. The second has artifacts and tables. */
const TRAIN = `
import json, os, subprocess, sys
import wandb

git = lambda *a: subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *a], check=True, capture_output=True)
open("model.py", "w").write("def forward(x):\\n    return x  # identity\\n")
git("init", "-q"); git("remote", "add", "origin", "https://git.example.com/mira/study.git"); git("add", "model.py"); git("commit", "-qm", "first")
open("model.py", "w").write("def forward(x):\\n    return 2 * x  # twice\\n")
os.environ.pop("WANDB_DISABLE_GIT", None)
sys.argv = ["train.py", "--lr", "0.1", "--seed=1"]
common = {"model": {"arch": "vit", "depth": 12}, "data": "imagenet", "seed": 1}
for name, config in (("first", common | {"lr": 0.1}), ("second", common | {"lr": 0.2, "model": {"arch": "vit", "depth": 24}, "dropout": 0.1})):
    run = wandb.init(project="p", id=name, name=name + " of two", config=config,
                     settings=wandb.Settings(x_file_stream_transmit_interval=1, x_stats_sampling_interval=1, console="off", disable_git=False, save_code=True))
    run.log({"loss": 1.0})
    if name == "second":
        run.log({"predictions": wandb.Table(columns=["truth", "score"], data=[[f"class {i}", i / 10] for i in range(30)])})
        run.log_code(".", include_fn=lambda p: p.endswith(".py"))
        open("weights.bin", "wb").write(b"w" * 5000)
        open("notes.md", "w").write("# Notes\\n")
        a = wandb.Artifact("weights", "model", description="Of the last step.", metadata={"epochs": 3, "half": True})
        a.add_file("weights.bin"); a.add_file("notes.md")
        run.log_artifact(a, aliases=["best"]).wait()
        open("weights.bin", "wb").write(b"W" * 7000)
        open("config.yaml", "w").write("depth: 24\\n")
        a = wandb.Artifact("weights", "model", metadata={"epochs": 4, "half": True})
        a.add_file("weights.bin"); a.add_file("config.yaml")
        run.log_artifact(a).wait()
    else:
        d = wandb.Artifact("imagenet", "dataset")
        d.add_reference("https://data.example.com/in22k.tar", checksum=False)
        run.log_artifact(d).wait()
        for i in range(6):
            shard = wandb.Artifact("shards", "dataset", metadata={"part": i})
            shard.add_reference(f"https://data.example.com/{i}.tar", checksum=False)
            run.log_artifact(shard)
    if name == "second":
        run.use_artifact("imagenet:latest")
    run.finish()
print("DONE", flush=True)
sys.stdin.read()
`;

/** Rows of system metrics of two nodes with eight accelerators each, as the SDK's stream brings them. */
const gpuRows = (node) => Array.from({ length: 40 }, (_, i) => {
  const row = { _wandb: true, _timestamp: 1_790_000_000 + i * 15, _runtime: i * 15 };
  for (let g = 0; g < 8; g++) {
    row[`system.gpu.${g}.gpu/l:${node}`] = g === 5 && i > 20 ? 0 : 90 + (i * 7 + g) % 10;
    row[`system.gpu.${g}.memoryAllocated/l:${node}`] = 60 + g;
    row[`system.gpu.${g}.temp/l:${node}`] = 50 + g + i / 4;
  }
  row[`system.cpu/l:${node}`] = 30 + i % 5;
  row[`system.memory_percent/l:${node}`] = 40;
  return JSON.stringify(row);
});

let server, browser, key, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  const script = server.train(key, TRAIN);
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  await script.says("DONE");
  await stream("many-gpus", { "wandb-events.jsonl": { offset: 0, content: [...gpuRows("node-a"), ...gpuRows("node-b")] } });
});
after(async () => { await browser?.close(); await server?.stop(); });

/** Sends a run's stream as the SDK does. */
async function stream(run, files, end = {}) {
  const headers = { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("api:" + key).toString("base64") };
  await server.graphql(key, 'mutation($run: String!) { upsertBucket(input: {entityName: "mira", modelName: "p", name: $run, displayName: $run}) { bucket { id } } }', { run });
  const res = await fetch(`${server.url}/files/mira/p/${run}/file_stream`, { method: "POST", headers, body: JSON.stringify({ files, ...end }) });
  assert.equal(res.status, 200, await res.text());
}
const open = (run, tab) => page.goto(`${server.url}/mira/p/runs/${run}/${tab}`);

test("system metrics by node and device, with all accelerators in one strip", async () => {
  await open("many-gpus", "system");
  await page.getByRole("img", { name: /Utilization, % of 16 devices.*node-a GPU 0: mean 9/ }).waitFor();
  await page.getByRole("heading", { name: /node-a, GPU 0/ }).or(page.getByRole("region", { name: "node-a, GPU 0" })).first().waitFor();
  await page.locator("[data-panel] canvas").first().waitFor();
  const strip = page.getByRole("img", { name: /of 16 devices/ });
  await waitFor("the strip to be painted", () => strip.evaluate((c) => { const d = c.getContext("2d").getImageData(c.width >> 1, 4, 1, 1).data; return d[3] > 100; }));
  await strip.focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("status").filter({ hasText: /node-a, GPU 0: 9\d after/ }).waitFor();
  await page.getByRole("button", { name: "Temperature, °C" }).click();
  await page.getByRole("img", { name: /Temperature, °C of 16 devices/ }).waitFor();
  await page.getByLabel("Node", { exact: true }).selectOption("node-b");
  await page.getByRole("img", { name: /of 8 devices/ }).waitFor();
  await page.getByRole("button", { name: "By metric" }).click();
  await page.locator('[data-section="sys:GPU: Utilization, %"]').waitFor();
  await accessible(page, "system metrics");
  await picture(page, "run-system-1440-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, "run-system-390-dark");
  await page.setViewportSize({ width: 1440, height: 900 });
  noFaults(page);
});

test("the overview tells what differs from the run before, and what went in and came out", async () => {
  await open("second", "overview");
  await page.getByRole("button", { name: "Differs from first of two: 3" }).click();
  const config = page.locator("section").filter({ has: page.getByRole("heading", { name: /^Config/ }) });
  await waitFor("only what differs", async () => { const t = await config.innerText(); return /depth[\s\S]*24[\s\S]*before 12/.test(t) && /dropout[\s\S]*new/.test(t) && !/seed/.test(t); });
  await page.getByRole("link", { name: "weights:v0" }).waitFor();
  await accessible(page, "the overview");
  await picture(page, "run-overview-differs-1440-dark");
  noFaults(page);
});

/** Rows of one metric from a step on, as the SDK's stream brings them. */
const losses = (first, ...values) => ({ offset: first, content: values.map((loss, i) => JSON.stringify({ _step: first + i, _timestamp: Date.now() / 1000, _runtime: first + i, loss })) });

test("a key metric is compared at the same step; a run is put into a group, deleted and brought back", async () => {
  await stream("longer", { "wandb-history.jsonl": losses(0, 5, 4, 3, 2) });
  await stream("shorter", { "wandb-history.jsonl": losses(0, 5, 3) });
  await open("shorter", "overview");
  await page.locator("section[aria-label=loss]").getByTitle("longer had 4 at step 1").waitFor();
  await becomes(() => page.locator("section[aria-label=loss]").innerText(), /3\s+−1 vs run before/);
  await page.getByRole("button", { name: "More acts" }).click();
  await page.getByRole("menuitem", { name: "Put into a group" }).click();
  await page.getByRole("textbox", { name: "Group" }).fill("pairs");
  await page.keyboard.press("Enter");
  await page.getByText("Put into pairs").waitFor();
  await page.locator("dd").getByText("pairs").waitFor();
  await page.getByRole("button", { name: "More acts" }).click();
  await page.getByRole("menuitem", { name: "Delete run" }).click();
  await page.getByText("Artifacts that it made stay").waitFor();
  await accessible(page, "before deleting a run");
  await page.getByRole("button", { name: "Delete run" }).click();
  await page.waitForURL("**/workspace**");
  await page.getByText("Undo", { exact: true }).click();
  await page.waitForURL("**/runs/shorter");
  await page.getByRole("heading", { name: "shorter", level: 1 }).waitFor();
  noFaults(page);
});

test("with a baseline in one's workspace, the run page measures against it, or against the run before", async () => {
  await page.goto(`${server.url}/mira/p/workspace`);
  const row = page.locator("[data-run]").filter({ hasText: "first of two" });
  await row.hover();
  await row.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Make it the baseline" }).click();
  await waitFor("the workspace to be saved", async () => {
    const d = await server.graphql(key, 'query { project(entityName: "mira", name: "p") { allViews(viewType: "project-view", first: 10) { edges { node { spec } } } } }');
    return d.project.allViews.edges.some((e) => /baselineRunId/.test(e.node.spec));
  });
  await open("second", "overview");
  await page.getByText("vs baseline").waitFor();
  const against = page.getByRole("combobox", { name: "Differs from" });
  await becomes(() => against.inputValue(), "baseline");
  await page.getByRole("button", { name: /^Differs from first of two/ }).waitFor();
  await against.selectOption("previous");
  await page.getByText("vs run before").waitFor();
  noFaults(page);
});

test("a run's public page refreshes by itself and says when", async () => {
  await open("shorter", "overview");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("button", { name: "Make a public link" }).click();
  const link = (await page.getByRole("region", { name: "The public link" }).innerText()).trim();
  await page.getByRole("button", { name: "Close" }).click();
  const guest = await openPage(browser, { theme: "light" });
  await guest.clock.install();
  await guest.goto(link);
  await guest.getByText("asked again every 15 s").waitFor();
  await guest.getByText("Running", { exact: true }).waitFor();
  await guest.getByRole("article", { name: "loss" }).getByRole("img", { name: /last 3/ }).waitFor();
  await stream("shorter", { "wandb-history.jsonl": losses(2, 1) }, { complete: true, exitcode: 0 });
  await guest.clock.runFor(16_000);
  await guest.getByText("Finished", { exact: true }).waitFor();
  await guest.clock.runFor(2_000);
  await guest.getByRole("article", { name: "loss" }).getByRole("img", { name: /last 1\b/ }).waitFor();
  await accessible(guest, "a shared run");
  await picture(guest, "shared-run-1440-light");
  noFaults(guest);
  await guest.context().close();
});

test("a line that was rewritten stands once and says how often", async () => {
  for (const text of ["1%", "50%", "50%", "100%"]) await stream("progress", { "output.log": { offset: 0, content: [`2026-03-01T12:00:00.000000 fetching ${text}`] } });
  await open("progress", "logs");
  const line = page.getByRole("region", { name: "Console log" }).locator("[data-index]");
  await line.getByText("fetching 100%").waitFor();
  await becomes(() => line.count(), 1);
  await becomes(() => line.innerText(), /2 updates/);
  await accessible(page, "a rewritten line");
  noFaults(page);
});

const rows = () => page.getByRole("table").getByRole("row");
const row = (name) => rows().filter({ has: page.getByRole("rowheader", { name, exact: true }) });

test("a run beside another: only what differs, then everything, then any run", async () => {
  await open("second", "diff");
  await page.getByText("the run before it").waitFor();
  await row("model.depth").waitFor();
  await becomes(() => row("model.depth").innerText(), /24[\s\S]*12/);
  await becomes(() => row("dropout").innerText(), /0\.1[\s\S]*not there/);
  await becomes(() => row("seed").count(), 0);
  await becomes(() => row("Config").innerText(), /3 differ, 3 alike, hidden/);
  await accessible(page, "the differences");
  await picture(page, "run-diff-1440-dark");
  await page.getByRole("button", { name: "Only differences" }).click();
  await row("seed").waitFor();
  await page.getByRole("textbox", { name: "Search keys and values" }).fill("--lr");
  await row("--lr").waitFor();
  await page.getByRole("textbox", { name: "Search keys and values" }).fill("Changes");
  await becomes(() => row("Changes not committed").innerText(), /1 file, \+1 −1 lines/);
  await page.getByRole("textbox", { name: "Search keys and values" }).fill("wandb");
  await waitFor("packages", async () => /wandb\s+0\./.test(await page.getByRole("table").innerText()));
  await page.getByRole("textbox", { name: "Search keys and values" }).fill("");
  // By keyboard alone: another run by name.
  await page.getByRole("combobox", { name: "Run to compare with" }).focus();
  await page.keyboard.type("many");
  await page.getByRole("option", { name: /many-gpus/ }).waitFor();
  await page.keyboard.press("Enter");
  await waitFor("the address", () => page.url().includes("with=many-gpus"));
  await page.getByRole("columnheader", { name: "many-gpus" }).waitFor();
  await page.goto(`${server.url}/mira/p/runs/second/diff?with=nobody`);
  await page.getByText("There is no run nobody").waitFor();
  noFaults(page);
});

test("saved code and changes, coloured, and a link to a file", async () => {
  await open("second", "code");
  const list = page.getByRole("group", { name: "Saved code" });
  await list.getByText("diff.patch").click();
  const shown = page.getByRole("region", { name: "Contents of diff.patch" });
  await shown.getByText("+    return 2 * x  # twice").waitFor();
  await picture(page, "run-code-patch-1440-dark");
  await list.getByText("model.py").click();
  await page.getByRole("region", { name: /Contents of .*model\.py/ }).getByText("def", { exact: true }).waitFor();
  await accessible(page, "the code");
  await picture(page, "run-code-1440-dark");
  noFaults(page);
});

test("a logged table is a table, and all files are one archive", async () => {
  await open("second", "files");
  await page.getByRole("textbox", { name: "Filter files" }).fill("predictions");
  await page.getByRole("group", { name: "Files" }).getByText(/\.table\.json$/).click();
  await page.getByRole("table", { name: /30 rows/ }).getByText("class 3", { exact: true }).waitFor();
  await accessible(page, "a table of the files");
  await picture(page, "run-files-table-1440-dark");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download all" }).click()]);
  assert.equal(download.suggestedFilename(), "second.zip");
  const path = join(mkdtempSync(join(server.folder, "zip-")), "all.zip");
  await download.saveAs(path);
  const names = execFileSync("python3", ["-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print('\\n'.join(z.namelist()))", path], { encoding: "utf8" });
  assert.match(names, /^diff\.patch$/m);
  assert.match(names, /^media\/table\/predictions_.*\.table\.json$/m);
  noFaults(page);
});

test("artifacts that went in and came out, and the page of one version", async () => {
  await open("second", "artifacts");
  await page.getByRole("region", { name: "Artifacts: used" }).getByRole("link", { name: "imagenet:v0" }).waitFor();
  await accessible(page, "the artifacts of a run");
  await picture(page, "run-artifacts-1440-dark");
  await page.getByRole("link", { name: "weights:v0" }).click();
  await page.getByRole("heading", { name: "weights:v0", level: 1 }).waitFor();
  await page.getByText("Of the last step.").waitFor();
  await page.getByText("best", { exact: true }).first().waitFor();
  await page.getByText('run.use_artifact("mira/p/weights:v0", type="model")').waitFor();
  await page.getByRole("group", { name: "Files" }).getByText("notes.md").click();
  await page.getByRole("region", { name: "Contents of notes.md" }).getByText("# Notes").waitFor();
  await page.getByRole("link", { name: "second of two", exact: true }).waitFor();
  await page.goto(`${server.url}/mira/p/artifacts/model/weights/v9`);
  await page.getByText(/Artifact weights:v9/).waitFor();
  noFaults(page);
});

test("the project's artifacts, a collection, a version against the one before, aliases and their history", async () => {
  await page.goto(`${server.url}/mira/p/artifacts`);
  const models = page.getByRole("region", { name: "Collections of type model" });
  await models.getByRole("link", { name: "v1", exact: true }).waitFor();
  await accessible(page, "the artifacts of a project");
  await picture(page, "artifacts-1440-dark");
  await models.getByRole("link", { name: "weights" }).click();
  const versions = page.getByRole("region", { name: "Versions" });
  await versions.getByRole("row", { name: /v0.*best.*3\s+true/ }).waitFor();
  await accessible(page, "a collection");
  await picture(page, "collection-1440-dark");
  await versions.getByRole("checkbox", { name: "Choose v0" }).check();
  await versions.getByRole("checkbox", { name: "Choose v1" }).check();
  await page.getByRole("button", { name: "Compare" }).click();
  const files = page.getByRole("region", { name: "Files of both versions" });
  for (const [name, change] of [["weights.bin", "changed"], ["config.yaml", "new"], ["notes.md", "gone"]]) await files.getByRole("row", { name: new RegExp(`${name.replace(".", "\\.")}\\s+${change}`) }).waitFor();
  await page.getByRole("region", { name: "Metadata of both versions" }).getByRole("row", { name: /epochs\s+3\s+4/ }).waitFor();
  await accessible(page, "two versions");
  await picture(page, "artifact-compare-1440-dark");
  await page.getByRole("link", { name: "Back to v1" }).click();
  await page.getByText("against v0: 2 new or changed, 1 gone").waitFor();
  await page.getByText(/6\.8\d KiB of it new/).waitFor();
  await page.getByRole("textbox", { name: "Add an alias" }).fill("best");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Take the alias best away" }).waitFor();
  await page.getByRole("navigation", { name: "Versions" }).getByRole("link", { name: /^v0/ }).click();
  await page.getByRole("heading", { name: "weights:v0", level: 1 }).waitFor();
  await page.getByRole("listitem").filter({ hasText: /best\s*left/ }).waitFor();
  await accessible(page, "a version");
  await picture(page, "artifact-1440-dark");
  noFaults(page);
});

test("lineage: what leads to a version and from it, stacked where alike, walked by keyboard", async () => {
  await page.goto(`${server.url}/mira/p/artifacts/dataset/imagenet/v0`);
  const graph = page.getByRole("group", { name: "Lineage" });
  await graph.getByRole("link", { name: "Run second of two, finished" }).waitFor();
  await waitFor("a line for each edge", async () => (await graph.locator("svg > path").count()) >= 6);
  await graph.getByRole("link", { name: /imagenet:v0.*this version/ }).focus();
  await page.keyboard.press("ArrowLeft");
  await waitFor("the run before", () => page.evaluate(() => document.activeElement.getAttribute("aria-label")?.startsWith("Run first of two")));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await waitFor("what the second run made", () => page.evaluate(() => document.activeElement.getAttribute("aria-label")?.startsWith("Artifact ")));
  await page.keyboard.press("-");
  await accessible(page, "the lineage");
  await picture(page, "lineage-1440-dark");
  await graph.getByRole("button", { name: /6 versions of shards, v0 to v5: show each/ }).click();
  await graph.getByRole("link", { name: /Artifact shards:v5/ }).waitFor();
  await page.getByRole("button", { name: "Complete" }).click();
  await page.getByText(/^\d+ nodes$/).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/mira/p/artifacts/dataset/imagenet/v0/lineage`);
  await graph.getByRole("link", { name: /imagenet:v0.*this version/ }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the lineage is wider than a phone");
  await picture(page, "lineage-390-dark");
  await page.setViewportSize({ width: 1440, height: 900 });
  noFaults(page);
});

const settled = (on) => waitFor("no waiting bars", async () => (await on.locator("main [role=status][aria-label]").count()) === 0);
const narrow = (on, what) => waitFor(`${what} to fit its width`, () => on.evaluate(() => document.documentElement.scrollWidth <= innerWidth));

test("every tab in the light and on a phone", async () => {
  const phone = await openPage(browser, { width: 390, height: 844, theme: "light", as: [server, "mira", PASSWORD] });
  for (const tab of ["diff", "code", "files", "artifacts", "system"]) {
    await phone.goto(`${server.url}/mira/p/runs/second/${tab}`);
    await phone.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
    await settled(phone);
    await narrow(phone, tab);
    await accessible(phone, `${tab} on a phone, light`);
    await picture(phone, `run-${tab}-390-light`);
  }
  for (const [name, path] of [["artifacts", "artifacts"], ["collection", "artifacts/model/weights"], ["artifact", "artifacts/model/weights/v1"], ["artifact-compare", "artifacts/model/weights/v1/compare"]]) {
    await phone.goto(`${server.url}/mira/p/${path}`);
    await phone.getByRole("heading", { level: 1 }).first().waitFor();
    await settled(phone);
    await narrow(phone, path);
    await accessible(phone, `${path} on a phone, light`);
    await picture(phone, `${name}-390-light`);
  }
  noFaults(phone);
  await phone.context().close();
});

test("very long, right-to-left and emoji names, and nothing at all", async () => {
  const long = "a-very-long-name-".repeat(18), odd = "שלום 🚀 وصف", config = JSON.stringify({ [odd]: { value: "ערך" }, [long]: { value: long }, wide: { value: { ...Array.from({ length: 900 }, (_, i) => i) } } });
  await server.graphql(key, 'mutation($d: String!, $c: JSONString!) { upsertBucket(input: {entityName: "mira", modelName: "q", name: "odd", displayName: $d, config: $c}) { bucket { id } } }', { d: long.slice(0, 128), c: config });
  for (const [width, theme] of [[390, "light"], [2560, "dark"]]) {
    const other = await openPage(browser, { width, height: 900, theme, as: [server, "mira", PASSWORD] });
    await other.goto(`${server.url}/mira/q/runs/odd`);
    await other.getByRole("button", { name: "Show all 903" }).waitFor();
    await narrow(other, "long names");
    await accessible(other, `long names, ${width}`);
    await picture(other, `run-odd-${width}-${theme}`);
    await other.goto(`${server.url}/mira/q/artifacts`);
    await other.getByText("No artifacts yet.").waitFor();
    await accessible(other, `no artifacts, ${width}`);
    noFaults(other);
    await other.context().close();
  }
});
