// What two configs have different, and the numbers of a summary that matter most.
import type { Json } from './json';

export type Difference = { key: string; before: Json | undefined; after: Json | undefined };

/** The leaves of a config by their dotted path. */
export function flat(o: Json, path = '', out = new Map<string, Json>()): Map<string, Json> {
  if (o && typeof o === 'object' && !Array.isArray(o)) for (const [k, v] of Object.entries(o)) flat(v, path ? path + '.' + k : k, out);
  else out.set(path, o);
  return out;
}

/** The keys that are not the same in both, in order of their names. */
export function differences(before: { [k: string]: Json }, after: { [k: string]: Json }): Difference[] {
  const a = flat(before), b = flat(after);
  const text = (v: Json | undefined) => (typeof v === 'number' ? String(v) : JSON.stringify(v));
  return [...new Set([...a.keys(), ...b.keys()])].filter((k) => k !== '' && text(a.get(k)) !== text(b.get(k))).sort().map((key) => ({ key, before: a.get(key), after: b.get(key) }));
}

/** At most ten numbers of a summary: the list's metric first, then validation, then the rest by name. */
export function keyNumbers(summary: unknown, metric: string | null): [string, number][] {
  if (!summary || typeof summary !== 'object') return [];
  const all = [...flat(summary as Json)].filter((e): e is [string, number] => typeof e[1] === 'number' && !/^_|\._/.test(e[0]));
  const rank = (k: string) => (k === metric ? 0 : /(^|[/._-])(val|eval|test)/i.test(k) ? 1 : 2);
  return all.sort((x, y) => rank(x[0]) - rank(y[0]) || x[0].localeCompare(y[0])).slice(0, 10);
}
