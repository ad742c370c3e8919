// Colours and type sizes live in tokens.css alone: fails on a raw colour anywhere else.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../src/', import.meta.url).pathname;
const walk = (dir) => readdirSync(dir).flatMap((n) => (statSync(join(dir, n)).isDirectory() ? walk(join(dir, n)) : [join(dir, n)]));
let bad = 0;
for (const file of walk(root).filter((f) => f.endsWith('.css') && !f.endsWith('/tokens.css'))) {
  readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
    const m = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/i.exec(line.replace(/url\([^)]*\)/g, ''));
    if (m) { bad++; console.log(`${file.slice(root.length)}:${i + 1}: raw colour ${m[0]}; name a token instead`); }
  });
}
process.exitCode = bad ? 1 : 0;
