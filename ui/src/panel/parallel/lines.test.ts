import { expect, test } from 'vitest';
import { axisOf, moved, passes } from './lines';

test('numbers, words, one value, nothing', () => {
  const a = axisOf({ accessor: 'x' }, [0, 5, 10, null, 'NaN']);
  expect([0, 5, 10, null, 'NaN', undefined].map(a.at)).toEqual([0, 0.5, 1, null, null, null]);
  const w = axisOf({ accessor: 'x', inverted: true }, ['b', 'a', 'a10', 'a2']);
  expect(w.words).toEqual(['a', 'a2', 'a10', 'b']);
  expect(w.at('a')).toBe(1);
  expect(axisOf({ accessor: 'x' }, ['only']).at('only')).toBe(0.5);
  expect(axisOf({ accessor: 'x' }, []).at(1)).toBeNull();
});
test('a logarithmic column has no place for zero', () => {
  const a = axisOf({ accessor: 'x', log: true }, [0, 0.01, 1]);
  expect(a.at(0)).toBeNull();
  expect(a.at(0.1)).toBeCloseTo(0.5);
});
test('brushes keep what passes all of them', () => {
  expect([passes([0.5, null], [[0, 1], undefined]), passes([0.5, null], [undefined, [0, 1]]), passes([0.5, 0.2], [[0.4, 0.6], [0.3, 1]])]).toEqual([true, false, false]);
});
test('moving a column', () => {
  expect([moved(['a', 'b', 'c'], 0, 2), moved(['a', 'b', 'c'], 2, 0), moved(['a', 'b'], 0, -1)]).toEqual([['b', 'c', 'a'], ['c', 'a', 'b'], ['a', 'b']]);
});
