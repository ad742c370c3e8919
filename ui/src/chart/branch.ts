// Forks and rewinds in a picture: what a run inherited is drawn once, and where a run began again is marked.
import type { RunBranch } from '../data/run';
import type { Floats, RunSeries } from '../data/panel';

/** The last step that a fork inherited from `from` and still has; null when it is no fork, or kept nothing. */
export function inherited(branches: RunBranch[] | undefined): { from: string | null; step: number } | null {
  const at = branches?.findIndex((b) => !b.rewind) ?? -1;
  if (!branches || at < 0) return null;
  return { from: branches[at]!.from ?? null, step: Math.min(...branches.slice(at).map((b) => b.step)) };
}

/** The steps at which a run began again and that it still has, with words for each. */
export function beginnings(branches: RunBranch[] | undefined): { step: number; fork: boolean; words: string }[] {
  return (branches ?? []).flatMap((b, i) => {
    const gone = branches!.slice(i + 1).some((later) => later.step < b.step); // a later rewind took it away
    return gone || b.step < 0 ? [] : [{ step: b.step, fork: !b.rewind, words: b.rewind ? `rewound to step ${b.step}` : `forked from ${forkedFrom(b)} at step ${b.step}` }];
  });
}

export const forkedFrom = (b: RunBranch): string => b.display || b.from || 'a run of another project';

/** A line without its places before the one at or before `step`: it begins where it leaves its parent's. */
export function after<T extends { series: RunSeries; line: Floats }>(d: T, step: number): T {
  const r = d.series;
  let k = 0;
  while (k + 1 < r.x.length && r.x[k + 1]! <= step) k++;
  if (k === 0) return d;
  const cut = <A extends Floats | Int32Array>(a: A): A => a.subarray(k) as A;
  const series = { ...r, x: cut(r.x) as Float64Array, last: cut(r.last), min: cut(r.min), max: cut(r.max), count: cut(r.count), bucket: r.bucket && cut(r.bucket), odd: r.odd.filter((o) => o.x >= r.x[k]!) };
  return { ...d, series, line: cut(d.line) };
}

/** A fork's line without what it inherited when the run that it was made of is among those `shown` in the same picture. */
export function once<T extends { run: { branches?: RunBranch[] }; series: RunSeries; line: Floats }>(shown: Set<string>, d: T): T {
  const fork = inherited(d.run.branches);
  return fork?.from && shown.has(fork.from) ? after(d, fork.step) : d;
}

/** Words for where a line's run began again, near a step. */
export const began = (d: { run: { branches?: RunBranch[] }; label: string }, step: number, near: number): string[] =>
  beginnings(d.run.branches).filter((b) => Math.abs(b.step - step) <= near).slice(-1).map((b) => `${d.label}: ${b.words}.`);
