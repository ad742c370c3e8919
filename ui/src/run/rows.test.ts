import { describe, expect, test } from 'vitest';
import { anchorAt, topFor } from './wrapped';
import { inSight, scrollFor, TALLEST } from './rows';

test.each([10, 1000, 1_000_000, 50_000_000])('%i rows: the first and the last can be reached and stand in sight', (count) => {
  const h = 800, row = 20;
  const top = inSight(count, row, h, 0, 0);
  expect(top.first).toBe(0);
  expect(top.size).toBeLessThanOrEqual(TALLEST);
  const end = scrollFor(count, row, h, count - 1, 'end');
  const s = inSight(count, row, h, end, 0);
  expect(s.last).toBe(count - 1);
  const y = (count - 1) * row + s.shift - end; // of the last row, from the top of the box
  expect(y).toBeLessThanOrEqual(h - row + 1);
  expect(y).toBeGreaterThanOrEqual(Math.min(h - row, (count - 1) * row) - 1);
});
test('any row comes to the middle', () => {
  for (const [count, n] of [[1_000_000, 123_456], [50_000_000, 41_000_001]] as const) {
    const top = scrollFor(count, 20, 800, n, 'center'), s = inSight(count, 20, 800, top, 0);
    expect(Math.abs(n * 20 + s.shift - top - 390)).toBeLessThan(2);
  }
});
test('no rows', () => {
  expect(inSight(0, 20, 800, 0)).toMatchObject({ first: 0, last: -1, size: 0 });
});

describe('wrapped rows', () => {
  const a = (top: number) => anchorAt(1_000_000, 20, 800, 16_000_000, top);
  test('both ends of the list are at the ends of the view', () => {
    expect(a(0)).toMatchObject({ part: 0, index: 0, within: 0, first: 0 });
    expect(a(16_000_000 - 800)).toMatchObject({ part: 1, index: 999_999, within: 1, last: 999_999 });
  });
  test('enough rows are drawn on both sides of the point, and no more', () => {
    const mid = a(8_000_000 - 400);
    expect(mid.index - mid.first).toBeGreaterThanOrEqual(20);
    expect(mid.last - mid.index).toBeGreaterThanOrEqual(20);
    expect(mid.last - mid.first).toBeLessThan(50);
  });
  test.each([0, 17, 500_000, 999_999])('row %d is brought into sight', (i) => {
    expect(a(topFor(1_000_000, 800, 16_000_000, i, 'center')).index).toBe(i);
  });
  test('the start is the top of the first row', () => expect(topFor(10, 800, 2000, 0, 'start')).toBe(0));
  test('the end is the foot of the last row', () => expect(topFor(10, 800, 2000, 9, 'end')).toBe(1200));
  test('a list that fits does not scroll', () => expect(anchorAt(3, 20, 800, 800, 0)).toMatchObject({ part: 0, first: 0, last: 2 }));
});
