import { expect, it } from 'vitest';
import type { PanelDoc } from './config';
import { PAGE_MOST, pageStarts } from './grid';

const panels = (n: number, wide: number[] = []): PanelDoc[] => Array.from({ length: n }, (_, i) => ({ id: 'p' + i, kind: 'line', config: { metrics: [] }, ...(wide.includes(i) ? { size: { w: 24, h: 6 } } : {}) }));

it('pages hold whole rows', () => {
  expect(pageStarts(panels(0), 3, 4)).toEqual([0]);
  expect(pageStarts(panels(12), 3, 4)).toEqual([0]);
  expect(pageStarts(panels(30), 3, 4)).toEqual([0, 12, 24]);
  expect(pageStarts(panels(6, [1]), 3, 2)).toEqual([0, 2]); // the wide one is a row of its own, after one that is not full
  expect(pageStarts(panels(5, [0, 1, 2]), 3, 1)).toEqual([0, 1, 2, 3]);
});
it('pages hold at most a hundred panels, also in whole rows', () => {
  expect(pageStarts(panels(250), 3, PAGE_MOST)).toEqual([0, 99, 198]);
  expect(pageStarts(panels(250), 5, PAGE_MOST)).toEqual([0, 100, 200]);
  expect(pageStarts(panels(250), 1, PAGE_MOST)).toEqual([0, 100, 200]);
});
