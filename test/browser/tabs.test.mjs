// Eight tabs of one project: one live stream for the browser, shared by its tabs; another tab takes over when the
// one that holds it closes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { drawn, launch, openPage, said, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const TABS = 8;
let server, browser, tabs = [], script;
const open = new Map(); // streams that are open, by tab
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  const key = server.user("mira", PASSWORD, "--admin");
  script = server.train(key, `
import sys, threading, wandb
end = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
run = wandb.init(project="tabs", id="r1", settings=wandb.Settings(x_file_stream_transmit_interval=1, console="off"))
i = 0
while not end.wait(0.05):
    run.log({"count": i})
    if i == 20: print("READY")
    i += 1
run.finish()
`);
  await script.says("READY");
});
after(async () => { await browser?.close(); await script?.finish(); await server?.stop(); });

const streams = () => [...open.values()].reduce((n, s) => n + s.size, 0);
async function watch(page) {
  const mine = new Set();
  open.set(page, mine);
  page.on("request", (r) => r.url().includes("/api/live") && mine.add(r));
  for (const gone of ["requestfinished", "requestfailed"]) page.on(gone, (r) => mine.delete(r));
  page.on("close", () => open.delete(page));
  await page.goto(server.url + "/mira/tabs/workspace");
  await drawn(page, "count");
}
const last = async (page) => Number((await said(page, "count"))?.match(/last ([\d,.]+)/)?.[1].replaceAll(",", ""));
const growing = (page) => {
  let first;
  return waitFor("new points in a tab", async () => { const n = await last(page); first ??= n; return n > first; });
};

test("eight tabs share one stream, and each draws what is logged", async () => {
  const first = await openPage(browser, { width: 900, height: 600, as: [server, "mira", PASSWORD] });
  tabs = [first];
  for (let i = 1; i < TABS; i++) tabs.push(await first.context().newPage());
  for (const t of tabs) await watch(t);
  assert.equal(streams(), 1, "one stream for eight tabs");
  for (const t of tabs) await growing(t);
  assert.equal(streams(), 1);
  for (const t of tabs) await t.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
});

test("when the tab with the stream closes, another one takes over, and nothing is missed", async () => {
  for (let i = 0; i < 2; i++) {
    const leader = tabs.find((t) => open.get(t).size > 0);
    tabs = tabs.filter((t) => t !== leader);
    await leader.close();
    await waitFor("another stream", async () => streams() === 1);
    for (const t of tabs) await growing(t);
  }
  assert.equal(streams(), 1);
});
