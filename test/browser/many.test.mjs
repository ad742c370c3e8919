// Ten thousand runs in a project: the list scrolls, filters and orders, the workspace stays usable.

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { after, before, test } from "node:test";
import { accessible, becomes, drawn, launch, noFaults, openPage, picture, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const RUNS = 10_000;
let server, browser, key, page;

/** Makes runs as the SDK does, over a few connections that stay open; the newest few log a curve. */
async function fill() {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const authorization = "Basic " + Buffer.from("api:" + key).toString("base64");
  const post = (path, body) => new Promise((done, fail) => {
    const req = request(server.url + path, { agent, method: "POST", headers: { "Content-Type": "application/json", authorization } }, (res) => {
      let text = "";
      res.on("data", (d) => { text += d; });
      res.on("end", () => (res.statusCode === 200 && !text.includes('"errors"') ? done(text) : fail(new Error(`${path}: ${res.statusCode} ${text}`))));
    });
    req.on("error", fail).end(JSON.stringify(body));
  });
  const query = "mutation($n: String!, $d: String!, $c: JSONString!) { upsertBucket(input: {entityName: \"mira\", modelName: \"big\", name: $n, displayName: $d, config: $c}) { bucket { id } } }";
  const make = (i) => post("/graphql", { query, variables: { n: "r" + i, d: `sweep-${["adamw", "sgd", "lion", "muon"][i % 4]}-seed-${i}`, c: JSON.stringify({ lr: { value: [1e-1, 1e-2, 1e-3, 1e-4, 1e-5][i % 5] }, seed: { value: i } }) } });
  let next = 0;
  await Promise.all(Array.from({ length: 8 }, async () => { while (next < RUNS) await make(next++); }));
  const log = (i) => post(`/files/mira/big/r${i}/file_stream`, { files: { "wandb-history.jsonl": { offset: 0, content: Array.from({ length: 200 }, (_, s) => JSON.stringify({ _step: s, _runtime: s, "train/loss": Math.exp(-s / 50) + i / RUNS, "val/top1": s / 200 })) } } });
  await Promise.all(Array.from({ length: 60 }, (_, k) => log(RUNS - 1 - k)));
  agent.destroy();
}

before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  await fill();
  page = await openPage(browser, { as: [server, "mira", PASSWORD] });
});
after(async () => { await browser?.close(); await server?.stop(); });

const list = () => page.getByRole("list", { name: /runs$/ });

test("the workspace opens on the newest runs and draws only what is in sight", async () => {
  await page.goto(server.url + "/mira/big/workspace");
  await drawn(page, "train/loss");
  await page.getByText("10,000 runs").waitFor();
  await page.getByText("12 drawn").waitFor();
  await becomes(() => said(page, "train/loss"), /12 runs\./);
  assert.ok(await page.locator("[data-run]").count() < 80, "the list is virtual");
  await accessible(page, "ten thousand runs");
  await picture(page, "many-1440-dark");
  noFaults(page);
});

test("the list scrolls to its end and back", async () => {
  for (const part of [0.33, 0.66, 1]) {
    await list().evaluate((l, p) => { l.scrollTop = l.scrollHeight * p; }, part);
    await waitFor(`rows at ${part}`, () => list().evaluate((l) => {
      const box = l.getBoundingClientRect();
      const rows = [...l.querySelectorAll("[role=listitem]")].filter((r) => { const b = r.getBoundingClientRect(); return b.bottom > box.top && b.top < box.bottom; });
      return rows.length > 10 && rows.every((r) => r.dataset.run);
    }));
  }
  await page.locator('[data-run="r0"]').waitFor(); // the oldest
  await list().evaluate((l) => { l.scrollTop = 0; });
  await page.locator(`[data-run="r${RUNS - 1}"]`).waitFor();
  noFaults(page);
});

test("a filter over all of them answers while typing", async () => {
  const filter = page.getByRole("textbox", { name: "Filter runs" });
  await filter.fill("seed-98");
  await page.getByText(/^111 found of 10,000$/).waitFor(); // 98, 980 to 989, 9800 to 9899
  await filter.fill("config.lr < 1e-4 and lion");
  await page.getByText("500 found of 10,000").waitFor();
  await waitFor("only lions", async () => (await page.locator("[data-run] a").evaluateAll((all) => all.length > 0 && all.every((a) => a.title.includes("lion")))));
  await page.getByTitle("Order of the list").click();
  await page.getByRole("menuitemradio", { name: "Oldest" }).click();
  await waitFor("the oldest first", async () => /^sweep-lion-seed-\d{1,2}\n/.test(await page.locator("[data-run] a").first().getAttribute("title")));
  await filter.fill("");
  await page.locator('[data-run="r0"]').waitFor();
  noFaults(page);
});

test("groups of more runs than can be drawn say how many they have, in the list and in the panels", async () => {
  await page.goto(server.url + "/mira/big/workspace?group=config.lr&sort=-created_at");
  const group = page.locator("[data-run^='group:']").filter({ hasText: "0.001" });
  await group.getByText(/^(19|20)\d of 2,000$/).waitFor({ timeout: 30_000 });
  await page.locator("aside").getByText("groups of 1,000 of 10,000").waitFor();
  await waitFor("the words of the panel", async () => /1,000 of 10,000 runs/.test(await page.locator("article[data-panel] header").first().innerText()));
  await picture(page, "many-groups-1440-dark");
  await accessible(page, "groups of ten thousand runs");
  await page.goto(server.url + "/mira/big/workspace");
  await page.getByText("12 drawn").waitFor();
  noFaults(page);
});

test("a click far down shows that run beside the others", async () => {
  await page.getByTitle("Order of the list").click();
  await page.getByRole("menuitemradio", { name: "Newest" }).click();
  await page.getByText("12 drawn").waitFor();
  const far = page.locator(`[data-run="r${RUNS - 41}"]`);
  await waitFor("the row", async () => { await list().evaluate((l) => { l.scrollTop = 28 * 30; }); return far.count(); });
  await far.getByRole("button", { name: /^(Hide|Show) / }).click();
  await page.getByText("13 drawn").waitFor();
  await waitFor("its line", async () => /13 runs\./.test(await said(page, "train/loss")));
  await page.getByRole("button", { name: "Hide all runs" }).click();
  await page.getByText("0 drawn").waitFor();
  await waitFor("the workspace to save itself", async () => {
    const d = await server.graphql(key, `{ project(entityName: "mira", name: "big") { allViews(viewType: "project-view") { edges { node { spec } } } } }`);
    return d.project.allViews.edges.some((e) => JSON.parse(e.node.spec).section.ballast.runs.visible.base === "none");
  });
  noFaults(page);
});

test("on a phone", async () => {
  const phone = await openPage(browser, { width: 390, height: 844, as: [server, "mira", PASSWORD] });
  await phone.goto(server.url + "/mira/big/workspace");
  await phone.getByRole("button", { name: "Show the first 12" }).click(); // the same person hid them at the desk
  await drawn(phone, "train/loss");
  await phone.getByRole("button", { name: "Open the run list" }).click();
  await phone.getByText("10,000 runs").waitFor();
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await picture(phone, "many-390-dark");
  noFaults(phone);
  await phone.context().close();
});
