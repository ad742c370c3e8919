import { expect, test } from 'vitest';
import { value } from '../data/format';
import { mediaWords, pruned, treeRows, valuesByPath } from './tree';

const config = { lr: 0.1, model: { arch: 'vit', depth: { blocks: 12 } }, 'a.b': 1, empty: {} };
const rows = (folded: string[] = [], filter = '') => treeRows(config, new Set(folded), filter, value).map((r) => '  '.repeat(r.depth) + r.path);

test('branches open into their members; a literal dot is escaped', () => {
  expect(rows()).toEqual(['a\\.b', 'empty', 'lr', 'model', '  model.arch', '  model.depth', '    model.depth.blocks']);
});
test('numbers in names count as numbers, the SDK\'s own keys come last', () => {
  expect(treeRows({ _step: 1, layer10: 1, layer2: 1 }, new Set(), '', value).map((r) => r.path)).toEqual(['layer2', 'layer10', '_step']);
});
test('a folded branch hides its inside', () => {
  expect(rows(['model'])).toEqual(['a\\.b', 'empty', 'lr', 'model']);
});
test('a filter finds by path and by value, and opens the way there', () => {
  expect(rows(['model'], 'blocks')).toEqual(['model', '  model.depth', '    model.depth.blocks']);
  expect(rows([], 'vit')).toEqual(['model', '  model.arch']);
  expect(rows([], 'zzz')).toEqual([]);
});

test('media in words', () => {
  expect(mediaWords({ _type: 'image-file', width: 4, height: 5 })).toBe('image, 4 × 5');
  expect(mediaWords({ _type: 'table-file', nrows: 1000 })).toBe('table, 1000 rows');
  expect(mediaWords({ _type: 'images/separated', count: 3 })).toBe('3 × images separated');
  expect(mediaWords({ a: 1 })).toBeUndefined();
});

test('only what is kept, with the way there', () => {
  expect(pruned(config, (p) => p === 'model.depth.blocks' || p === 'a\\.b')).toEqual({ model: { depth: { blocks: 12 } }, 'a.b': 1 });
  expect(valuesByPath(config, value).get('model.depth.blocks')).toBe('12');
});
