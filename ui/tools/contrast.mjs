// Checks the contrast of every text and state colour in tokens.css against the surfaces it may lie on.
import { readFileSync } from 'node:fs';
import { contrast } from './color.mjs';
const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8'); let bad = 0;
for (const theme of ['dark', 'light']) {
  const block = css.match(new RegExp(`\\[data-theme='${theme}'\\] \\{([\\s\\S]*?)\\n\\}`))[1], v = Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/gi)].map(m => [m[1], m[2]]));
  console.log(theme);
  for (const [names, need] of [[['t1', 't2', 't3', 'accent', 'run', 'ok', 'bad', 'warn', 'odd'], 4.5], [['control'], 3]]) for (const n of names) {
    const r = ['surface', 'bg', 'raised', 'inset'].map(s => contrast(v[n], v[s])); const ok = Math.min(...r) >= need - 0.005; if (!ok) bad++;
    console.log(' ', n.padEnd(8), v[n], ['surface', 'bg', 'raised', 'inset'].map((s, i) => `${s} ${r[i].toFixed(1)}`).join('  '), ok ? '' : `below ${need}`);
  }
  console.log('  on-accent', contrast(v['on-accent'], v['accent-fill']).toFixed(1), ' on-ink', contrast(v['on-ink'], v.ink).toFixed(1));
}
process.exitCode = bad ? 1 : 0;
