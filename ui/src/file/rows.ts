// A list of files as rows of a tree, and how each can be shown.

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

export type Preview = 'image' | 'audio' | 'video' | 'json' | 'table' | 'text' | 'none';

/** Bytes of text that are shown; more is to be downloaded. */
export const PREVIEW_MOST = 8 << 20;

const TEXT = /\.(txt|log|md|py|ipynb|json|jsonl|ya?ml|toml|cfg|ini|sh|csv|tsv|xml|html?|js|ts|css|c|h|cpp|go|rs|java|patch|diff|lock|conf|sql)$/i;

/** How a file can be shown, by its type, its name and its size. Tables only where the server can page them. */
export function previewOf(f: { name: string; mimetype: string | null; sizeBytes: number }, tables = false): Preview {
  const t = f.mimetype ?? '';
  if (tables && /\.table\.json$/.test(f.name)) return 'table';
  if (/^image\/(png|jpeg|gif|webp|bmp|avif)/.test(t)) return f.sizeBytes <= 50 << 20 ? 'image' : 'none';
  if (t.startsWith('audio/')) return 'audio';
  if (t.startsWith('video/')) return 'video';
  if (f.sizeBytes > PREVIEW_MOST) return 'none';
  if (t === 'application/json' || /\.(json|plotly\.json)$/i.test(f.name)) return 'json';
  if (t.startsWith('text/') || TEXT.test(f.name) || f.sizeBytes === 0) return 'text';
  return 'none';
}
