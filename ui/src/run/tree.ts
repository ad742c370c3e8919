// A config or a summary as rows of a tree.
import type { Json } from '../data/json';

export type TreeRow = { path: string; name: string; depth: number; value?: Json; children?: number };

const isBranch = (v: Json): v is { [k: string]: Json } => v !== null && typeof v === 'object' && !Array.isArray(v) && Object.keys(v).length > 0 && !('_type' in v);

/** The dotted path of a member; a dot in a name is escaped, as in the SDK's define_metric. */
export const join = (path: string, name: string) => (path ? path + '.' : '') + name.replace(/\./g, '\\.');

// The SDK sends keys in random order; its own, which begin with an underscore, come last.
const natural = new Intl.Collator('en', { numeric: true }).compare;
const byName = ([a]: [string, Json], [b]: [string, Json]) => Number(a.startsWith('_')) - Number(b.startsWith('_')) || natural(a, b);

/** Rows in order of name, folded branches without their insides. A filter keeps rows whose path or value
 *  holds the text, and opens what leads to them. */
export function treeRows(root: { [k: string]: Json }, folded: ReadonlySet<string>, filter: string, show: (v: Json) => string): TreeRow[] {
  const find = filter.trim().toLowerCase();
  const walk = (o: { [k: string]: Json }, path: string, depth: number): TreeRow[] => {
    const out: TreeRow[] = [];
    for (const [name, v] of Object.entries(o).sort(byName)) {
      const p = join(path, name);
      if (!isBranch(v)) {
        if (!find || p.toLowerCase().includes(find) || show(v).toLowerCase().includes(find)) out.push({ path: p, name, depth, value: v });
        continue;
      }
      const inside = find || !folded.has(p) ? walk(v, p, depth + 1) : [];
      if (find && inside.length === 0 && !p.toLowerCase().includes(find)) continue;
      out.push({ path: p, name, depth, children: Object.keys(v).length }, ...inside);
    }
    return out;
  };
  return walk(root, '', 0);
}

/** What a media object of a summary is, in a few words; undefined for anything else. */
export function mediaWords(v: Json): string | undefined {
  if (v === null || typeof v !== 'object' || Array.isArray(v) || typeof v['_type'] !== 'string') return undefined;
  const type = v['_type'].replace(/-file$/, '').replace(/[/_]/g, ' ');
  const n = v['count'] ?? v['nrows'];
  if (typeof v['nrows'] === 'number') return `${type}, ${v['nrows']} rows`;
  if (typeof n === 'number') return `${n} × ${type}`;
  if (typeof v['width'] === 'number' && typeof v['height'] === 'number') return `${type}, ${v['width']} × ${v['height']}`;
  return type;
}

/** The members whose paths are kept, with the branches that lead to them. */
export function pruned(root: { [k: string]: Json }, keep: (path: string) => boolean, path = ''): { [k: string]: Json } {
  return Object.fromEntries(
    Object.entries(root).flatMap(([name, v]): [string, Json][] => {
      const p = join(path, name);
      if (!isBranch(v)) return keep(p) ? [[name, v]] : [];
      const inside = pruned(v, keep, p);
      return Object.keys(inside).length ? [[name, inside]] : [];
    }),
  );
}

/** The values of a document by path, as treeRows names them. */
export function valuesByPath(root: { [k: string]: Json }, show: (v: Json) => string, path = '', out = new Map<string, string>()): Map<string, string> {
  for (const [name, v] of Object.entries(root)) {
    const p = join(path, name);
    if (isBranch(v)) valuesByPath(v, show, p, out);
    else out.set(p, show(v));
  }
  return out;
}
