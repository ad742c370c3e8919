import { expect, it } from 'vitest';
import { captures, capturing } from './capture';

const key = (key: string) => ({ key, type: 'number', runs: 1, step: null, hidden: false });
const keys = ['layer10/w', 'layer10/b', 'layer2/w', 'layer2/b', 'loss'].map(key);

it('makes a panel of each capture, its keys together', () => {
  expect(captures(keys, '^layer(\\d+)/').map((c) => [c.name, c.keys.map((k) => k.key)])).toEqual([
    ['2', ['layer2/b', 'layer2/w']],
    ['10', ['layer10/b', 'layer10/w']],
  ]);
  expect(captures(keys, '/(w|b)$').map((c) => [c.name, c.keys.length])).toEqual([['b', 2], ['w', 2]]);
  expect(captures(keys, '(layer)(\\d+)/w').map((c) => c.name)).toEqual(['layer 2', 'layer 10']);
});
it('without a capture each key is its own; what is no expression finds nothing', () => {
  expect(captures(keys, 'w$').map((c) => c.name)).toEqual(['layer2/w', 'layer10/w']);
  expect(captures(keys, '(').length).toBe(0);
  expect([capturing('a(b)'), capturing('a(?:b)'), capturing('(')]).toEqual([true, false, null]);
});
