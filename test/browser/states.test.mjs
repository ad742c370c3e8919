// Every screen in every state, theme and size: full, empty, huge, loading, failing, cut off. Axe finds nothing, nothing
// sticks out of the window, no text is cut without its whole in a title, and what went wrong is said with a way out.
// A run of the tests takes some, so chosen that pairs of screen or state with theme and size are met; BALLAST_ALL=1
// takes all of them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, becomes, launch, noFaults, openPage, picture, Server, waitFor } from "./ballast.mjs";

const PASSWORD = "a long enough password";
const ALL = process.env.BALLAST_ALL === "1";
const AT_ONCE = 3; // pages: much of a cell is waiting for what is tried again

const LONG = "a-name-of-three-hundred-letters-".repeat(9) + "that-ends-here";
const RTL = "تجربة التدريب الأولى";
const EMOJI = "🚀 first ‮flight‬ 👩‍👩‍👧‍👦";

/** A run with what people should not do: long, right-to-left and joined names, keys with dots and slashes, 5,000 of them. */
const HUGE = `
import os, sys, wandb
LONG, RTL, EMOJI = sys.argv[1:4]
run = wandb.init(project="huge", id="odd", name=LONG, notes=LONG + " " + RTL, tags=["t" * 60, RTL[:20], "🚀"], job_type=EMOJI,
                 config={LONG: LONG, RTL: EMOJI, "a.b": {"c/d": {"e.f": [1, 2, {"g": LONG}]}}, **{f"key{i}": i for i in range(300)}},
                 settings=wandb.Settings(x_file_stream_transmit_interval=1, console="wrap"))
print(LONG * 3); print(RTL); print(EMOJI); print("\\x1b[31m" + "wide " * 400)
for step in range(3):
    run.log({LONG: step, RTL + "/" + EMOJI: step, "a.b/c.d/e": step, "/begins/with": step, "ends/with/": step, "..": step, **{f"many/part{i % 50}/m{i}": i + step for i in range(5000)}})
path = os.path.join(run.dir, LONG[:200] + ".txt")
open(path, "w").write(LONG + "\\n" + RTL)
run.save(path, base_path=run.dir, policy="now")
a = wandb.Artifact("n" * 100, type="model", description=LONG, metadata={LONG: RTL, "deep": {"er": {"still": EMOJI}}})
a.add_file(path, name=("d" * 80 + "/") * 2 + LONG[:100] + ".txt")
run.log_artifact(a, aliases=["best", "x" * 60])
run.finish()
`;

let server, browser, key;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  key = server.user("mira", PASSWORD, "--admin");
  for (const team of ["vision", "quiet"]) server.admin(["team", "create", team, "--owner", "mira"]);
  const huge = server.train(key, HUGE, LONG, RTL, EMOJI).ended;
  const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
  const made = await page.context().request.post(server.url + "/api/demo", { data: { entity: "mira" }, headers: { "X-Ballast": "1", Origin: server.url } });
  assert.ok(made.ok(), await made.text());
  await page.context().close();
  assert.equal((await huge).code, 0, (await huge).out);
  const bucket = (project, name, display) => server.graphql(key, "mutation($p: String!, $n: String!, $d: String) { upsertBucket(input: {entityName: \"mira\", modelName: $p, name: $n, displayName: $d}) { bucket { id } } }", { p: project, n: name, d: display });
  for (const [i, name] of [RTL, EMOJI, LONG + "2"].entries()) await bucket("huge", "odd" + i, name);
  await bucket("empty", "r1", null);
  const d = await server.graphql(key, 'query { project(entityName: "mira", name: "sample-project") { runs(first: 1) { edges { node { name } } } } }');
  run = d.project.runs.edges[0].node.name;
});
after(async () => { await browser?.close(); await server?.stop(); });

let run; // of the sample
const text = (what) => (page) => page.getByText(what).first().waitFor();
const sample = (tab) => () => `/mira/sample-project/runs/${run}${tab}`;

/** A screen: its address in each state that has data, and what is there when it is ready. `deep` are its own requests. */
const SCREENS = {
  home: { full: "/home", ready: text("Recent projects") },
  owner: { full: "/mira", empty: "/quiet", ready: text(/sample-project|Log the first run/) },
  overview: { full: "/mira/sample-project/overview", empty: "/mira/empty/overview", huge: "/mira/huge/overview", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
  workspace: { full: "/mira/sample-project/workspace", empty: "/mira/empty/workspace", huge: "/mira/huge/workspace", deep: /\/api\/panel$/, ready: (page) => page.locator("[data-run]").first().or(page.getByRole("button", { name: /run list/ })).first().waitFor() },
  table: { full: "/mira/sample-project/table", empty: "/mira/empty/table?q=nothing", huge: "/mira/huge/table", deep: /\/api\/runs/, loading: (page) => page.locator("main").waitFor(), ready: (page) => page.locator("[data-grid] [data-run]").or(page.getByText("No run matches")).first().waitFor() },
  run: { full: sample(""), empty: "/mira/empty/runs/r1", huge: "/mira/huge/runs/odd", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
  charts: { full: sample("/workspace"), empty: "/mira/empty/runs/r1/workspace", huge: "/mira/huge/runs/odd/workspace", deep: /\/api\/keys$/, ready: (page) => page.getByRole("region", { name: "Panels" }).waitFor() },
  system: { full: sample("/system"), empty: "/mira/empty/runs/r1/system", huge: "/mira/huge/runs/odd/system", deep: /\/api\/keys$/, ready: (page) => page.locator("[data-panel]").or(page.getByText("No system metrics yet")).first().waitFor() },
  logs: { full: sample("/logs"), empty: "/mira/empty/runs/r1/logs", huge: "/mira/huge/runs/odd/logs", deep: /\/api\/logs\//, ready: (page) => page.getByRole("region", { name: "Console log" }).or(page.getByText("Nothing printed")).first().waitFor() },
  files: { full: "/mira/huge/runs/odd/files", empty: "/mira/empty/runs/r1/files", ready: (page) => page.getByRole("group", { name: "Files" }).or(page.getByText(/no files|No file/)).first().waitFor() },
  artifacts: { full: "/mira/huge/runs/odd/artifacts", empty: "/mira/empty/runs/r1/artifacts", ready: text(/n{20}|[Nn]o artifact|none/) },
  code: { full: "/mira/huge/runs/odd/code", empty: "/mira/empty/runs/r1/code", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
  diff: { full: sample("/diff"), empty: "/mira/empty/runs/r1/diff", huge: "/mira/huge/runs/odd/diff", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
  artifact: { full: `/mira/huge/artifacts/model/${"n".repeat(100)}/v0`, ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
  settings: { full: "/settings", ready: text("key of") },
  team: { full: "/vision/settings", ready: text("Settings of vision") },
  project: { full: "/mira/sample-project/settings", huge: "/mira/huge/settings", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor() },
};
const STATES = ["full", "empty", "huge", "loading", "failing", "gone"];
const THEMES = ["dark", "light"];
const SIZES = [[390, 844], [1280, 800], [1440, 900], [2560, 1440]];

const has = (screen, state) => state in screen || !["empty", "huge"].includes(state);
const HINDERED = ["loading", "failing", "gone"];
const every = Object.keys(SCREENS).flatMap((name) => STATES.filter((s) => has(SCREENS[name], s)).map((state) => [name, state]));
// Screens as they are are the matter of screens.test.mjs too, and one hindrance of each screen is much like another.
const some = every.filter(([name, state]) => state !== "full" && (!HINDERED.includes(state) || HINDERED.indexOf(state) === Object.keys(SCREENS).indexOf(name) % 3));

/** Some screens and states, each once: always in the theme and size that bring most pairs not met so far. */
function pairs() {
  const met = new Set();
  const of = (name, state, t, z) => [`${name} ${t}`, `${name} ${z}`, `${state} ${t}`, `${state} ${z}`, `${t} ${z}`];
  const looks = THEMES.flatMap((t) => SIZES.map((z) => [t, z]));
  const gain = (c, [t, z]) => of(...c, t, z[0]).filter((p) => !met.has(p)).length;
  return some.map((c) => {
    const [t, z] = looks.reduce((best, l) => (gain(c, l) > gain(c, best) ? l : best));
    for (const p of of(...c, t, z[0])) met.add(p);
    return [...c, t, z];
  });
}
const cells = ALL ? every.flatMap((c) => THEMES.flatMap((t) => SIZES.map((z) => [...c, t, z]))) : pairs();

/** Stands in the way of what a screen asks for, but for who is signed in. */
async function hinder(page, state, only) {
  const data = (url) => (only ? only.test(url.pathname) : /^\/(api|graphql)/.test(url.pathname) && !/^\/api\/(session|live)/.test(url.pathname));
  await page.route(data, (route) => {
    if (state === "failing") return route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ error: "The store did not answer in time.", request: "0123456789abcdef" }) });
    if (state === "gone") return route.abort("connectionrefused");
    return undefined; // never answered
  });
}

/** Text that is cut, and whose whole no title or label says. */
const cut = (page) => page.evaluate(() => [...document.querySelectorAll("body *")].flatMap((e) => {
  if (!e.clientWidth || e.clientWidth < 12 || e.matches("input, textarea, select, canvas, svg *") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) return [];
  const style = getComputedStyle(e);
  if (!["hidden", "clip"].includes(style.overflowX) || style.visibility === "hidden" || e.scrollWidth <= e.clientWidth + 1) return [];
  e.dispatchEvent(new PointerEvent("pointerover", { bubbles: true })); // then it gets its title
  for (let a = e; a; a = a.parentElement) if (a.title || a.getAttribute("aria-label")?.includes(e.textContent.trim()) || a.getAttribute("aria-hidden") === "true") return [];
  return [e.outerHTML.slice(0, 200)];
}).slice(0, 5));

/** What every screen keeps in every state. */
async function sound(page, where) {
  await accessible(page, where);
  const wide = await page.evaluate(() => (document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 160)) : []));
  assert.deepEqual(wide, [], `${where} sticks out of the window`);
  assert.deepEqual(await cut(page), [], `${where} cuts text without a title`);
}

async function one(page, [name, state, theme, [width, height]]) {
  const screen = SCREENS[name], where = `${name}, ${state}, ${theme}, ${width}`;
  const address = state in screen ? screen[state] : screen.full;
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.setViewportSize({ width, height });
  const hindered = HINDERED.includes(state);
  if (hindered) await hinder(page, state);
  await page.goto(server.url + (typeof address === "string" ? address : address()));
  if (!hindered) await screen.ready(page);
  else if (state === "loading") await (screen.loading ?? waits)(page);
  else await said(page, state);
  await sound(page, where);
  await picture(page, `states-${name}-${state}-${width}-${theme}`);
  if (hindered) {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    if (state !== "loading") {
      await page.locator("main").getByRole("button", { name: "Retry" }).first().click();
      await screen.ready(page);
    }
  }
  noFaults(page, /status of (500|404|409)/, /ERR_CONNECTION_REFUSED/);
}

/** What waits says so, to those who cannot see it too. */
const waits = (page) => page.locator("main").getByRole("status").filter({ visible: true }).first().waitFor();

/** What went wrong, in words. */
async function said(page, state) {
  const alert = page.locator("main").getByRole("alert").first();
  await alert.waitFor();
  await becomes(() => alert.innerText(), state === "failing" ? /The store did not answer in time\.[\s\S]*0123456789abcdef/ : /The server does not answer/);
}

test(`screens in ${cells.length} of ${every.length * THEMES.length * SIZES.length} states, themes and sizes`, async (t) => {
  const left = [...cells], wrong = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const page = await openPage(browser, { as: [server, "mira", PASSWORD] });
    while (left.length) {
      const cell = left.shift();
      const at = Date.now();
      try { await one(page, cell); } catch (e) { wrong.push(`${cell.flat().join(" ")}: ${e.message}`); await page.unrouteAll({ behavior: "ignoreErrors" }); page.faults.splice(0); }
      if (process.env.BALLAST_VERBOSE) t.diagnostic(`${cell.flat().join(" ")} ${Date.now() - at} ms`);
    }
    await page.context().close();
  }));
  assert.ok(wrong.length === 0, wrong.join("\n\n"));
});

test("what a screen has stays when only its own data fail", async () => {
  for (const name of Object.keys(SCREENS).filter((n) => SCREENS[n].deep)) {
    const page = await openPage(browser, { theme: "light", as: [server, "mira", PASSWORD] });
    const { full, deep, ready } = SCREENS[name];
    await hinder(page, "failing", deep);
    await page.goto(server.url + (typeof full === "string" ? full : full()));
    await page.getByText("The store did not answer in time.").first().waitFor();
    await page.getByRole("link", { name: "sample-project" }).first().waitFor(); // the way out is there
    await sound(page, `${name}, its data`);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.getByRole("button", { name: "Retry" }).first().click();
    await ready(page);
    await page.context().close();
  }
});
