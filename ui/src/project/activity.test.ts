import { expect, test } from 'vitest';
import { byWeek } from './activity';

test('weeks end with the last day; a broken one at the start is left out', () => {
  expect(byWeek('2026-01-01', [9, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5])).toEqual([
    { from: Date.UTC(2026, 0, 2), runs: 2 },
    { from: Date.UTC(2026, 0, 9), runs: 5 },
  ]);
  expect(byWeek('2026-01-01', [])).toEqual([]);
});
