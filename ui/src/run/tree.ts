// A config, a summary or a list of files as rows of a tree.
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

export type FileNode = { path: string; name: string; depth: number; folder: boolean; bytes: number; files: number };

/** Files by folder: folders first, names in natural order. */
export function fileRows(files: { name: string; sizeBytes: number }[], folded: ReadonlySet<string>, filter: string): FileNode[] {
  type Dir = { dirs: Map<string, Dir>; files: { name: string; path: string; bytes: number }[]; bytes: number; count: number };
  const dir = (): Dir => ({ dirs: new Map(), files: [], bytes: 0, count: 0 });
  const root = dir();
  const find = filter.trim().toLowerCase();
  for (const f of files) {
    if (find && !f.name.toLowerCase().includes(find)) continue;
    const parts = f.name.split('/');
    let d = root;
    for (const part of parts.slice(0, -1)) {
      let next = d.dirs.get(part);
      if (!next) d.dirs.set(part, (next = dir()));
      d = next;
      d.bytes += f.sizeBytes;
      d.count++;
    }
    d.files.push({ name: parts[parts.length - 1]!, path: f.name, bytes: f.sizeBytes });
  }
  const by = new Intl.Collator('en', { numeric: true }).compare;
  const out: FileNode[] = [];
  const walk = (d: Dir, path: string, depth: number) => {
    for (const [name, sub] of [...d.dirs].sort(([a], [b]) => by(a, b))) {
      const p = path + name + '/';
      out.push({ path: p, name, depth, folder: true, bytes: sub.bytes, files: sub.count });
      if (find || !folded.has(p)) walk(sub, p, depth + 1);
    }
    for (const f of d.files.sort((a, b) => by(a.name, b.name))) out.push({ path: f.path, name: f.name, depth, folder: false, bytes: f.bytes, files: 1 });
  };
  walk(root, '', 0);
  return out;
}

export type Preview = 'image' | 'audio' | 'video' | 'json' | 'text' | 'none';

const TEXT = /\.(txt|log|md|py|ipynb|json|jsonl|ya?ml|toml|cfg|ini|sh|csv|tsv|xml|html?|js|ts|css|c|h|cpp|go|rs|java|patch|diff|lock|conf|sql)$/i;

/** How a file can be shown, by its type, its name and its size. */
export function previewOf(f: { name: string; mimetype: string | null; sizeBytes: number }): Preview {
  const t = f.mimetype ?? '';
  if (/^image\/(png|jpeg|gif|webp|bmp|avif)/.test(t)) return f.sizeBytes <= 50 << 20 ? 'image' : 'none';
  if (t.startsWith('audio/')) return 'audio';
  if (t.startsWith('video/')) return 'video';
  if (f.sizeBytes > 2 << 20) return 'none';
  if (t === 'application/json' || /\.(json|plotly\.json)$/i.test(f.name)) return 'json';
  if (t.startsWith('text/') || TEXT.test(f.name) || f.sizeBytes === 0) return 'text';
  return 'none';
}
