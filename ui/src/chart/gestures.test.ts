import { expect, it } from 'vitest';
import { scaled, shifted } from './gestures';

it('moves and stretches a range, by decades on a logarithmic axis', () => {
  expect(shifted([10, 30], 0.5, false)).toEqual([20, 40]);
  expect(shifted([1, 100], 0.5, true)).toEqual([10, 1000]);
  expect(scaled([0, 100], 0.5, 0, false)).toEqual([0, 50]);
  expect(scaled([0, 100], 1.5, 0.5, false)).toEqual([-25, 125]);
  expect(scaled([1, 100], 0.5, 1, true)).toEqual([10, 100]);
  expect(shifted([0, 10], -0.5, true)).toEqual([-5, 5]); // no logarithm of nothing
});
