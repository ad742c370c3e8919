import { expect, it } from 'vitest';
import { differences, keyNumbers } from './differences';

it('names what differs, also what only one has, by dotted path', () => {
  expect(differences({ lr: 0.1, opt: { name: 'adam', b: [1, 2] }, same: 'x' }, { lr: 0.2, opt: { name: 'adam', b: [1, 3] }, same: 'x', fresh: null })).toEqual([
    { key: 'fresh', before: undefined, after: null },
    { key: 'lr', before: 0.1, after: 0.2 },
    { key: 'opt.b', before: [1, 2], after: [1, 3] },
  ]);
  expect(differences({ a: NaN }, { a: NaN })).toEqual([]);
  expect(differences({ a: NaN }, { a: null })).toHaveLength(1);
  expect(differences({}, {})).toEqual([]);
});
it('puts the list’s metric first, then validation; what is no number is no metric', () => {
  expect(keyNumbers({ 'train/loss': 1, 'val/acc': 2, _step: 3, name: 'x', pick: 4, deep: { n: 5 } }, 'pick').map((e) => e[0])).toEqual(['pick', 'val/acc', 'deep.n', 'train/loss']);
  expect(keyNumbers(undefined, null)).toEqual([]);
});
