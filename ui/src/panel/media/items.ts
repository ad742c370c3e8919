// From what history has of a media key to single things to show (PRODUCT 3.8).

export type Box = { position: { minX: number; maxX: number; minY: number; maxY: number }; fraction: boolean; classId: number; caption: string; scores: Record<string, number> };
export type Layer = { name: string; path: string };
export type Kind = 'image' | 'audio' | 'video' | 'html' | 'object' | 'molecule' | 'plotly' | 'histogram' | 'table' | 'other';
export type Item = { kind: Kind; type: string; path: string; caption: string; width: number; height: number; size: number; boxes: Layer[]; masks: Layer[]; bins?: number[]; counts?: number[] };

type Doc = { [k: string]: unknown };
const text = (v: unknown): string => (typeof v === 'string' ? v : '');
const count = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : 0);
const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : []);
const doc = (v: unknown): Doc => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Doc) : {});

const ONE: Record<string, Kind> = { 'image-file': 'image', 'audio-file': 'audio', 'video-file': 'video', 'html-file': 'html', 'object3D-file': 'object', 'molecule-file': 'molecule', 'plotly-file': 'plotly', 'bokeh-file': 'other', 'graph-file': 'other', histogram: 'histogram', 'table-file': 'table', 'incremental-table-file': 'table' };
const MANY: Record<string, { kind: Kind; folder: string; items?: string }> = {
  'images/separated': { kind: 'image', folder: 'media/images/' },
  audio: { kind: 'audio', folder: 'media/audio/', items: 'audio' },
  videos: { kind: 'video', folder: 'media/videos/', items: 'videos' },
  html: { kind: 'html', folder: 'media/html/', items: 'html' },
  object3D: { kind: 'object', folder: 'media/object3D/', items: 'objects' },
  molecule: { kind: 'molecule', folder: 'media/molecule/' },
};

/** The types of keys that the media panel shows by itself. */
export const isMedia = (type: string): boolean => {
  const t = type.replace(/^media:/, '');
  return t !== type && ((t in ONE && ONE[t] !== 'table') || t in MANY);
};

const layers = (v: unknown): Layer[] => Object.entries(doc(v)).flatMap(([name, d]) => (text(doc(d).path) ? [{ name, path: text(doc(d).path) }] : []));

function one(kind: Kind, d: Doc, more: Partial<Item> = {}): Item {
  return { kind, type: text(d._type), path: text(d.path), caption: text(d.caption), width: count(d.width), height: count(d.height), size: count(d.size), boxes: layers(d.boxes), masks: layers(d.masks), ...more };
}

/** What one logged value shows. `key` and `step` name files of old servers, whose values list none. */
export function itemsOf(value: unknown, key: string, step: number): Item[] {
  if (Array.isArray(value)) return value.flatMap((v) => itemsOf(v, key, step));
  const d = doc(value), type = text(d._type);
  if (type === 'histogram') {
    const bins = list(d.bins).map(Number), counts = list(d.values).map(Number);
    return [one('histogram', d, { bins, counts })];
  }
  if (type in ONE) return [one(ONE[type]!, d)];
  const many = MANY[type];
  if (!many) return type ? [one('other', d)] : [];
  const names = list(d.filenames).map(text), parts = many.items ? list(d[many.items]) : [], captions = list(d.captions).map(text);
  const n = Math.max(names.length, parts.length, count(d.count));
  return Array.from({ length: Math.min(n, 1000) }, (_, i) => {
    const part = doc(parts[i]);
    const name = text(part.path) || (names[i] ? (names[i]!.includes('/') ? names[i]! : many.folder + names[i]) : `${many.folder}${key}_${step}_${i}.${text(d.format) || 'png'}`);
    return one(many.kind, part, { type, path: name, caption: text(part.caption) || (captions[i] ?? ''), width: count(part.width) || count(d.width), height: count(part.height) || count(d.height), boxes: layers(list(d.all_boxes)[i]), masks: layers(list(d.all_masks)[i]) });
  });
}

/** The form of a file by its name: "pts.json", "glb". */
export const formatOf = (path: string): string => /\.(pts\.json|plotly\.json|[a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';

/** Boxes of a stored file. */
export function boxesOf(file: unknown): { boxes: Box[]; labels: Record<string, string> } {
  const d = doc(file), labels: Record<string, string> = {};
  for (const [k, v] of Object.entries(doc(d.class_labels))) labels[k] = String(v);
  const boxes = list(d.box_data).flatMap((raw): Box[] => {
    const b = doc(raw), p = doc(b.position), middle = list(p.middle).map(Number);
    const place = middle.length === 2 ? { minX: middle[0]! - Number(p.width) / 2, maxX: middle[0]! + Number(p.width) / 2, minY: middle[1]! - Number(p.height) / 2, maxY: middle[1]! + Number(p.height) / 2 } : { minX: Number(p.minX), maxX: Number(p.maxX), minY: Number(p.minY), maxY: Number(p.maxY) };
    if (!Object.values(place).every(Number.isFinite)) return [];
    const scores = Object.fromEntries(Object.entries(doc(b.scores)).flatMap(([k, v]) => (typeof v === 'number' ? [[k, v]] : [])));
    return [{ position: place, fraction: b.domain !== 'pixel', classId: Number(b.class_id ?? 0), caption: text(b.box_caption), scores }];
  });
  return { boxes, labels };
}

/** The step at which a run has a value nearest below `step`, or its first one. */
export function valueAt<T extends { step: number }>(values: T[], step: number): T | undefined {
  let best: T | undefined;
  for (const v of values) {
    if (v.step > step) break;
    best = v;
  }
  return best ?? values[0];
}

/** All steps of several runs, ascending, each once. */
export const stepsOf = (runs: { values: { step: number }[] }[]): number[] => [...new Set(runs.flatMap((r) => r.values.map((v) => v.step)))].sort((a, b) => a - b);

export const MEGAPIXELS = 40; // beyond which an image is shown only when asked for
export const tooLarge = (i: Pick<Item, 'width' | 'height'>): boolean => i.width * i.height > MEGAPIXELS * 1e6;
