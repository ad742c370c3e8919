import { expect, it } from 'vitest';
import type { RunSeries } from '../data/panel';
import { after, began, beginnings, inherited, once } from './branch';

const fork = { from: 'p', display: 'Parent', step: 10 };
const rewind = (step: number) => ({ rewind: true, step });

it('knows how much of what was inherited is left', () => {
  expect(inherited(undefined)).toBeNull();
  expect(inherited([rewind(3)])).toBeNull();
  expect(inherited([fork])).toEqual({ from: 'p', step: 10 });
  expect(inherited([fork, rewind(20), rewind(7)])).toEqual({ from: 'p', step: 7 });
});
it('marks only beginnings that are still there', () => {
  expect(beginnings([fork, rewind(20)]).map((b) => b.words)).toEqual(['forked from Parent at step 10', 'rewound to step 20']);
  expect(beginnings([fork, rewind(20), rewind(7)]).map((b) => b.step)).toEqual([7]);
  expect(beginnings([rewind(5), rewind(5)]).length).toBe(2);
  expect(beginnings([{ step: 4, gone: true }])[0]!.words).toBe('forked from a run of another project at step 4');
  expect(beginnings([{ ...fork, step: -1 }])).toEqual([]);
});
it('leaves out what the parent draws, from the last shared place on', () => {
  const x = Float64Array.from([0, 5, 10, 15]), y = Float32Array.from([1, 2, 3, 4]);
  const series: RunSeries = { run: 'c', mode: 'points', x, last: y, min: y, max: y, count: y, bucket: null, odd: [{ x: 2, kind: 'nan' }, { x: 12, kind: 'nan' }], total: 6, special: 2, missing: false };
  const d = after({ series, line: y }, 12);
  expect([...d.series.x]).toEqual([10, 15]);
  expect([...d.line]).toEqual([3, 4]);
  expect(d.series.odd.map((o) => o.x)).toEqual([12]);
  const child = { run: { branches: [{ from: 'p', step: 12 }] }, label: 'c', series, line: y };
  expect(once(new Set(['c', 'p']), child).series.x.length).toBe(2);
  expect(once(new Set(['c']), child)).toBe(child);
  expect([began(child, 11, 2), began(child, 9, 2)]).toEqual([['c: forked from p at step 12.'], []]);
  expect([...after({ series, line: y }, -1).series.x]).toEqual([0, 5, 10, 15]);
  expect([...after({ series, line: y }, 99).series.x]).toEqual([15]);
});
