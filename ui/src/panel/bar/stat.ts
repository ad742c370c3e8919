// What bars, boxes and violins say of values.
import { mean, quantile } from '../axis/ticks';

export type Stat = { n: number; mean: number; min: number; max: number; q1: number; median: number; q3: number; low: number; high: number; odd: number[]; dropped: number };

/** Quartiles, whiskers at the farthest values within 1.5 of their distance, and what lies beyond. NaN without a finite value. */
export function statOf(values: number[]): Stat {
  const v = values.filter(Number.isFinite).sort((a, b) => a - b), dropped = values.length - v.length;
  if (v.length === 0) return { n: 0, mean: NaN, min: NaN, max: NaN, q1: NaN, median: NaN, q3: NaN, low: NaN, high: NaN, odd: [], dropped };
  const q1 = quantile(v, 0.25), q3 = quantile(v, 0.75), reach = 1.5 * (q3 - q1);
  const inside = v.filter((x) => x >= q1 - reach && x <= q3 + reach);
  return { n: v.length, mean: mean(v), min: v[0]!, max: v[v.length - 1]!, q1, median: quantile(v, 0.5), q3, low: inside[0] ?? v[0]!, high: inside[inside.length - 1] ?? v[v.length - 1]!, odd: v.filter((x) => x < q1 - reach || x > q3 + reach), dropped };
}

export type Agg = 'mean' | 'median' | 'min' | 'max';
export const aggregate = (s: Stat, how: Agg): number => (how === 'mean' ? s.mean : how === 'median' ? s.median : how === 'min' ? s.min : s.max);

/** A Gaussian density at `points` places from min to max (Silverman's width), its highest place 1. */
export function density(values: number[], points = 40): { at: number; d: number }[] {
  const s = statOf(values), v = values.filter(Number.isFinite);
  if (v.length < 2 || s.max === s.min) return v.length ? [{ at: s.min, d: 1 }] : [];
  const sd = Math.sqrt(v.reduce((a, x) => a + (x - s.mean) ** 2, 0) / v.length);
  const width = 0.9 * Math.min(sd, (s.q3 - s.q1) / 1.34 || sd) * v.length ** -0.2 || (s.max - s.min) / 20;
  const out = Array.from({ length: points }, (_, i) => {
    const at = s.min + ((s.max - s.min) * i) / (points - 1);
    return { at, d: v.reduce((a, x) => a + Math.exp(-(((at - x) / width) ** 2) / 2), 0) };
  });
  const top = Math.max(...out.map((o) => o.d));
  return out.map((o) => ({ at: o.at, d: o.d / top }));
}

export type Bar = { label: string; metric: string; colour: number | null; run: string | null; values: number[] };

/** Bars in order: a run's, or a group's in the order of their first run. */
export function barsOf(rows: { run: string; display: string; colour: number; values: number[]; group: string }[], metrics: string[], grouped: boolean, pooled: boolean): Bar[] {
  if (!grouped && !pooled) return rows.flatMap((r) => metrics.map((m, k): Bar => ({ label: r.display, metric: m, colour: r.colour, run: r.run, values: [r.values[k]!] }))).filter((b) => !Number.isNaN(b.values[0]!));
  const groups = new Map<string, typeof rows>();
  for (const r of rows) {
    const g = grouped ? r.group : 'All runs';
    groups.set(g, [...(groups.get(g) ?? []), r]);
  }
  return [...groups].flatMap(([label, of]) => metrics.map((m, k): Bar => ({ label, metric: m, colour: null, run: null, values: of.map((r) => r.values[k]!).filter((v) => !Number.isNaN(v)) }))).filter((b) => b.values.length > 0);
}
