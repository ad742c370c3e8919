import { expect, test } from 'vitest';
import { fileChanges, metadataChanges, newBytes } from './changes';

const file = (name: string, digest: string, sizeBytes = 10) => ({ name, digest, sizeBytes });

test('files that are new, changed, the same and gone', () => {
  const got = fileChanges([file('a', '1'), file('b', '2'), file('c', '3')], [file('a', '1'), file('b', '0'), file('d', '4')]);
  expect(got.map((c) => [c.name, c.change])).toEqual([['a', 'same'], ['b', 'changed'], ['c', 'new'], ['d', 'gone']]);
});
test('bytes that were there under another name are not new, and count once', () => {
  expect(newBytes([file('renamed', '1'), file('x', '2'), file('y', '2')], [file('a', '1')])).toBe(10);
});
test('metadata by its leaves', () => {
  expect(metadataChanges({ a: { b: 1 }, c: true }, { a: { b: 2 }, d: 'x' })).toEqual([{ key: 'a.b', now: '1', before: '2' }, { key: 'c', now: 'true', before: null }, { key: 'd', now: null, before: 'x' }]);
});
