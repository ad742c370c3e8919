import { expect, test } from 'vitest';
import { frontier, pearson, regression } from './fit';

test('a line through dots, straight and by powers', () => {
  const f = regression([{ x: 0, y: 1 }, { x: 1, y: 3 }, { x: 2, y: 5 }])!;
  expect(f(10)).toBeCloseTo(21);
  expect(regression([{ x: 1, y: 10 }, { x: 10, y: 100 }, { x: 100, y: 1000 }], true, true)!(1000)).toBeCloseTo(10_000);
  expect(regression([{ x: 1, y: 1 }])).toBeNull();
  expect(regression([{ x: 1, y: 1 }, { x: 1, y: 2 }])).toBeNull();
});
test('correlation', () => {
  expect(pearson([{ x: 0, y: 0 }, { x: 1, y: -2 }, { x: 2, y: -4 }])).toBeCloseTo(-1);
  expect(pearson([{ x: 0, y: 1 }, { x: 1, y: 1 }])).toBeNaN();
});
test('the running best', () => {
  expect(frontier([{ x: 3, y: 1 }, { x: 1, y: 5 }, { x: 2, y: 6 }, { x: 4, y: 0 }], 'min')).toEqual([{ x: 1, y: 5 }, { x: 3, y: 1 }, { x: 4, y: 0 }]);
});
