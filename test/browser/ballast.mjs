// Starts the real binary, the real SDK and a real Chromium for a test.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import assert from "node:assert/strict";
import { afterEach } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
const binary = process.env.BALLAST_BIN ?? join(root, "bin", "ballast");
const python = process.env.BALLAST_PYTHON ?? "/tmp/venv/w31/bin/python";
export const pictures = process.env.BALLAST_PICTURES; // a folder; without one no picture is taken

// A port below those that the system gives to outgoing connections, so that none of them can take it meanwhile.
const freePort = () => new Promise((done) => {
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const s = createServer().on("error", () => done(freePort())).listen(port, "127.0.0.1", () => s.close(() => done(port)));
});

export async function waitFor(what, condition, timeout = 30_000) {
  const end = Date.now() + timeout;
  for (;;) {
    let last;
    try { last = await condition(); } catch (e) { last = e; }
    if (last && !(last instanceof Error)) return last;
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for ${what}; last: ${last}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** Waits until what is read is equal to a value, or matches a pattern: a screen may still be loading what it will show. */
export async function becomes(read, wanted, what) {
  let now;
  const same = () => (wanted instanceof RegExp ? wanted.test(now ?? "") : isDeepStrictEqual(now, wanted));
  await waitFor(what ?? String(read), async () => { now = await read(); return same(); }).catch((e) => {
    if (now === undefined) throw e; // nothing could be read
    if (wanted instanceof RegExp) assert.match(String(now), wanted, what);
    else assert.deepEqual(now, wanted, what);
  });
}

// What tests are told by the environment is no setting of the server, which refuses what it does not know.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("BALLAST_")));

/** The processes that live in a folder: scripts, and the SDK's own service, which leaves their process group. */
const offspring = (folder) => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => {
  try { return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOME=${folder}/`); } catch { return false; } // it ended, or is not ours
}).map(Number);

/** A server on an empty store of its own. */
export class Server {
  static async start(...flags) {
    const s = new Server();
    s.folder = mkdtempSync(join(tmpdir(), "ballast-browser-"));
    s.data = join(s.folder, "data");
    s.started = [];
    s.port = await freePort();
    s.url = `http://127.0.0.1:${s.port}`;
    s.flags = flags;
    await s.run();
    return s;
  }

  async run() {
    const log = openSync(join(this.folder, "log"), "a");
    this.process = spawn(binary, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, "--url", this.url, ...this.flags], { env, stdio: ["ignore", log, log] });
    await waitFor("the server", async () => (await fetch(this.url + "/ready", { signal: AbortSignal.timeout(2000) })).ok);
  }

  log() { return readFileSync(join(this.folder, "log"), "utf8"); }

  admin(args, input) { return execFileSync(binary, ["admin", "--data", this.data, ...args], { env, input, encoding: "utf8", timeout: 20_000 }); }

  /** Creates a person with a password and returns a key of theirs. */
  user(name, password, ...flags) {
    this.admin(["user", "create", name, "--email", `${name}@example.com`, "--password-stdin", ...flags], password + "\n");
    const out = JSON.parse(this.admin(["key", "create", "--user", name, "--json"]));
    return Object.values(out).find((v) => typeof v === "string" && v.length >= 40);
  }

  /** Starts a training script that uses the real SDK. It reads its standard input until we close it. */
  train(key, text, ...args) {
    const home = mkdtempSync(join(this.folder, "home-"));
    const file = join(home, "train.py");
    writeFileSync(file, text);
    // Nothing is inherited: a WANDB_SERVICE of somebody else's would lead the SDK to their server.
    const env = { PATH: process.env.PATH, HOME: home, WANDB_BASE_URL: this.url, WANDB_API_KEY: key, WANDB_SILENT: "true", WANDB_DISABLE_GIT: "true" };
    const p = spawn(python, ["-u", file, ...args], { cwd: home, env });
    this.started.push(p);
    let out = "";
    p.stdout.on("data", (d) => { out += d; });
    p.stderr.on("data", (d) => { out += d; });
    p.stdin.on("error", () => {}); // it ended before it was told to
    p.ended = new Promise((done) => p.on("exit", (code) => done({ code, out })));
    p.output = () => out;
    p.says = (word) => waitFor(`the script to say ${word}`, () => {
      if (p.exitCode) throw new Error(`it ended with ${p.exitCode}: ${out}`);
      return out.includes(word);
    });
    /** Closes its input and waits until it has finished its runs. */
    p.finish = async () => {
      p.stdin.end();
      await waitFor("the script to end", () => p.exitCode !== null || p.signalCode !== null);
      return p.ended;
    };
    return p;
  }

  /** Eight runs that look like real work, three of which go on until they are finished. */
  async study(key, project, ...args) {
    const p = this.train(key, readFileSync(join(here, "study.py"), "utf8"), project, ...args);
    await p.says("READY");
    return p;
  }

  /** GraphQL with a key, as the SDK speaks it. */
  async graphql(key, query, variables = {}) {
    const res = await fetch(this.url + "/graphql", { method: "POST", headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("api:" + key).toString("base64") }, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(10_000) });
    const body = await res.json();
    if (!res.ok || body.errors) throw new Error(`GraphQL answered ${res.status}: ${JSON.stringify(body)}`);
    return body.data;
  }

  /** Ends the server as a restart or a crash of the machine room does; `run` brings it back. */
  async down() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((done) => this.process.on("exit", done));
    this.process.kill("SIGTERM");
    await ended;
  }

  async stop() {
    await this.down();
    for (const pid of offspring(this.folder)) process.kill(pid, "SIGKILL");
    await Promise.all(this.started.map((p) => p.ended));
    const log = this.log();
    assert.ok(!/panic|goroutine \d+ \[/.test(log), "the server panicked:\n" + log.slice(-4000));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export const launch = () => chromium.launch({
  timeout: 30_000,
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page of its own session that notes every error the browser reports. `as` signs in: [server, name, password]. */
const pages = new Set();

// A test that fails says what each page showed, and what it still waited for.
afterEach(async (t) => {
  if (!t.error) return;
  for (const page of pages) {
    const text = await page.evaluate(() => document.body.innerText).catch((e) => `not read: ${e.message}`);
    t.diagnostic(`${page.url()} showed: ${text.replace(/\s+/g, " ").slice(0, 1500)}`);
    for (const [r, since] of page.asked) t.diagnostic(`${r.method()} ${new URL(r.url()).pathname} has no answer after ${Date.now() - since} ms`);
    for (const fault of page.faults) t.diagnostic(fault);
  }
});

export async function openPage(browser, { width = 1440, height = 900, theme = "dark", as } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  pages.add(page.on("close", () => pages.delete(page)));
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.asked = new Map(); // what has no answer yet: since when
  page.on("request", (r) => page.asked.set(r, Date.now()));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (r) => page.asked.delete(r));
  page.on("pageerror", (e) => page.faults.push("error: " + (e.stack ?? e.message).split("\n").slice(0, 6).join(" ")));
  page.on("console", (m) => { if (m.type() === "error") page.faults.push(`console: ${m.text()} ${m.location().url}`); });
  if (as) {
    const [server, user, password] = as;
    const res = await context.request.post(server.url + "/api/session", { data: { user, password }, headers: { "X-Ballast": "1", Origin: server.url } });
    assert.ok(res.ok(), `signing in as ${user}: ${res.status()} ${await res.text()}`);
  }
  return page;
}

/** No error in the browser since the last look: none of ours, none of the content security policy. `expected` are those a test provokes. */
export const noFaults = (page, ...expected) => {
  assert.deepEqual(page.faults.splice(0).filter((f) => !expected.some((e) => e.test(f))), []);
};

/** Colours depend on the theme and not on the width; everything else is alike in both themes. */
export const COLOURS_ONLY = { runOnly: ["color-contrast", "link-in-text-block"] };
export const BUT_COLOURS = { rules: { "color-contrast": { enabled: false }, "link-in-text-block": { enabled: false } } };

/** Axe with zero findings, of all its rules or of some. */
export async function accessible(page, where, rules = {}) {
  if (!await page.evaluate(() => "axe" in window)) await page.evaluate(axe.source); // by the debugger: no policy of the page is in its way
  const found = await page.evaluate(async (some) => (await window.axe.run(document, { resultTypes: ["violations"], preload: { assets: ["media"] }, ...some })).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), rules);
  assert.deepEqual(found, [], where);
}

export async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, name + ".png") });
}

export async function signIn(page, server, user, password) {
  await page.goto(server.url + "/login");
  await page.getByLabel("Name or email").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL((u) => !u.pathname.startsWith("/login"));
}

/** The frame of a key's panel. */
export const panel = (page, key) => page.locator("article[data-panel]").and(page.getByRole("article", { name: key, exact: true }));

/** What a panel says of its lines to those who cannot see them: key, axis, and for each run its first, last and extremes. */
export const said = (page, key) => panel(page, key).getByRole("img").getAttribute("aria-label");

/** Waits until a panel has drawn lines. */
export const drawn = (page, key) => waitFor(`the panel ${key}`, async () => /\d runs?\./.test((await said(page, key)) ?? ""));

/** What is painted, to see whether it changed. */
export const painted = (page, key) => panel(page, key).locator("canvas").first().evaluate((c) => c.toDataURL());
