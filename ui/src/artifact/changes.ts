// What changed between two versions of an artifact: files by their digests, metadata by its leaves.
import { value } from '../data/format';
import type { Json } from '../data/json';
import { leaves } from '../data/runset';

export type Change = 'same' | 'changed' | 'new' | 'gone';
type FileLike = { name: string; digest: string | null; sizeBytes: number };

/** Each file of either, by name, and how it stands in `now` against `before`. */
export function fileChanges<F extends FileLike>(now: F[], before: F[]): { name: string; change: Change; now: F | null; before: F | null }[] {
  const old = new Map(before.map((f) => [f.name, f])), names = new Set(now.map((f) => f.name));
  const out = now.map((f) => {
    const was = old.get(f.name) ?? null;
    return { name: f.name, change: (was === null ? 'new' : was.digest === f.digest && was.sizeBytes === f.sizeBytes ? 'same' : 'changed') as Change, now: f as F | null, before: was };
  });
  return [...out, ...before.filter((f) => !names.has(f.name)).map((f) => ({ name: f.name, change: 'gone' as Change, now: null, before: f }))];
}

/** Bytes of a version that the one before it does not have; contents are stored once, whatever file has them. */
export function newBytes(now: FileLike[], before: FileLike[]): number {
  const have = new Set(before.map((f) => f.digest));
  let sum = 0;
  for (const f of now) if (!have.has(f.digest)) { sum += f.sizeBytes; have.add(f.digest); }
  return sum;
}

/** Leaves of either metadata, as texts; null where it has none. */
export function metadataChanges(now: { [k: string]: Json }, before: { [k: string]: Json }): { key: string; now: string | null; before: string | null }[] {
  const a = new Map(leaves(now)), b = new Map(leaves(before));
  const text = (m: Map<string, Json>, k: string) => (m.has(k) ? value(m.get(k)) : null);
  return [...new Set([...a.keys(), ...b.keys()])].sort().map((key) => ({ key: key.replaceAll('\\.', '.'), now: text(a, key), before: text(b, key) }));
}
