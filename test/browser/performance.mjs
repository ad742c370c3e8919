// The table of what the screens cost: on the terminal, and as a part of docs/performance.md between two marks, which
// `ballast bench all` leaves as it is.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";

const BEGIN = "<!-- screens: written by make bench-ui -->", END = "<!-- /screens -->";

/** The machine, who else uses it, and when. */
export function machine() {
  return { cpu: cpus()[0].model.trim(), cores: availableParallelism(), load: loadavg()[0], share: share(), when: new Date().toISOString().slice(0, 10) };
}

/** How much of one core a busy loop of a second gets: 1 on a machine that nobody else uses. */
function share() {
  const began = performance.now(), before = process.cpuUsage();
  let x = 1;
  while (performance.now() - began < 1000) x = Math.sqrt(x + 1);
  const used = process.cpuUsage(before);
  return Math.min(1, (used.user + used.system) / 1000 / (performance.now() - began));
}

const number = (v) => (v >= 1000 ? Math.round(v).toLocaleString("en-US") : String(Number(v.toPrecision(3))));
const verdict = (value, goal) => (goal === null ? "" : value <= goal ? "within" : "MISSED");
const row = ([, what, how, value, unit, goal]) => [what, how, `${number(value)} ${unit}`, goal === null ? "" : `≤ ${number(goal)}`, verdict(value, goal)];

/** Prints figures: [place in the table, what, how it was measured, value, unit, goal or null]. */
export function print(figures) {
  for (const f of figures) {
    const [what, how, value, goal, said] = row(f);
    console.log(`${said.padEnd(7)} ${value.padStart(12)} ${goal.padEnd(8)} ${what}: ${how}`);
  }
}

/** Writes the part of performance.md about the screens. */
export function write(folder, where, figures) {
  const file = join(folder, "performance.md");
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  const part = `${BEGIN}\n${section(where, figures)}${END}\n`;
  writeFileSync(file, from < 0 ? `${text}\n${part}` : text.slice(0, from) + part + text.slice(to + END.length + 1));
}

function section(m, figures) {
  const busy = m.share < 0.9 ? ` **Others used the machine too: a busy loop got ${Math.round(100 * m.share)} % of a core. The clock is that much worse than it can do; the main thread's processor time tells more.**` : "";
  const rows = [...figures].sort((a, b) => a[0] - b[0]).map((f) => `| ${row(f).join(" | ")} |\n`).join("");
  return `## The screens

${m.cpu}, ${m.cores} cores, no GPU, ${m.browser}, on ${m.when}. Load before the run: ${m.load.toFixed(1)} processes.${busy}

To repeat it: \`make bench-ui\`. “Main thread” is the processor time of the page's main thread, whatever else the machine does. The window is 1440 × 900; one of 1440 × 4900 shows a hundred panels at once.

| | | reached | goal | |
|---|---|---|---|---|
${rows}`;
}
