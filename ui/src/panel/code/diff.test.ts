import { expect, test } from 'vitest';
import { diff, folded } from './diff';

const short = (a: string, b: string) => diff(a, b).map((l) => ({ same: ' ', old: '-', new: '+' })[l.kind] + l.text);
/** Both texts can be put together again. */
function whole(a: string[], b: string[]): void {
  const d = diff(a.join('\n'), b.join('\n'));
  expect(d.filter((l) => l.kind !== 'new').map((l) => l.text)).toEqual(a);
  expect(d.filter((l) => l.kind !== 'old').map((l) => l.text)).toEqual(b);
}

test('lines out and in', () => {
  expect(short('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
  expect(short('', 'a')).toEqual(['+a']);
  expect(short('a\r\nb\n', 'a\nb')).toEqual([' a', ' b']);
  expect(diff('a\nb', 'b').map((l) => [l.a, l.b])).toEqual([[1, null], [2, 1]]);
});
test('any two texts', () => {
  let seed = 5;
  const rnd = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let k = 0; k < 60; k++) whole(Array.from({ length: 1 + rnd(30) }, () => 'x' + rnd(6)), Array.from({ length: 1 + rnd(30) }, () => 'x' + rnd(6)));
  whole(Array.from({ length: 6000 }, (_, i) => 'a' + i), Array.from({ length: 6000 }, (_, i) => 'b' + i));
});
test('long stretches fold', () => {
  const f = folded(diff(Array.from({ length: 30 }, (_, i) => String(i)).join('\n'), Array.from({ length: 30 }, (_, i) => (i === 15 ? 'x' : String(i))).join('\n')));
  expect(f[0]).toEqual({ kind: 'fold', from: 0, count: 12 });
  expect(f.filter((l) => l.kind === 'fold')).toHaveLength(2);
});
