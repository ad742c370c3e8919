// Reports that the package wandb-workspaces wrote: listed, read, followed, on a phone and on paper; without the header in a frame.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
let server, browser, notebook;
before(async () => {
  // A page of another origin, as a notebook's is.
  notebook = createServer((req, res) => res.setHeader("Content-Type", "text/html").end(`<!doctype html><title>notebook</title><iframe id="f" src="${decodeURIComponent(req.url.slice(2))}" width="900" height="600"></iframe>`));
  await new Promise((done) => notebook.listen(0, "127.0.0.1", done));
  notebook.unref();
  [server, browser] = await Promise.all([Server.start(), launch()]);
  const key = server.user("mira", PASSWORD, "--admin");
  const written = await server.train(key, `
import wandb
import wandb_workspaces.reports.v2 as wr
for opt, n in [("adam", 1), ("sgd", 2)]:
    run = wandb.init(project="vit", id=opt, name=opt + "-run", config={"opt": opt})
    for i in range(30):
        run.log({"val/loss": n / (i + 1), "val/acc": i / 40})
    run.finish()
report = wr.Report(entity="mira", project="vit", title="Weekly notes", description="What we saw", blocks=[
    wr.TableOfContents(), wr.H1("Aims"), wr.P(["See ", wr.Link(text="the paper", url="https://example.com/p"), " and ", wr.InlineLatex(text="x^2"), " in ", wr.InlineCode(text="train.py")]),
    wr.CheckedList(items=[wr.CheckedListItem(text="baseline", checked=True), wr.CheckedListItem(text="ablation", checked=False)]),
    wr.CodeBlock(code="def f(x):\\n    return x", language="python"), wr.LatexBlock(text="e = mc^2"), wr.Image(url="https://example.com/a.png", caption="Elsewhere"),
    wr.Twitter(embed_html='<script>alert(1)</script><a href="https://example.com/post">post</a>') if hasattr(wr, "Twitter") else wr.HorizontalRule(),
    wr.H2("Curves"),
    wr.PanelGrid(runsets=[wr.Runset(entity="mira", project="vit", name="Adam", query="adam"), wr.Runset(entity="mira", project="vit", name="All")], panels=[wr.LinePlot(x="Step", y=["val/loss"]), wr.ScalarChart(metric="val/acc")]),
]).save()
print("AT", report.url)
`).ended;
  assert.equal(written.code, 0, written.out);
  const { project } = await server.graphql(key, 'query { project(entityName: "mira", name: "vit") { allViews(viewType: "runs") { edges { node { id spec } } } } }');
  const spec = JSON.parse(project.allViews.edges[0].node.spec);
  spec.blocks.push({ type: "hologram", children: [{ text: "" }] }); // of a later version of the package
  await server.graphql(key, "mutation($i: UpsertViewInput!) { upsertView(input: $i) { inserted } }", { i: { id: project.allViews.edges[0].node.id, spec: JSON.stringify(spec) } });
});
after(async () => { await browser?.close(); await server?.stop(); notebook?.close(); });

const lines = (page, key) => page.getByRole("article", { name: key, exact: true }).getByRole("img").getAttribute("aria-label");

for (const theme of ["dark", "light"]) {
  test(`a report is found and read, ${theme}`, async () => {
    const page = await openPage(browser, { theme, as: [server, "mira", PASSWORD] });
    await page.goto(server.url + "/mira/vit/overview");
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Reports" }).click();
    await page.getByText("What we saw").waitFor();
    await accessible(page, `reports, ${theme}`);
    await picture(page, `reports-1440-${theme}`);
    await page.getByRole("link", { name: /Weekly notes/ }).click();
    await page.getByRole("heading", { name: "Weekly notes", level: 1 }).waitFor();
    await page.locator("math").first().waitFor();
    await page.getByText("a block of the kind hologram").waitFor();
    await becomes(() => page.locator("article script").count(), 0);
    await becomes(() => page.getByRole("link", { name: "the paper" }).getAttribute("rel"), "noreferrer noopener");
    await becomes(() => page.getByRole("checkbox", { name: "done" }).isChecked(), true);
    await page.getByRole("navigation", { name: "Contents" }).getByRole("link", { name: "Curves" }).click();
    await waitFor("the heading in sight", () => page.getByRole("heading", { name: "Curves" }).evaluate((h) => h.getBoundingClientRect().top < innerHeight));
    await waitFor("the lines of the first run set", async () => /adam-run/.test((await lines(page, "val/loss")) ?? ""));
    assert.doesNotMatch(await lines(page, "val/loss"), /sgd-run/);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await waitFor("those of the second", async () => /adam-run[\s\S]*sgd-run|sgd-run[\s\S]*adam-run/.test((await lines(page, "val/loss")) ?? ""));
    await page.getByRole("list", { name: "Runs in these panels" }).getByText("sgd-run").waitFor();
    await accessible(page, `a report, ${theme}`);
    await picture(page, `report-curves-1440-${theme}`);
    await page.evaluate(() => document.querySelector(".page").scrollTo(0, 0));
    await picture(page, `report-1440-${theme}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await waitFor("the phone's layout", () => page.evaluate(() => innerWidth === 390 && document.documentElement.scrollWidth <= 390));
    await accessible(page, `a report, ${theme}, phone`);
    await picture(page, `report-390-${theme}`);
    if (theme === "light") {
      await page.setViewportSize({ width: 1024, height: 800 });
      await page.emulateMedia({ media: "print" });
      await becomes(() => page.getByRole("navigation", { name: "Views" }).isVisible(), false);
      assert.ok(await page.evaluate(() => document.querySelector(".page").scrollHeight <= document.querySelector(".page").clientHeight + 1), "all of it is on paper");
    }
    noFaults(page);
    await page.context().close();
  });
}

test("what is no report says so", async () => {
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  for (const slug of ["nothing", "nothing--Vmlldzo5OTk5", "nothing--!!"]) {
    await page.goto(`${server.url}/mira/vit/reports/${slug}`);
    await page.getByText("was not found").waitFor();
  }
  noFaults(page, /status of 40[04]/);
  await page.context().close();
});

test("in a frame without the header; only where a setting allows it", async () => {
  const shown = async (s) => {
    const page = await openPage(browser, { as: [s, "mira", PASSWORD] });
    await page.goto(`http://127.0.0.1:${notebook.address().port}/?${encodeURIComponent(s.url + "/mira/vit/workspace?jupyter=true")}`);
    return page;
  };
  const refused = await shown(server);
  await waitFor("the browser's refusal", () => refused.faults.some((f) => /frame-ancestors/.test(f)));
  noFaults(refused, /frame-ancestors|chrome-error/);
  await refused.context().close();

  await server.down();
  server.flags = ["--frame-ancestors", `http://127.0.0.1:${notebook.address().port}`];
  await server.run();
  const page = await shown(server), frame = page.frameLocator("#f");
  await frame.getByText("adam-run").first().waitFor();
  await frame.locator("canvas").first().waitFor();
  await becomes(() => frame.getByRole("link", { name: "Ballast, home" }).count(), 0);
  await picture(page, "notebook-1440-dark");
  await frame.locator("[data-run]").first().focus();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await waitFor("the next page of the frame", async () => page.frames()[1].url().includes("/table"));
  await becomes(() => frame.getByRole("link", { name: "Ballast, home" }).count(), 0, "the header comes back on the next page");
  noFaults(page);
  await page.context().close();
});
