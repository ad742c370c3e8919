// uPlot wants one x for all lines. Missing places are undefined (the line goes on), places without a finite value
// are null (it breaks).
import type { Floats, RunSeries } from '../data/panel';

export type Column = (number | null | undefined)[];

/** The union of the runs' x, and each line on it. `lines` are the smoothed values, one to one with each run's x. */
export function align(runs: RunSeries[], lines: Floats[]): [number[], ...Column[]] {
  const xs = union(runs);
  const at = new Map<number, number>();
  xs.forEach((x, i) => at.set(x, i));
  return [
    xs,
    ...runs.map((r, k) => {
      const col: Column = new Array<undefined>(xs.length).fill(undefined);
      for (let i = 0; i < r.x.length; i++) col[at.get(r.x[i]!)!] = lines[k]![i]!;
      for (const o of r.odd) {
        const i = at.get(o.x)!;
        if (col[i] === undefined) col[i] = null;
        else breakAfter(col, i);
      }
      return col;
    }),
  ];
}

/** A bucket that has both: its line ends there, and the next place begins anew when it is empty. */
function breakAfter(col: Column, i: number): void {
  if (i + 1 < col.length && col[i + 1] === undefined) col[i + 1] = null;
}

function union(runs: RunSeries[]): number[] {
  const first = runs[0]?.x;
  if (first && runs.every((r) => r.x === first && r.odd.length === 0)) return [...first];
  const set = new Set<number>();
  for (const r of runs) {
    for (const x of r.x) set.add(x);
    for (const o of r.odd) set.add(o.x);
  }
  return [...set].sort((a, b) => a - b);
}

/** The place in ascending xs nearest to v; -1 when there is none. */
export function nearest(xs: Float64Array, v: number): number {
  let lo = 0, hi = xs.length - 1;
  if (hi < 0) return -1;
  while (lo < hi) {
    const m = (lo + hi) >> 1;
    if (xs[m]! < v) lo = m + 1;
    else hi = m;
  }
  return lo > 0 && v - xs[lo - 1]! <= xs[lo]! - v ? lo - 1 : lo;
}
