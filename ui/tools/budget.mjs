// Fails when what the browser must fetch before the first screen grows past its budget (kB, gzipped).
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = { js: 350, css: 30, fonts: 90 };
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const size = (path) => gzipSync(readFileSync(new URL(path.replace(/^\//, ''), dist)), { level: 9 }).length / 1000;
const links = [...page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
const sum = (end) => links.filter((p) => p.endsWith(end)).reduce((n, p) => n + size(p), 0);
const fonts = readdirSync(new URL('assets/', dist)).filter((n) => n.endsWith('.woff2')).reduce((n, f) => n + statSync(new URL('assets/' + f, dist)).size / 1000, 0);
const got = { js: sum('.js'), css: sum('.css'), fonts };
let over = false;
for (const [name, kb] of Object.entries(got)) {
  over ||= kb > LIMIT[name];
  console.log(`${name.padEnd(6)} ${kb.toFixed(1).padStart(6)} kB of ${LIMIT[name]}${kb > LIMIT[name] ? '  over budget' : ''}`);
}
process.exitCode = over ? 1 : 0;
