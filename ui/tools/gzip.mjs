// Writes a .gz beside each built file that shrinks, so the server never compresses on a request's path.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = new URL('../dist/', import.meta.url).pathname;
const walk = (dir) => readdirSync(dir).flatMap((n) => (statSync(join(dir, n)).isDirectory() ? walk(join(dir, n)) : [join(dir, n)]));
for (const file of walk(root)) {
  if (!/\.(js|css|html|svg)$/.test(file)) continue;
  const plain = readFileSync(file);
  const small = gzipSync(plain, { level: 9 });
  if (small.length < plain.length * 0.95) writeFileSync(file + '.gz', small);
  else rmSync(file + '.gz', { force: true });
}
