// Takes the pictures of docs/pictures: every screen with plausible data, made by the real SDK and by the sample project.
// `make pictures`

import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawn, launch, openPage, panel, root, Server } from "./ballast.mjs";
import { longLog, seed } from "./data.mjs";

const PASSWORD = "a long enough password";
const folder = join(root, "docs", "pictures");
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (name.endsWith(".webp")) rmSync(join(folder, name));

/** An artifact with two versions and a file to look at, of a run that printed and saved. */
const ARTIFACT = `
import os, wandb
for k in range(2):
    run = wandb.init(project="vit-pretrain", entity="acme-vision", id=f"export{k}", name=f"export-ema-{k + 1}", job_type="export", config={"source": "muon-lr4e-3-ema", "ema": 0.9999 - k / 1e4}, settings=wandb.Settings(console="off"))
    run.log({"val/top1": 0.741 + k / 100})
    path = os.path.join(run.dir, "model.bin")
    open(path, "wb").write(os.urandom(200_000 + k))
    a = wandb.Artifact("vit-b16-ema", type="model", description="The averaged weights.", metadata={"top1": 0.741 + k / 100, "params": 86567656})
    a.add_file(path, name="weights/model.bin")
    open(os.path.join(run.dir, "README.md"), "w").write("# Weights\\n")
    a.add_file(os.path.join(run.dir, "README.md"), name="README.md")
    run.log_artifact(a, aliases=["best"] if k else [])
    run.finish()
`;

const [server, browser] = await Promise.all([Server.start(), launch()]);
const key = server.user("mira", PASSWORD, "--admin");
server.admin(["team", "create", "acme-vision", "--owner", "mira"]);
await longLog(server, key, 50_000);
await seed(server, ["mira", "search", 20_000]);
const study = await server.study(key, "vit-pretrain", "2000", "acme-vision");
const exported = await server.train(key, ARTIFACT).ended;
if (exported.code !== 0) throw new Error(exported.out);

const P = "/acme-vision/vit-pretrain";
const text = (what) => (page) => page.getByText(what).first().waitFor();
const panels = (page) => drawn(page, "train/loss");
const heading = (page) => page.getByRole("heading", { level: 1 }).waitFor();
const found = await server.graphql(key, 'query { project(entityName: "acme-vision", name: "vit-pretrain") { runs(first: 50) { edges { node { name displayName } } } } }');
const run = found.project.runs.edges.find((e) => e.node.displayName.includes("muon-lr2e-3-s1")).node.name;
const R = `${P}/runs/${run}`;

/** name, address, when it is ready, and how it looks: 1440 × 900 in the dark where nothing else is said. */
const PICTURES = [
  ["first-run", "/mira/not-yet/workspace", text("WANDB_BASE_URL")],
  ["home", "/home", text("Recent projects")],
  ["overview", P + "/overview", heading],
  ["workspace-dark", P + "/workspace?smooth=0.6", panels],
  ["workspace-light", P + "/workspace?smooth=0.6", panels, { theme: "light" }],
  ["workspace-1280", P + "/workspace?smooth=0.6", panels, { width: 1280, height: 800 }],
  ["workspace-2560", P + "/workspace?smooth=0.6", panels, { width: 2560, height: 1440 }],
  ["workspace-crosshair", P + "/workspace?smooth=0.6", async (page) => {
    await panels(page);
    const b = await panel(page, "train/loss").locator(".u-over").boundingBox();
    for (let high = 0.95; high > 0.3 && !await page.locator("[data-run][data-focus]").count(); high -= 0.03) await page.mouse.move(b.x + b.width / 2, b.y + b.height * high);
  }],
  ["palette", P + "/workspace", async (page) => { await panels(page); await page.keyboard.press("Control+k"); await page.getByRole("combobox").fill("muon"); await page.getByRole("option", { name: /muon/ }).first().waitFor(); }],
  ["table", "/mira/search/table", text("20,000 runs")],
  ["table-light", "/mira/search/table", text("20,000 runs"), { theme: "light" }],
  ["table-grouped", "/mira/search/table?group=config.optimizer,config.model", text(/in \d groups/)],
  ["run", R, text("train/loss")],
  ["run-light", R, text("train/loss"), { theme: "light" }],
  ["run-phone", R, text("train/loss"), { width: 390, height: 844 }],
  ["run-charts", R + "/workspace", panels],
  ["run-system", R + "/system", (page) => page.locator("[data-panel] canvas").first().waitFor()],
  ["logs", "/mira/p/runs/long/logs", text("step=49999")],
  ["files", R + "/files", (page) => page.getByRole("group", { name: "Files" }).waitFor()],
  ["diff", R + "/diff", heading],
  ["artifact", P + "/artifacts/model/vit-b16-ema/v1", heading],
  ["settings-light", "/settings", text("key of"), { theme: "light" }],
];

const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
const painter = await openPage(browser);
let total = 0;
for (const [name, address, ready, { theme = "dark", width = 1440, height = 900 } = {}] of PICTURES) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.setViewportSize({ width, height });
  await page.mouse.move(3, height - 3);
  await page.goto(server.url + address);
  await ready(page);
  await page.waitForTimeout(1200); // sparklines, fonts, and the last tails
  const png = (await page.screenshot()).toString("base64");
  // The browser has the encoder that this needs.
  const webp = await painter.evaluate(async (data) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.8).split(",")[1];
  }, png);
  writeFileSync(join(folder, name + ".webp"), Buffer.from(webp, "base64"));
  if (process.env.BALLAST_PICTURES) { mkdirSync(process.env.BALLAST_PICTURES, { recursive: true }); writeFileSync(join(process.env.BALLAST_PICTURES, name + ".png"), Buffer.from(png, "base64")); }
  total += statSync(join(folder, name + ".webp")).size;
}
console.log(`${PICTURES.length} pictures, ${Math.round(total / 1000)} kB`);
if (total > 3e6) throw new Error("docs/pictures is larger than 3 MB");
await browser.close();
study.kill("SIGKILL");
await server.stop();
