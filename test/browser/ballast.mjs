// Starts the real binary, the real SDK and a real Chromium for a test.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const binary = process.env.BALLAST_BIN ?? join(root, "bin", "ballast");
const python = process.env.BALLAST_PYTHON ?? "/tmp/venv/w31/bin/python";
export const pictures = process.env.BALLAST_PICTURES ?? join(root, "test-results", "pictures");

const freePort = () => new Promise((done) => {
  const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); });
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

/** A server on an empty store of its own. */
export class Server {
  static async start(...flags) {
    const s = new Server();
    s.folder = mkdtempSync(join(tmpdir(), "ballast-browser-"));
    s.data = join(s.folder, "data");
    s.port = await freePort();
    s.url = `http://127.0.0.1:${s.port}`;
    s.flags = flags;
    await s.run();
    return s;
  }

  async run() {
    const log = openSync(join(this.folder, "log"), "a");
    this.process = spawn(binary, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, "--url", this.url, ...this.flags], { stdio: ["ignore", log, log] });
    await waitFor("the server", async () => (await fetch(this.url + "/ready")).ok);
  }

  log() { return readFileSync(join(this.folder, "log"), "utf8"); }

  admin(args, input) { return execFileSync(binary, ["admin", "--data", this.data, ...args], { input, encoding: "utf8" }); }

  /** Creates a person with a password and returns a key of theirs. */
  user(name, password, ...flags) {
    this.admin(["user", "create", name, "--email", `${name}@example.com`, "--password-stdin", ...flags], password + "\n");
    const out = JSON.parse(this.admin(["key", "create", "--user", name, "--json"]));
    return Object.values(out).find((v) => typeof v === "string" && v.length >= 40);
  }

  /** Starts a training script that uses the real SDK. */
  train(key, text) {
    const home = mkdtempSync(join(this.folder, "home-"));
    const file = join(home, "train.py");
    writeFileSync(file, text);
    const p = spawn(python, [file], { cwd: home, env: { PATH: process.env.PATH, HOME: home, WANDB_BASE_URL: this.url, WANDB_API_KEY: key, WANDB_SILENT: "true", WANDB_DISABLE_GIT: "true" } });
    let out = "";
    p.stdout.on("data", (d) => { out += d; });
    p.stderr.on("data", (d) => { out += d; });
    p.ended = new Promise((done) => p.on("exit", (code) => done({ code, out })));
    p.output = () => out;
    return p;
  }

  async stop() {
    if (this.process.exitCode === null) {
      const ended = new Promise((done) => this.process.on("exit", done));
      this.process.kill("SIGTERM");
      await ended;
    }
    const log = this.log();
    assert.ok(!/panic|goroutine \d+ \[/.test(log), "the server panicked:\n" + log.slice(-4000));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A page of its own session that notes every error the browser reports. */
export async function openPage(browser, { width = 1440, height = 900, theme = "dark" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push("error: " + e.message));
  page.on("console", (m) => { if (m.type() === "error") page.faults.push("console: " + m.text()); });
  return page;
}

export const noFaults = (page) => { assert.deepEqual(page.faults, []); };

/** Axe with zero findings. */
export async function accessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map((v) => `${where}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), []);
}

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, name + ".png") });
}

export async function signIn(page, server, user, password) {
  await page.goto(server.url + "/login");
  await page.getByLabel(/name|email/i).first().fill(user);
  await page.getByLabel(/password/i).fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL((u) => !u.pathname.startsWith("/login"));
}
