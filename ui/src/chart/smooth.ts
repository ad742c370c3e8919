// Smoothing of a line through buckets. On the main thread: a thousand places of twenty runs take about a millisecond,
// less than handing them to a worker.
import type { Floats } from '../data/panel';

export type Smoothing = 'twema' | 'ema' | 'gaussian' | 'mean' | 'none';
export const SMOOTHINGS: { value: Smoothing; label: string }[] = [
  { value: 'twema', label: 'Time-weighted EMA' },
  { value: 'ema', label: 'EMA' },
  { value: 'gaussian', label: 'Gaussian' },
  { value: 'mean', label: 'Running mean' },
  { value: 'none', label: 'None' },
];
const VIEWPORT_SCALE = 1000;

/** Smooths y over x. `p` is 0 to 0.99; `range` is the span of x in view (TWEMA counts in thousandths of it). */
export function smooth(kind: Smoothing, x: Float64Array, y: Floats, p: number, range: number): Floats {
  if (p <= 0 || kind === 'none' || y.length === 0) return y;
  switch (kind) {
    case 'twema':
      return twema(x, y, p, range);
    case 'ema':
      return ema(y, p);
    case 'gaussian':
      return kernel(y, Math.round(p * 60), (d, r) => Math.exp(-(d * d) / (2 * (r / 3 || 1) ** 2)));
    case 'mean':
      return kernel(y, Math.round(p * 30), () => 1);
  }
}

/** w = min(√p, .999); each step fades by w^(Δx / range · 1000), with the bias of the start taken out. */
function twema(x: Float64Array, y: Floats, p: number, range: number): Float64Array {
  const w = Math.min(Math.sqrt(p), 0.999), out = new Float64Array(y.length);
  let acc = 0, bias = 0;
  for (let i = 0; i < y.length; i++) {
    const d = i === 0 || range <= 0 ? 0 : ((x[i]! - x[i - 1]!) / range) * VIEWPORT_SCALE;
    const a = w ** d;
    acc = acc * a + y[i]!;
    bias = bias * a + 1;
    out[i] = acc / bias;
  }
  return out;
}

function ema(y: Floats, w: number): Float64Array {
  const out = new Float64Array(y.length);
  let last = 0;
  for (let i = 0; i < y.length; i++) {
    last = last * w + (1 - w) * y[i]!;
    out[i] = last / (1 - w ** (i + 1));
  }
  return out;
}

/** Weighted mean over `r` places on both sides, cut at the ends. */
function kernel(y: Floats, r: number, weight: (d: number, r: number) => number): Float64Array {
  const out = new Float64Array(y.length);
  const w = Array.from({ length: r + 1 }, (_, d) => weight(d, r));
  for (let i = 0; i < y.length; i++) {
    let sum = 0, n = 0;
    for (let d = -r; d <= r; d++) {
      const v = y[i + d];
      if (v === undefined) continue;
      sum += v * w[Math.abs(d)]!;
      n += w[Math.abs(d)]!;
    }
    out[i] = sum / n;
  }
  return out;
}
