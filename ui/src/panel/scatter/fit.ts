// Lines over a scatter of runs.
export type Dot = { x: number; y: number };

/** Least squares through the dots; on logarithmic axes through their logarithms. Null without two places. */
export function regression(dots: Dot[], logX = false, logY = false): ((x: number) => number) | null {
  const p = dots.map((d) => ({ x: logX ? Math.log10(d.x) : d.x, y: logY ? Math.log10(d.y) : d.y })).filter((d) => Number.isFinite(d.x) && Number.isFinite(d.y));
  const n = p.length, mx = p.reduce((a, d) => a + d.x, 0) / n, my = p.reduce((a, d) => a + d.y, 0) / n;
  const sxx = p.reduce((a, d) => a + (d.x - mx) ** 2, 0);
  if (n < 2 || sxx === 0) return null;
  const k = p.reduce((a, d) => a + (d.x - mx) * (d.y - my), 0) / sxx;
  return (x) => {
    const y = my + k * ((logX ? Math.log10(x) : x) - mx);
    return logY ? 10 ** y : y;
  };
}

/** Correlation by Pearson; NaN when one of both never changes. */
export function pearson(dots: Dot[]): number {
  const n = dots.length, mx = dots.reduce((a, d) => a + d.x, 0) / n, my = dots.reduce((a, d) => a + d.y, 0) / n;
  let xy = 0, xx = 0, yy = 0;
  for (const d of dots) {
    xy += (d.x - mx) * (d.y - my);
    xx += (d.x - mx) ** 2;
    yy += (d.y - my) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}

/** The running best from left to right: what no dot before it beats. */
export function frontier<D extends Dot>(dots: D[], goal: 'min' | 'max'): D[] {
  const out: D[] = [];
  for (const d of [...dots].sort((a, b) => a.x - b.x)) {
    const best = out[out.length - 1];
    if (!best || (goal === 'min' ? d.y < best.y : d.y > best.y)) out.push(d);
  }
  return out;
}
