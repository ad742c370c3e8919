import { expect, test } from 'vitest';
import { fileRows, previewOf } from './rows';

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
  ['a.log', 'text/plain', 9 << 20, 'none'],
  ['a.bin', 'application/octet-stream', 10, 'none'],
] as const)('preview of %s (%s, %i bytes) is %s', (name, mimetype, sizeBytes, want) => {
  expect(previewOf({ name, mimetype, sizeBytes })).toBe(want);
});

test('a logged table is a table where the server can page it', () => {
  const f = { name: 'media/table/t_1_ab.table.json', mimetype: 'application/json', sizeBytes: 90 << 20 };
  expect(previewOf(f, true)).toBe('table');
  expect(previewOf(f)).toBe('none');
});
