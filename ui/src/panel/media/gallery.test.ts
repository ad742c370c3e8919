import { expect, test } from 'vitest';
import { choose, entriesOf, neighbour } from './gallery';
import { itemsOf } from './items';

const image = (path: string, caption = '') => itemsOf({ _type: 'image-file', path, caption }, 'k', 0);

test('entries keep their names while the step moves, and say run, caption, place and step', () => {
  const at = (step: number) => entriesOf([{ run: 'r1', name: 'tall tree', colour: 0, step, items: [...image('a.png', 'cat'), ...image('b.png')] }, { run: 'r2', name: 'low hill', colour: 1, step, items: image('c.png') }]);
  expect(at(3).map((e) => e.label)).toEqual(['tall tree, cat, 1 of 2, step 3', 'tall tree, 2 of 2, step 3', 'low hill, step 3']);
  expect(at(3).map((e) => e.id)).toEqual(at(9).map((e) => e.id));
  expect(new Set(at(3).map((e) => e.id)).size).toBe(3);
});

test('previous and next stop at the ends; one that is gone gives way to the first', () => {
  const row = ['a', 'b', 'c'].map((id) => ({ id }));
  expect([neighbour(row, 'a', 1), neighbour(row, 'a', -1), neighbour(row, 'b', Infinity), neighbour(row, 'b', -Infinity), neighbour(row, 'gone', 1), neighbour([], 'a', 1)]).toEqual(['b', 'a', 'c', 'a', 'a', undefined]);
});

test('four stand side by side at most, in the order they were chosen', () => {
  const four = ['d', 'a', 'c', 'b'].reduce(choose, [] as string[]);
  expect(four).toEqual(['d', 'a', 'c', 'b']);
  expect(choose(four, 'e')).toEqual(four);
  expect(choose(four, 'a')).toEqual(['d', 'c', 'b']);
});
