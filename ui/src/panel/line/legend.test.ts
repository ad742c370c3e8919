import { expect, test } from 'vitest';
import { afterClick } from './Legend';

test('a click hides and shows, with ⇧ only one; never nothing', () => {
  const all = ['a', 'b', 'c'], none: ReadonlySet<string> = new Set();
  expect([...afterClick(all, none, 'b', false)]).toEqual(['b']);
  expect([...afterClick(all, new Set(['b']), 'b', false)]).toEqual([]);
  expect([...afterClick(all, new Set(['a', 'b']), 'c', false)]).toEqual([]);
  expect([...afterClick(all, none, 'b', true)]).toEqual(['a', 'c']);
  expect([...afterClick(all, new Set(['a', 'c']), 'b', true)]).toEqual([]);
});
