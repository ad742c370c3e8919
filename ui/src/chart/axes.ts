// Ranges and ticks of a panel's axes.
import { short, ticks } from '../data/format';
import type { Floats, RunSeries } from '../data/panel';

export type Range = [number, number];
export type XKey = '_step' | '_runtime' | '_timestamp' | (string & {});

export const X_NAMES: Record<string, string> = { _step: 'Step', _runtime: 'Relative time (process)', _absolute_runtime: 'Relative time (wall)', _timestamp: 'Wall time' };
/** An axis by its name; an expression ("=" and its text) without the marks of its names. */
export const xName = (x: XKey): string => X_NAMES[x] ?? (x.startsWith('=') ? x.slice(1).replace(/\$\{([^}]*)\}/g, '$1') : x);

/** Axes that count seconds: of the process, and since the run was made. */
export const isSpan = (x: XKey): boolean => x === '_runtime' || x === '_absolute_runtime';

/** A place on x in words of its axis. */
export function xText(x: XKey, v: number): string {
  if (x === '_timestamp') return new Date(v * 1000).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (isSpan(x)) return spanText(v);
  return Number.isInteger(v) ? v.toLocaleString('en-US') : String(Number(v.toPrecision(6)));
}
const spanText = (s: number) => {
  const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60), r = s % 60;
  return h ? `${h}h ${m}m` : m ? `${m}m ${Math.round(r)}s` : `${Number(r.toPrecision(3))}s`;
};

/** Labels of the x axis. */
export function xLabels(x: XKey, vs: number[]): string[] {
  if (x === '_timestamp') {
    const wide = vs.length > 1 && vs[vs.length - 1]! - vs[0]! > 86400 * 1.5;
    return vs.map((v) => new Date(v * 1000).toLocaleString('en-GB', wide ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }));
  }
  if (isSpan(x)) {
    const top = vs[vs.length - 1] ?? 0;
    const [unit, n] = top >= 7200 ? ['h', 3600] : top >= 240 ? ['m', 60] : ['s', 1];
    return vs.map((v) => short(v / Number(n)) + (v === 0 ? '' : unit));
  }
  return ticks(vs);
}

/** Distances between ticks for spans of seconds. */
export const TIME_STEPS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];

/** On a logarithmic axis keep decades, and 2 and 5 where the axis spans little more than one. */
export function logTicks(min: number, max: number, vs: number[]): (number | null)[] {
  const two = Math.log10((max || 1) / (min || 1)) < 1.3;
  return vs.map((v) => {
    const m = v / 10 ** Math.floor(Math.log10(v) + 1e-9);
    return Math.abs(m - 1) < 1e-6 || (two && (Math.abs(m - 2) < 1e-6 || Math.abs(m - 5) < 1e-6)) ? v : null;
  });
}

/** The y range that shows lines and, unless outliers are cut, their bands. `hidden` counts values a log axis cannot show. */
export function yRange(runs: RunSeries[], lines: Floats[], view: Range, o: { log: boolean; band: boolean; clip: boolean }): { range: Range; hidden: number; cut: boolean } {
  let lo = Infinity, hi = -Infinity, least = Infinity, hidden = 0;
  const all: number[] = [];
  runs.forEach((r, k) => {
    const line = lines[k]!;
    for (let i = 0; i < r.x.length; i++) {
      const x = r.x[i]!;
      if (x < view[0] || x > view[1]) continue;
      const v = line[i]!;
      const a = o.clip || !o.band ? v : Math.min(v, r.min[i]!), b = o.clip || !o.band ? v : Math.max(v, r.max[i]!);
      if (o.log) {
        if (v <= 0) hidden++;
        if (v > 0 && v < least) least = v;
        if (a > 0 && a < least && o.band && !o.clip) least = a;
      }
      if (o.clip) all.push(v);
      if (a < lo) lo = a;
      if (b > hi) hi = b;
    }
  });
  if (!Number.isFinite(lo)) return { range: o.log ? [0.1, 1] : [0, 1], hidden, cut: false };
  let cut = false;
  if (o.clip && all.length > 20) {
    all.sort((a, b) => a - b);
    const l = all[Math.floor(all.length * 0.01)]!, h = all[Math.floor(all.length * 0.97)]!;
    cut = l > lo || h < hi;
    lo = l;
    hi = h;
  }
  if (o.log) {
    if (!Number.isFinite(least)) return { range: [0.1, 1], hidden, cut };
    const top = Math.max(hi, least);
    return { range: [Math.max(least, top / 1e8) * 0.85, top * 1.15], hidden, cut };
  }
  const pad = (hi - lo || Math.abs(hi) || 1) * 0.05;
  return { range: [lo >= 0 && lo - pad < 0 ? 0 : lo - pad, hi + pad], hidden, cut };
}

/** x to show for data up to `hi`: while runs are live it grows in steps of 5 %, so that nothing jitters. */
export function growX(shown: Range | null, data: Range, live: boolean): Range {
  const [lo, hi] = data;
  const min = lo > 0 && lo < (hi - lo) * 0.05 ? 0 : lo;
  if (!live || hi <= min) return [min, Math.max(hi, min + 1e-9)];
  if (shown && shown[0] === min && hi <= shown[1] && hi >= shown[1] * 0.8) return shown;
  return [min, hi + (hi - min) * 0.05];
}

/** A range whose ends may have been given by hand in the wrong order, or as one place. */
export const ordered = ([a, b]: Range): Range => (a < b ? [a, b] : a > b ? [b, a] : [a, a + 1e-9]);
