// Linear and logarithmic scales of the small charts.

export type Scale = { min: number; max: number; log: boolean; at: (v: number) => number; ticks: number[] };

/** Round numbers over a range, about `n` of them. */
export function round(min: number, max: number, n: number): number[] {
  if (!(max > min)) return [min];
  const raw = (max - min) / Math.max(1, n), power = 10 ** Math.floor(Math.log10(raw)), part = raw / power;
  const step = (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10) * power;
  const out: number[] = [];
  for (let v = Math.ceil(min / step - 1e-9) * step; v <= max + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : Number(v.toPrecision(12)));
  return out;
}

/** A scale from data to 0…1. A logarithmic one without anything above zero is linear. */
export function scale(values: number[], o: { log?: boolean; zero?: boolean; n?: number; min?: number | null; max?: number | null } = {}): Scale {
  const finite = values.filter(Number.isFinite);
  const above = finite.filter((v) => v > 0);
  const log = o.log === true && above.length > 0;
  let min = o.min ?? Math.min(...(log ? above : finite)), max = o.max ?? Math.max(...(log ? above : finite));
  if (!Number.isFinite(min) || !Number.isFinite(max)) [min, max] = [0, 1];
  if (log && min <= 0) min = above.length ? Math.min(...above) : 1e-3;
  if (log) {
    if (max <= min) [min, max] = [min / 3, min * 3];
    const a = Math.log10(min), b = Math.log10(max), ticks: number[] = [];
    for (let e = Math.floor(a); e <= Math.ceil(b); e++) for (const m of b - a < 1.3 ? [1, 2, 5] : [1]) {
      const v = m * 10 ** e;
      if (v >= min * 0.999 && v <= max * 1.001) ticks.push(Number(v.toPrecision(6)));
    }
    return { min, max, log, at: (v) => (Math.log10(v) - a) / (b - a), ticks };
  }
  if (o.zero) {
    min = Math.min(0, min);
    max = Math.max(0, max);
  }
  if (max <= min) [min, max] = [min - (Math.abs(min) || 1) * 0.5, max + (Math.abs(max) || 1) * 0.5];
  return { min, max, log, at: (v) => (v - min) / (max - min), ticks: round(min, max, o.n ?? 5) };
}

export const quantile = (sorted: number[], q: number): number => {
  const at = (sorted.length - 1) * q, lo = Math.floor(at), hi = Math.ceil(at);
  return sorted[lo]! + (sorted[hi]! - sorted[lo]!) * (at - lo);
};
export const mean = (v: number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
