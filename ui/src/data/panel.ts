// A panel's series: decoding of the packed answer (docs/format/panel-v1.md) and merging of what came since.

export type Floats = Float32Array | Float64Array;

/** One run's part, only places that hold a finite value, x ascending. In points mode min, max are the values. */
export type RunSeries = {
  run: string;
  mode: 'grid' | 'buckets' | 'points';
  x: Float64Array; // of the last point of the bucket
  last: Floats;
  min: Floats;
  max: Floats;
  count: Floats;
  bucket: Int32Array | null; // grid: which bucket of the grid
  odd: { x: number; kind: 'nan' | '+inf' | '-inf' | 'odd' }[]; // values that are no finite number
  total: number;
  special: number; // values that are no finite number, placed in `odd` or not
  missing: boolean;
  damaged?: string; // what of the run cannot be read, in words to be shown; it has no points then (docs/design/136)
};
export type Grid = { start: number; width: number; n: number };
export type Panel = { grid: Grid; x: string; min: number; max: number; runs: RunSeries[]; bytes: number };

type Meta = { grid: Grid; x: string; min: number; max: number; runs: { run: string; mode: RunSeries['mode']; n: number; total: number; nan: number; inf: number; missing: boolean; damaged?: string }[] };

const pad8 = (n: number) => (n + 7) & ~7;

/** Where bucket i's x is: its last step, clipped to the data. */
export const gridX = (g: Grid, max: number, i: number): number => Math.min(g.start + (i + 1) * g.width - 1, max);

/** Decodes the answer of /api/panel. Throws on anything that is not one. */
export function decodePanel(buf: ArrayBuffer): Panel {
  const head = new Uint8Array(buf, 0, 4);
  if (String.fromCharCode(...head) !== 'BPN1') throw new Error('The server sent a panel in a form that this page does not know. Reload the page.');
  const size = new DataView(buf).getUint32(4, true);
  const meta = JSON.parse(new TextDecoder().decode(new Uint8Array(buf, 8, size))) as Meta;
  let at = pad8(8 + size);
  const f32 = (n: number) => {
    const a = new Float32Array(buf, at, n);
    at += pad8(n * 4);
    return a;
  };
  const f64 = (n: number) => {
    const a = new Float64Array(buf, at, n);
    at += n * 8;
    return a;
  };
  const bits = (n: number) => {
    const a = new Uint8Array(buf, at, (n + 7) >> 3);
    at += pad8((n + 7) >> 3);
    return a;
  };
  const runs = meta.runs.map((r): RunSeries => {
    const base = { run: r.run, mode: r.mode, total: r.total, special: r.nan + r.inf, missing: r.missing, ...(r.damaged ? { damaged: r.damaged } : {}) };
    if (r.n === 0) return { ...base, ...emptyColumns(r.mode) };
    if (r.mode === 'points') return { ...base, ...fromPoints(f64(r.n), f64(r.n)) };
    const kind = r.inf === 0 ? 'nan' : 'odd';
    if (r.mode === 'buckets') return { ...base, ...fromBuckets(f64(r.n), f32(r.n), f32(r.n), f32(r.n), f32(r.n)) };
    const valid = bits(r.n);
    const odd = bits(r.n);
    return { ...base, ...fromGrid(meta.grid, meta.max, r.n, valid, odd, kind, f32(r.n), f32(r.n), f32(r.n), f32(r.n)) };
  });
  return { grid: meta.grid, x: meta.x, min: meta.min, max: meta.max, runs, bytes: buf.byteLength };
}

type Columns = Pick<RunSeries, 'x' | 'last' | 'min' | 'max' | 'count' | 'bucket' | 'odd'>;

function emptyColumns(mode: RunSeries['mode']): Columns {
  const none = new Float32Array(0);
  return { x: new Float64Array(0), last: none, min: none, max: none, count: none, bucket: mode === 'grid' ? new Int32Array(0) : null, odd: [] };
}

function fromPoints(x: Float64Array, y: Float64Array): Columns {
  const odd: RunSeries['odd'] = [];
  let n = 0;
  for (const v of y) if (Number.isFinite(v)) n++;
  if (n < y.length) {
    const fx = new Float64Array(n), fy = new Float64Array(n);
    let j = 0;
    for (let i = 0; i < y.length; i++) {
      const v = y[i]!;
      if (Number.isFinite(v)) { fx[j] = x[i]!; fy[j++] = v; }
      else odd.push({ x: x[i]!, kind: Number.isNaN(v) ? 'nan' : v > 0 ? '+inf' : '-inf' });
    }
    x = fx;
    y = fy;
  }
  return { x, last: y, min: y, max: y, count: new Float32Array(n).fill(1), bucket: null, odd };
}

function fromBuckets(x: Float64Array, last: Float32Array, min: Float32Array, max: Float32Array, count: Float32Array): Columns {
  const keep: number[] = [];
  const odd: RunSeries['odd'] = [];
  for (let i = 0; i < x.length; i++) {
    if (count[i]! > 0 && Number.isFinite(last[i]!)) keep.push(i);
    else odd.push({ x: x[i]!, kind: 'odd' });
  }
  const pick = <T extends Floats>(a: T, b: T) => (keep.forEach((i, j) => (b[j] = a[i]!)), b);
  const n = keep.length;
  return { x: pick(x, new Float64Array(n)), last: pick(last, new Float32Array(n)), min: pick(min, new Float32Array(n)), max: pick(max, new Float32Array(n)), count: pick(count, new Float32Array(n)), bucket: null, odd };
}

function fromGrid(g: Grid, hi: number, n: number, valid: Uint8Array, oddBits: Uint8Array, kind: 'nan' | 'odd', last: Float32Array, min: Float32Array, max: Float32Array, count: Float32Array): Columns {
  const bucket: number[] = [];
  const odd: RunSeries['odd'] = [];
  for (let i = 0; i < n; i++) {
    const bit = 1 << (i & 7);
    if (valid[i >> 3]! & bit && count[i]! > 0) bucket.push(i);
    if (oddBits[i >> 3]! & bit) odd.push({ x: gridX(g, hi, i), kind });
  }
  const pick = (a: Float32Array) => Float32Array.from(bucket, (i) => a[i]!);
  return { x: Float64Array.from(bucket, (i) => gridX(g, hi, i)), last: pick(last), min: pick(min), max: pick(max), count: pick(count), bucket: Int32Array.from(bucket), odd };
}

/** From where a run's tail must be fetched: the start of its last bucket, or past its last point. Null: from the start. */
export function tailFrom(p: Panel, r: RunSeries): number | null {
  const n = r.x.length;
  if (n === 0) return null;
  if (r.mode === 'points') return r.x[n - 1]!;
  if (r.mode === 'grid' && r.bucket) return p.grid.start + r.bucket[n - 1]! * p.grid.width;
  return null;
}

/**
 * Merges a tail (a panel of some of the runs, from `from` on) into a panel. Returns null when the two do not fit
 * and the whole has to be asked for: another mode, a coarser grid, more places than `most`, a run that is damaged now.
 */
export function mergeTail(p: Panel, tail: Panel, from: number, most: number): Panel | null {
  const by = new Map(tail.runs.map((r) => [r.run, r]));
  const hi = Math.max(p.max, tail.max);
  const runs: RunSeries[] = [];
  for (const r of p.runs) {
    const t = by.get(r.run);
    if (t?.damaged) return null;
    if (!t || (t.x.length === 0 && t.odd.length === 0)) {
      runs.push(r);
      continue;
    }
    const m = r.mode === 'points' ? mergePoints(r, t, from) : r.mode === 'grid' ? mergeGrid(p.grid, hi, r, t, tail.grid, from) : null;
    if (!m || m.x.length > most) return null;
    runs.push(m);
  }
  let n = p.grid.n;
  for (const r of runs) if (r.bucket?.length) n = Math.max(n, r.bucket[r.bucket.length - 1]! + 1);
  return { ...p, grid: { ...p.grid, n }, max: hi, min: p.max < p.min ? tail.min : Math.min(p.min, tail.min), runs };
}

const oddMerge = (r: RunSeries, t: RunSeries, from: number) => [...r.odd.filter((o) => o.x < from), ...t.odd];

function mergePoints(r: RunSeries, t: RunSeries, from: number): RunSeries | null {
  if (t.mode !== 'points') return null;
  let keep = r.x.length;
  while (keep > 0 && r.x[keep - 1]! >= from) keep--;
  const n = keep + t.x.length;
  const x = new Float64Array(n), y = new Float64Array(n);
  x.set(r.x.subarray(0, keep));
  x.set(t.x, keep);
  y.set(r.last.subarray(0, keep));
  y.set(t.last, keep);
  const odd = oddMerge(r, t, from);
  return { ...r, x, last: y, min: y, max: y, count: new Float32Array(n).fill(1), odd, total: n + odd.length, special: odd.length, missing: false };
}

function mergeGrid(g: Grid, hi: number, r: RunSeries, t: RunSeries, tg: Grid, from: number): RunSeries | null {
  if (t.mode === 'buckets' || (t.mode === 'grid' && (tg.width > g.width || g.width % tg.width !== 0 || (tg.start - g.start) % tg.width !== 0))) return null;
  const first = Math.floor((from - g.start) / g.width);
  let keep = r.bucket!.length;
  while (keep > 0 && r.bucket![keep - 1]! >= first) keep--;
  const b = [...r.bucket!.subarray(0, keep)], last = [...r.last.subarray(0, keep)], min = [...r.min.subarray(0, keep)], max = [...r.max.subarray(0, keep)], count = [...r.count.subarray(0, keep)];
  for (let i = 0; i < t.x.length; i++) {
    const at = t.mode === 'grid' ? tg.start + t.bucket![i]! * tg.width : t.x[i]!;
    const k = Math.floor((at - g.start) / g.width);
    if (k < first) continue;
    const j = b.length - 1;
    if (j >= 0 && b[j] === k) {
      last[j] = t.last[i]!;
      min[j] = Math.min(min[j]!, t.min[i]!);
      max[j] = Math.max(max[j]!, t.max[i]!);
      count[j]! += t.count[i]!;
    } else {
      b.push(k);
      last.push(t.last[i]!);
      min.push(t.min[i]!);
      max.push(t.max[i]!);
      count.push(t.count[i]!);
    }
  }
  const odd = oddMerge(r, t, g.start + first * g.width).map((o) => (o.x < from ? o : { ...o, x: gridX(g, hi, Math.floor((o.x - g.start) / g.width)) }));
  const total = count.reduce((a, c) => a + c, 0) + odd.length;
  return { ...r, bucket: Int32Array.from(b), x: Float64Array.from(b, (i) => gridX(g, hi, i)), last: Float32Array.from(last), min: Float32Array.from(min), max: Float32Array.from(max), count: Float32Array.from(count), odd, total, special: odd.length, missing: false };
}
