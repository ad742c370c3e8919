// Empties dist/ but for the committed .gitkeep, which lets the Go package embed the folder in a clean clone.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../dist/', import.meta.url).pathname;
mkdirSync(root, { recursive: true });
for (const name of readdirSync(root)) if (name !== '.gitkeep') rmSync(join(root, name), { recursive: true });
