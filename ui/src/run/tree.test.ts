import { expect, test } from 'vitest';
import { value } from '../data/format';
import { fileRows, mediaWords, previewOf, treeRows } from './tree';

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

test('files by folder, folders first, in natural order', () => {
  const files = ['b.txt', 'media/images/x_10.png', 'media/images/x_9.png', 'a.txt', 'code/train.py'].map((name, i) => ({ name, sizeBytes: i + 1 }));
  expect(fileRows(files, new Set(), '').map((r) => '  '.repeat(r.depth) + r.name)).toEqual(['code', '  train.py', 'media', '  images', '    x_9.png', '    x_10.png', 'a.txt', 'b.txt']);
  expect(fileRows(files, new Set(['media/']), '').map((r) => r.name)).toEqual(['code', 'train.py', 'media', 'a.txt', 'b.txt']);
  expect(fileRows(files, new Set(['media/']), 'X_9').map((r) => r.name)).toEqual(['media', 'images', 'x_9.png']);
  expect(fileRows(files, new Set(), '').find((r) => r.name === 'media')).toMatchObject({ bytes: 5, files: 2 });
});

test.each([
  ['a.png', 'image/png', 10, 'image'],
  ['a.svg', 'image/svg+xml', 10, 'none'],
  ['a.py', null, 10, 'text'],
  ['a.json', 'application/json', 10, 'json'],
  ['a.log', 'text/plain', 3 << 20, 'none'],
  ['a.bin', 'application/octet-stream', 10, 'none'],
] as const)('preview of %s (%s, %i bytes) is %s', (name, mimetype, sizeBytes, want) => {
  expect(previewOf({ name, mimetype, sizeBytes })).toBe(want);
});
