// Many panels from one expression: what its groups capture names a panel, the keys that share it are drawn together.
import { natural } from '../chart/sections';
import type { CatalogueKey } from '../data/run';

export type Captured = { name: string; keys: CatalogueKey[] };

/** Whether an expression captures something; null when it is none. */
export function capturing(pattern: string): boolean | null {
  try {
    return new RegExp(pattern + '|').exec('')!.length > 1;
  } catch {
    return null;
  }
}

/** The keys that match, by what the expression captured, in natural order. Without groups each key is its own. */
export function captures(keys: CatalogueKey[], pattern: string): Captured[] {
  let re: RegExp;
  try {
    re = new RegExp(pattern);
  } catch {
    return [];
  }
  const by = new Map<string, CatalogueKey[]>();
  for (const k of keys) {
    const m = re.exec(k.key);
    if (!m) continue;
    const name = m.length > 1 ? m.slice(1).filter((x) => x !== undefined && x !== '').join(' ') || m[0] : k.key;
    by.set(name, [...(by.get(name) ?? []), k]);
  }
  return [...by].map(([name, ks]) => ({ name, keys: ks.sort((a, b) => natural(a.key, b.key)) })).sort((a, b) => natural(a.name, b.name));
}
