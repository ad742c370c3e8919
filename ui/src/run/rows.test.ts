import { expect, test } from 'vitest';
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
