import { describe, expect, it } from 'vitest';
import type { RunSeries } from '../data/panel';
import { align, nearest } from './align';
import { growX, logTicks, yRange } from './axes';
import { strokes } from './colour';
import { logRange, logSplits } from './options';
import { smooth } from './smooth';

const series = (x: number[], y: number[], odd: number[] = []): RunSeries => {
  const f = Float64Array.from(y);
  return { run: 'a', mode: 'points', x: Float64Array.from(x), last: f, min: f, max: f, count: new Float32Array(x.length).fill(1), bucket: null, odd: odd.map((o) => ({ x: o, kind: 'nan' as const })), total: x.length, special: odd.length, missing: false };
};

describe('smooth', () => {
  const x = Float64Array.from([0, 10, 20, 40]), y = Float64Array.from([1, 2, 3, 4]);
  it('is the identity at 0 and for none', () => {
    expect(smooth('twema', x, y, 0, 40)).toBe(y);
    expect(smooth('none', x, y, 0.9, 40)).toBe(y);
  });
  it('time-weighted: the closed formula, the first value as it is', () => {
    const w = Math.sqrt(0.81), a1 = w ** 10, a2 = w ** 10, a3 = w ** 20; // Δx/range·1000 with range 1000
    const want = [1, (1 * a1 + 2) / (a1 + 1)];
    const acc2 = (1 * a1 + 2) * a2 + 3, b2 = (a1 + 1) * a2 + 1;
    want.push(acc2 / b2, (acc2 * a3 + 4) / (b2 * a3 + 1));
    [...smooth('twema', x, y, 0.81, 1000)].forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 12));
  });
  it('EMA is unbiased: a constant stays', () => {
    [...smooth('ema', x, Float64Array.from([5, 5, 5, 5]), 0.9, 40)].forEach((v) => expect(v).toBeCloseTo(5, 12));
    [...smooth('gaussian', x, Float64Array.from([5, 5, 5, 5]), 0.5, 40)].forEach((v) => expect(v).toBeCloseTo(5, 12));
  });
  it('running mean of one on each side', () => {
    expect([...smooth('mean', x, y, 0.034, 40)]).toEqual([1.5, 2, 3, 3.5]);
  });
});

describe('align', () => {
  it('joins the xs, leaves gaps undefined and breaks at special numbers', () => {
    const a = series([0, 2, 4], [1, 2, 3]), b = series([1, 3], [5, 6], [2]);
    const [x, ca, cb] = align([a, b], [a.last, b.last]);
    expect(x).toEqual([0, 1, 2, 3, 4]);
    expect(ca).toEqual([1, undefined, 2, undefined, 3]);
    expect(cb).toEqual([undefined, 5, null, 6, undefined]);
  });
  it('finds the nearest place', () => {
    const xs = Float64Array.from([0, 10, 20]);
    expect([-5, 4, 6, 15.1, 99].map((v) => nearest(xs, v))).toEqual([0, 0, 1, 2, 2]);
    expect(nearest(new Float64Array(0), 1)).toBe(-1);
  });
});

describe('ranges', () => {
  it('y shows the band, not below 0 for what is never negative', () => {
    const r = { ...series([0, 1], [1, 2]), mode: 'grid' as const, min: Float64Array.from([0, 1]), max: Float64Array.from([2, 9]) };
    expect(yRange([r], [r.last], [0, 1], { log: false, band: true, clip: false }).range).toEqual([0, 9.45]);
    expect(yRange([r], [r.last], [0, 1], { log: false, band: false, clip: false }).range[1]).toBeCloseTo(2.05);
  });
  it('a log axis counts what it cannot show', () => {
    const r = series([0, 1, 2], [-1, 0, 10]);
    const y = yRange([r], [r.last], [0, 2], { log: true, band: true, clip: false });
    expect(y.hidden).toBe(2);
    expect(y.range[0]).toBeGreaterThan(0);
  });
  it('clip cuts the spike', () => {
    const r = series(Array.from({ length: 100 }, (_, i) => i), Array.from({ length: 100 }, (_, i) => (i === 50 ? 1e6 : 1 + (i % 3))));
    const y = yRange([r], [r.last], [0, 99], { log: false, band: true, clip: true });
    expect(y.range[1]).toBeLessThan(10);
    expect(y.cut).toBe(true);
  });
  it('x grows in steps while live and stands still in between', () => {
    const a = growX(null, [0, 100], true);
    expect(a).toEqual([0, 105]);
    expect(growX(a, [0, 104], true)).toBe(a);
    expect(growX(a, [0, 106], true)[1]).toBeCloseTo(111.3);
    expect(growX(a, [0, 106], false)).toEqual([0, 106]);
  });
  it('keeps decades on a log axis', () => {
    expect(logTicks(0.01, 100, [0.01, 0.02, 0.1, 0.5, 1])).toEqual([0.01, null, 0.1, null, 1]);
    expect(logTicks(1, 10, [1, 2, 3, 5])).toEqual([1, 2, null, 5]);
  });
});

it('strokes: colour by ordinal, the second visible one of a colour is dashed, whatever the order of the list', () => {
  const s = strokes([{ name: 'late', ordinal: 35 }, { name: 'first', ordinal: 3 }, { name: 'second', ordinal: 19 }, { name: 'other', ordinal: 4 }]);
  expect([s.get('first'), s.get('second'), s.get('late'), s.get('other')]).toEqual([{ colour: 3, dash: 0 }, { colour: 3, dash: 1 }, { colour: 3, dash: 2 }, { colour: 4, dash: 0 }]);
  const all = strokes([{ name: 'a', ordinal: 3 }, { name: 'b', ordinal: 4 }, { name: 'c', ordinal: 19 }], true);
  expect([...all.values()].map((x) => x.dash)).toEqual([0, 1, 2]);
});

it('a logarithmic axis never reaches zero, whatever range it is given', () => {
  const given: [number, number][] = [[0, 1], [-5, 10], [2, 3], [0, 0], [-2, -1], [3, 3], [NaN, NaN], [0, Infinity]];
  for (const r of given) {
    const [a, b] = logRange(r);
    expect(a > 0 && b > a && Number.isFinite(b)).toBe(true);
  }
  expect(logRange([2, 300])).toEqual([2, 300]);
});
it('ticks of a logarithmic axis are found whatever range it has', () => {
  expect(logSplits(0.09926444217562676, 0.8609440207481384)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
  expect(logSplits(8, 30)).toEqual([8, 9, 10, 20, 30]);
  expect(logSplits(1e-300, 1).length).toBeLessThan(400);
  expect(logSplits(3.1, 3.2)).toEqual([]);
});
