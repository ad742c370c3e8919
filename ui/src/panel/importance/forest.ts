// How much a metric depends on each parameter: a small random forest, and how much worse it gets on runs it has not
// seen when one parameter is shuffled (permutation importance; Breiman 2001). Next to it the plain correlation.
// Deterministic: the same runs give the same numbers.

export type Param = { name: string; values: unknown[] };
export type Importance = { name: string; importance: number; low: number; high: number; correlation: number; kind: 'number' | 'word'; distinct: number };
export type Result = { list: Importance[]; used: number; skipped: string[]; fit: number };

const TREES = 64, DEPTH = 8, LEAF = 2, SHUFFLES = 5;

/** A small generator (mulberry32). */
export function generator(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Numbers stay, words become their places by name; null is a place of its own, below all. Null when nothing varies. */
export function encode(values: unknown[]): { x: Float64Array; kind: 'number' | 'word'; distinct: number } | null {
  const filled = values.filter((v) => v !== null && v !== undefined && v !== 'NaN');
  const number = filled.length > 0 && filled.every((v) => typeof v === 'number' || typeof v === 'boolean');
  const distinct = new Set(values.map((v) => (v === undefined ? null : typeof v === 'object' ? JSON.stringify(v) : v))).size;
  if (distinct < 2) return null;
  if (number) {
    const least = Math.min(...filled.map(Number));
    return { x: Float64Array.from(values, (v) => (v === null || v === undefined || v === 'NaN' ? least - 1 : Number(v))), kind: 'number', distinct };
  }
  const text = values.map((v) => (v === null || v === undefined ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v)));
  const order = [...new Set(text)].sort();
  return { x: Float64Array.from(text, (t) => order.indexOf(t)), kind: 'word', distinct };
}

type Node = { feature: number; at: number; low: Node; high: Node } | { value: number };

function grow(X: Float64Array[], y: Float64Array, rows: number[], depth: number, rnd: () => number): Node {
  const n = rows.length, mean = rows.reduce((a, r) => a + y[r]!, 0) / n;
  if (depth >= DEPTH || n < 2 * LEAF) return { value: mean };
  const tries = Math.max(1, Math.ceil(X.length / 3)), chosen = new Set<number>();
  while (chosen.size < Math.min(X.length, Math.max(tries, 2))) chosen.add(Math.floor(rnd() * X.length));
  let best: { feature: number; at: number; gain: number } | null = null;
  const total = rows.reduce((a, r) => a + (y[r]! - mean) ** 2, 0);
  if (total < 1e-30) return { value: mean };
  for (const f of chosen) {
    const sorted = [...rows].sort((a, b) => X[f]![a]! - X[f]![b]!);
    let left = 0, sum = 0, squares = 0;
    const all = rows.reduce((a, r) => a + y[r]!, 0), allSquares = rows.reduce((a, r) => a + y[r]! ** 2, 0);
    for (let i = 0; i < n - 1; i++) {
      const v = y[sorted[i]!]!;
      left++;
      sum += v;
      squares += v * v;
      const here = X[f]![sorted[i]!]!, next = X[f]![sorted[i + 1]!]!;
      if (here === next || left < LEAF || n - left < LEAF) continue;
      const gain = total - (squares - sum ** 2 / left) - (allSquares - squares - (all - sum) ** 2 / (n - left));
      if (!best || gain > best.gain) best = { feature: f, at: (here + next) / 2, gain };
    }
  }
  if (!best || best.gain <= 1e-12 * total) return { value: mean };
  const { feature, at } = best;
  return { feature, at, low: grow(X, y, rows.filter((r) => X[feature]![r]! <= at), depth + 1, rnd), high: grow(X, y, rows.filter((r) => X[feature]![r]! > at), depth + 1, rnd) };
}

function predict(node: Node, X: Float64Array[], row: number, swap: number, other: number): number {
  let n = node;
  while (!('value' in n)) n = X[n.feature]![n.feature === swap ? other : row]! <= n.at ? n.low : n.high;
  return n.value;
}

/** Importance of each parameter for a target, the most important first. Runs without a finite target are left out. */
export function importance(params: Param[], target: number[]): Result {
  const rows = target.map((_, i) => i).filter((i) => Number.isFinite(target[i]!));
  const skipped: string[] = [], used: { name: string; x: Float64Array; kind: 'number' | 'word'; distinct: number }[] = [];
  for (const p of params) {
    const e = encode(rows.map((r) => p.values[r]));
    if (e) used.push({ name: p.name, ...e });
    else skipped.push(p.name);
  }
  const y = Float64Array.from(rows, (r) => target[r]!), n = y.length;
  if (n < 4 || used.length === 0) return { list: [], used: n, skipped, fit: NaN };
  const X = used.map((u) => u.x), rnd = generator(n * 7919 + used.length);
  const mean = y.reduce((a, b) => a + b, 0) / n, spread = y.reduce((a, b) => a + (b - mean) ** 2, 0) / n || 1;
  const worse = used.map(() => [] as number[]);
  const guess = new Float64Array(n), times = new Float64Array(n);
  for (let t = 0; t < TREES; t++) {
    const bag = Array.from({ length: n }, () => Math.floor(rnd() * n)), inside = new Set(bag);
    const out = rows.map((_, i) => i).filter((i) => !inside.has(i));
    if (out.length < 2) continue;
    const tree = grow(X, y, bag, 0, rnd);
    let error = 0;
    for (const i of out) {
      const p = predict(tree, X, i, -1, -1);
      guess[i]! += p;
      times[i]!++;
      error += (y[i]! - p) ** 2;
    }
    used.forEach((_, f) => {
      let sum = 0;
      for (let s = 0; s < SHUFFLES; s++) {
        const order = shuffle(out, rnd);
        out.forEach((i, k) => (sum += (y[i]! - predict(tree, X, i, f, order[k]!)) ** 2));
      }
      worse[f]!.push((sum / SHUFFLES - error) / out.length / spread);
    });
  }
  let rest = 0, seen = 0;
  for (let i = 0; i < n; i++) if (times[i]!) {
    rest += (y[i]! - guess[i]! / times[i]!) ** 2;
    seen++;
  }
  const sums = worse.map((w) => Math.max(0, w.reduce((a, b) => a + b, 0) / (w.length || 1))), all = sums.reduce((a, b) => a + b, 0) || 1;
  const list = used.map((u, f): Importance => {
    const half = (1.96 * deviation(worse[f]!)) / Math.sqrt(worse[f]!.length || 1) / all, at = sums[f]! / all;
    return { name: u.name, importance: at, low: Math.max(0, at - half), high: Math.min(1, at + half), correlation: correlate(u.x, y, u.kind, u.distinct), kind: u.kind, distinct: u.distinct };
  });
  return { list: list.sort((a, b) => b.importance - a.importance), used: n, skipped, fit: seen ? 1 - rest / seen / spread : NaN };
}

function shuffle(list: number[], rnd: () => number): number[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(rnd() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
const deviation = (v: number[]): number => {
  const m = v.reduce((a, b) => a + b, 0) / (v.length || 1);
  return Math.sqrt(v.reduce((a, b) => a + (b - m) ** 2, 0) / Math.max(1, v.length - 1));
};
/** Pearson; NaN for more than two words, whose order means nothing. */
function correlate(x: Float64Array, y: Float64Array, kind: 'number' | 'word', distinct: number): number {
  if (kind === 'word' && distinct > 2) return NaN;
  const n = x.length, mx = x.reduce((a, b) => a + b, 0) / n, my = y.reduce((a, b) => a + b, 0) / n;
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < n; i++) {
    xy += (x[i]! - mx) * (y[i]! - my);
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}
