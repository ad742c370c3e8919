import { expect, test } from 'vitest';
import { encode, generator, importance } from './forest';

test('what the metric depends on comes first, noise stays near nothing, and twice is the same', () => {
  const rnd = generator(1), n = 120;
  const lr = Array.from({ length: n }, () => rnd()), noise = Array.from({ length: n }, () => rnd()), opt = Array.from({ length: n }, () => ['adam', 'sgd', 'lion'][Math.floor(rnd() * 3)]!);
  const y = lr.map((v, i) => (v - 0.3) ** 2 * 10 + (opt[i] === 'sgd' ? 1 : 0) + 0.05 * rnd());
  const params = [{ name: 'noise', values: noise }, { name: 'lr', values: lr }, { name: 'opt', values: opt }, { name: 'same', values: opt.map(() => 1) }];
  const r = importance(params, y);
  expect(r.list.map((i) => i.name)).toEqual(['lr', 'opt', 'noise']);
  expect(r.list[2]!.importance).toBeLessThan(0.08);
  expect(r.list[0]!.low).toBeLessThanOrEqual(r.list[0]!.importance);
  expect(r.list[0]!.low).toBeGreaterThan(r.list[2]!.high);
  expect(r.skipped).toEqual(['same']);
  expect(r.fit).toBeGreaterThan(0.8);
  expect(r.list[1]!.correlation).toBeNaN(); // three words have no order
  expect(importance(params, y)).toEqual(r);
});

test('a parabola has importance where correlation sees nothing', () => {
  const x = Array.from({ length: 60 }, (_, i) => i / 59 - 0.5);
  const r = importance([{ name: 'x', values: x }, { name: 'z', values: x.map((_, i) => (i * 31) % 7) }], x.map((v) => v * v));
  expect(r.list[0]!.name).toBe('x');
  expect(Math.abs(r.list[0]!.correlation)).toBeLessThan(0.05);
  expect(r.list[0]!.importance).toBeGreaterThan(0.8);
});

test('few runs, missing values, nothing that varies', () => {
  expect(importance([{ name: 'a', values: [1, 2] }], [1, 2]).list).toEqual([]);
  expect(importance([{ name: 'a', values: [1, 1, 1, 1, 1] }], [1, 2, 3, 4, 5]).list).toEqual([]);
  expect(importance([{ name: 'a', values: [1, null, 3, 4, 5, 6] }], [1, 2, 3, 4, NaN, 6]).used).toBe(5);
  expect(encode([1, null, 3])!.x[1]).toBeLessThan(1);
  expect(encode([{ a: 1 }, { a: 1 }])).toBeNull();
});
