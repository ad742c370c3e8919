// uPlot's options of a line panel: scales, axes, the cursor that all panels of one axis share.
import type uPlot from 'uplot';
import { ticks } from '../data/format';
import { isSpan, logTicks, TIME_STEPS, xLabels, type Range, type XKey } from './axes';
import { token } from './colour';

type Ask = { project: string; x: XKey; log: boolean; logX: boolean; press: uPlot.Cursor.MouseListenerFactory; xRange: () => Range; yRange: () => Range };

export function plotOptions({ project, x, log, logX, press, xRange, yRange }: Ask): Pick<uPlot.Options, 'cursor' | 'scales' | 'axes'> {
  const axis = { stroke: () => token('--axis'), font: `11px ${token('--font')}`, ticks: { show: false }, border: { show: false } };
  const filter = (of: 'x' | 'y') => (u: uPlot, vs: number[]) => logTicks(u.scales[of]!.min ?? 1, u.scales[of]!.max ?? 1, vs);
  const splits = (_u: uPlot, _axis: number, min: number, max: number) => logSplits(min, max);
  return {
    cursor: { bind: { mousedown: press }, sync: { key: 'x:' + project + x, setSeries: false, scales: ['x', null], filters: { pub: (type: string) => type === 'mousemove' || type === 'mouseleave', sub: () => true } }, drag: { x: true, y: true, uni: 30, setScale: false }, points: { show: false }, x: true, y: false },
    scales: { x: { time: false, distr: logX ? 3 : 1, range: () => (logX ? logRange(xRange()) : xRange()) }, y: { distr: log ? 3 : 1, range: () => (log ? logRange(yRange()) : yRange()) } },
    axes: [
      { ...axis, size: 24, gap: 5, space: x === '_timestamp' ? 86 : 64, grid: { show: false }, values: (_u, vs) => xLabels(x, vs), ...(logX ? { filter: filter('x'), splits } : isSpan(x) ? { incrs: TIME_STEPS } : {}) },
      { ...axis, size: (_u: uPlot, vs: string[] | null) => Math.max(34, 9 + Math.max(0, ...(vs ?? ['']).map((s) => (s || '').length)) * 6.4), gap: 6, space: 34, grid: { stroke: () => token('--grid'), width: 1, ...(log ? { filter: filter('y') } : {}) }, values: (_u, vs) => ticks(vs), ...(log ? { filter: filter('y'), splits } : {}) },
    ],
  };
}

/** One to nine times each decade of a range. uPlot's own search for them may never end where a range begins between. */
export function logSplits(min: number, max: number): number[] {
  const out: number[] = [];
  const first = Math.floor(Math.log10(min)), last = Math.floor(Math.log10(max));
  for (let e = Math.max(first, last - 40); e <= last; e++)
    for (let m = 1; m <= 9; m++) {
      const v = Number(`${m}e${e}`);
      if (v >= min && v <= max) out.push(v);
    }
  return out;
}

/** A logarithmic axis has no place for zero and below, and uPlot never ends to look for ticks there: it begins above. */
export function logRange([a, b]: Range): Range {
  const high = b > 0 && Number.isFinite(b) ? b : 1;
  return [a > 0 && a < high ? a : high / 10, high];
}
