// Large projects that a walk or a measurement begins with, made within seconds.

import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { root } from "./ballast.mjs";

/**
 * Writes runs into a server's store while the server is down. Each project is [owner, name, runs], whose runs have
 * settings and a summary; or [owner, name, runs, metrics, rows], whose newest 20 runs log all rows and the others one.
 */
export async function seed(server, ...projects) {
  await server.down();
  for (const p of projects) execFileSync("go", ["run", "./test/browser/seed", server.data, ...p.map(String)], { cwd: root, stdio: "inherit" });
  await server.run();
}

const PART = 25_000; // lines of one request

/** A line of the long console: every 10,000th is of standard error, and each is of one of two processes. */
const line = (i) => `${i % 10_000 === 9_999 ? "ERROR " : ""}2026-03-01T12:00:${String(i % 60).padStart(2, "0")}.000000 [rank${i % 2}] step=${i} loss=${(7 / (1 + i / 9000)).toFixed(4)} lr=3e-4${i % 500 === 499 ? " a line too long for the page".repeat(20) : ""}`;

/** Makes the run mira/p/long, which printed that many lines. */
export async function longLog(server, key, lines) {
  await server.graphql(key, 'mutation { upsertBucket(input: {entityName: "mira", modelName: "p", name: "long", displayName: "a long log"}) { bucket { id } } }');
  for (let from = 0; from < lines; from += PART) {
    const content = Array.from({ length: Math.min(PART, lines - from) }, (_, i) => line(from + i));
    for (let again = 0; ; again++) {
      const res = await stream(server, key, "mira/p/long", { "output.log": { offset: from, content } });
      if (res.ok) break;
      assert.ok((res.status === 429 || res.status >= 500) && again < 60, `${res.status} ${await res.text()}`);
      await new Promise((r) => setTimeout(r, 500));
    }
  }
}

/** Sends a part of a run's file stream, as the SDK does. */
const stream = (server, key, run, files) => fetch(`${server.url}/files/${run}/file_stream`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: "Basic " + Buffer.from("api:" + key).toString("base64") }, body: JSON.stringify({ files }) });

/** Runs that log one row of some metrics each second until `stop` is called. */
export async function living(server, key, project, runs, metrics) {
  for (let i = 0; i < runs; i++) await server.graphql(key, "mutation($p: String!, $n: String!) { upsertBucket(input: {entityName: \"mira\", modelName: $p, name: $n, displayName: $n}) { bucket { id } } }", { p: project, n: `live-${i}` });
  const values = (i, step) => Object.fromEntries(Array.from({ length: metrics }, (_, k) => [`train/metric${k}`, Math.exp(-step / 300) + Math.sin(i + k) / 5 + Math.random() / 20]));
  let step = 0, failed = 0;
  const row = async () => {
    const now = step++;
    const sent = await Promise.all(Array.from({ length: runs }, (_, i) => stream(server, key, `mira/${project}/live-${i}`, { "wandb-history.jsonl": { offset: now, content: [JSON.stringify({ _step: now, _runtime: now, ...values(i, now) })] } }).then((r) => r.ok, () => false)));
    failed += sent.filter((ok) => !ok).length;
  };
  await row();
  const timer = setInterval(() => void row(), 1000);
  return { stop: () => clearInterval(timer), rows: () => step, failed: () => failed };
}
