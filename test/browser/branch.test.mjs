// Forks and rewinds: what was inherited is drawn once and marked, a run's page says where it began again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, panel, picture, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";

/** A parent, a fork of it at half way, and a run that was rewound. */
const TRAIN = `
import math, wandb
def log(values, start=0, **kw):
    with wandb.init(project="p", **kw) as run:
        for i, v in enumerate(values):
            run.log({"loss": v, "acc": 1 - v / 4})
curve = lambda a, n: [a * math.exp(-i / 40) + 0.1 * math.sin(i / 3) for i in range(n)]
log(curve(3, 100), id="parent", name="baseline")
log([v * 0.6 for v in curve(3, 100)[51:]], id="child", name="lower rate", fork_from="parent?_step=50")
log([v + 1 for v in curve(2, 100)], id="back", name="gone back")
log([2.2 - i / 60 for i in range(60)], resume_from="back?_step=30")
print("all logged", flush=True)
`;

let server, browser, page;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  const key = server.user("mira", PASSWORD, "--admin");
  const script = server.train(key, TRAIN);
  await script.says("all logged");
  await script.finish();
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
});
after(async () => { await browser?.close(); await server?.stop(); });

test("the workspace draws what a fork inherited once", async () => {
  await page.goto(`${server.url}/mira/p/workspace`);
  await drawn(page, "loss");
  await waitFor("three lines", async () => /3 runs/.test(await panel(page, "loss").getByRole("img").getAttribute("aria-label")));
  const box = await panel(page, "loss").locator(".u-over").boundingBox();
  await page.mouse.move(box.x + (box.width * 50) / 99, box.y + box.height * 0.6);
  await waitFor("words at the fork", async () => (await page.locator("body").innerText()).includes("lower rate: forked from baseline at step 50."));
  await picture(page, "branch-workspace");
  await page.mouse.move(2, 2);
  await picture(page, "branch-workspace-quiet");
  noFaults(page);
});

test("a fork's page names its parent and shows all of its line", async () => {
  await page.goto(`${server.url}/mira/p/runs/child`);
  const about = page.getByRole("complementary", { name: "About the run" });
  await becomes(() => about.innerText(), /Forked from\s+baseline at step 50/);
  await accessible(page, "the page of a fork");
  await picture(page, "branch-run");
  await page.goto(`${server.url}/mira/p/runs/child/workspace`);
  await drawn(page, "loss");
  await becomes(() => said(page, "loss"), /lower rate: first 3,/, "its line begins where its parent's does");
  await picture(page, "branch-run-charts");
  await page.goto(`${server.url}/mira/p/runs/child`);
  await about.getByRole("link", { name: "baseline" }).click();
  await page.waitForURL(/runs\/parent$/);
  noFaults(page);
});

test("a rewound run says so; a deleted parent is no link", async () => {
  await page.goto(`${server.url}/mira/p/runs/back`);
  const about = page.getByRole("complementary", { name: "About the run" });
  await about.getByText("to step 30").waitFor();
  await becomes(() => about.innerText(), /Rewound\s+to step 30/);
  await page.goto(`${server.url}/mira/p/runs/parent`);
  await page.getByRole("button", { name: "More acts" }).click();
  await page.getByRole("menuitem", { name: "Delete run" }).click();
  await page.getByRole("button", { name: "Delete run" }).click();
  await page.waitForURL(/workspace/);
  await page.goto(`${server.url}/mira/p/runs/child`);
  await about.getByText("baseline (deleted)").waitFor();
  await becomes(() => about.getByRole("link", { name: "baseline" }).count(), 0);
  noFaults(page);
});
