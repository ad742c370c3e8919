import { expect, test } from 'vitest';
import { axisName, columnOf, configAxis, numberOf } from '../axis/axis';
import { round, scale } from '../axis/ticks';
import { barsOf, density, statOf } from './stat';

test('quartiles, whiskers and what lies beyond', () => {
  const s = statOf([1, 2, 3, 4, 5, 100, NaN]);
  expect(s).toMatchObject({ n: 6, min: 1, max: 100, median: 3.5, q1: 2.25, q3: 4.75, low: 1, high: 5, odd: [100], dropped: 1 });
  expect(statOf([NaN])).toMatchObject({ n: 0, dropped: 1 });
});

test('a density has its top at 1, also of one value', () => {
  const d = density([1, 1.1, 0.9, 5]);
  expect(Math.max(...d.map((x) => x.d))).toBe(1);
  expect(d.find((x) => x.d === 1)!.at).toBeLessThan(2);
  expect(density([3, 3])).toEqual([{ at: 3, d: 1 }]);
  expect(density([])).toEqual([]);
});

test('bars by run, by group, and pooled', () => {
  const rows = [{ run: 'a', display: 'A', colour: 1, values: [1, NaN], group: 'x' }, { run: 'b', display: 'B', colour: 2, values: [3, 4], group: 'y' }, { run: 'c', display: 'C', colour: 3, values: [5, 6], group: 'x' }];
  expect(barsOf(rows, ['m', 'n'], false, false).map((b) => [b.label, b.metric, b.values])).toEqual([['A', 'm', [1]], ['B', 'm', [3]], ['B', 'n', [4]], ['C', 'm', [5]], ['C', 'n', [6]]]);
  expect(barsOf(rows, ['m'], true, false).map((b) => [b.label, b.values])).toEqual([['x', [1, 5]], ['y', [3]]]);
  expect(barsOf(rows, ['m', 'n'], false, true)).toMatchObject([{ label: 'All runs', values: [1, 3, 5] }, { label: 'All runs', metric: 'n', values: [4, 6] }]);
});

test('stored axes are columns of the run table', () => {
  expect(['config:lr.value', 'config:optim.value.lr', 'config:a.b.value', 'c::lr', 'summary:train/loss', 's::loss', 'loss', 'run:createdAt', '', 'config.x'].map(columnOf)).toEqual(['config.lr', 'config.optim.lr', 'config.a.b', 'config.lr', 'summary_metrics.train/loss', 'summary_metrics.loss', 'summary_metrics.loss', 'created_at', '', 'config.x']);
  expect(['lr', 'optim.lr', 'a\\.b', 'a\\.b.c.d'].map(configAxis)).toEqual(['config:lr.value', 'config:optim.value.lr', 'config:a\\.b.value', 'config:a\\.b.value.c.d']);
  expect(['lr', 'optim.lr', 'a\\.b', 'a\\.b.c.d'].map((x) => columnOf(configAxis(x)))).toEqual(['config.lr', 'config.optim.lr', 'config.a\\.b', 'config.a\\.b.c.d']);
  expect(axisName('config:optim.lr.value')).toBe('optim.lr');
  expect([1, true, '2', 'x', null, 'NaN', 'Infinity'].map(numberOf)).toEqual([1, 1, 2, NaN, NaN, NaN, Infinity]);
});

test('scales: round ticks, decades, one value, nothing', () => {
  expect(round(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(scale([1e-4, 1e-2], { log: true }).ticks).toEqual([1e-4, 1e-3, 1e-2]);
  expect(scale([-1, 0], { log: true }).log).toBe(false);
  expect(scale([3, 3]).at(3)).toBeCloseTo(0.5);
  expect(scale([])).toMatchObject({ min: 0, max: 1 });
  expect(scale([0.1, 1], { log: true }).at(0.1)).toBeCloseTo(0);
});
