import { expect, test } from 'vitest';
import { brushed, brushIn, reachIn } from './filter';
import { axisOf } from './lines';

const lr = axisOf({ accessor: 'config:lr.value', log: true }, [0.001, 0.1]), depth = axisOf({ accessor: 'config:depth.value', inverted: true }, [0, 10]), opt = axisOf({ accessor: 'config:opt.value' }, ['adam', 'sgd', 'lion', 'rms prop']);

test('a brush of numbers is a range of the query, and read from it', () => {
  const q = brushed('state:finished', 'config.lr', lr, [0.5, 1]);
  expect(q).toBe('state:finished and config.lr >= 0.01');
  expect(brushIn(q, 'config.lr', lr)).toEqual([0.5, 1]);
  expect(brushed(q, 'config.lr', lr, [0, 0.25])).toBe('state:finished and config.lr <= 0.00316228');
  expect(brushed(q, 'config.lr', lr, null)).toBe('state:finished');
  expect(brushIn('state:finished', 'config.lr', lr)).toBeNull();
});
test('an axis turned over', () => {
  const q = brushed('', 'config.depth', depth, [0.8, 1]);
  expect(q).toBe('config.depth <= 2');
  expect(brushIn(q, 'config.depth', depth)![0]).toBeCloseTo(0.8);
  expect(brushIn(q, 'config.depth', depth)![1]).toBe(1);
});
test('a brush of words is a list', () => {
  const q = brushed('x', 'config.opt', opt, [0.3, 1]);
  expect(q).toBe('x and config.opt in [lion, "rms prop", sgd]');
  expect(brushIn(q, 'config.opt', opt)![0]).toBeCloseTo(1 / 3 - 0.02);
  expect(brushed(q, 'config.opt', opt, [0, 1])).toBe('x');
  expect(brushed(q, 'config.opt', opt, [0.4, 0.5])).toBe('x');
});
test('a query with a fault is left alone; one of alternatives keeps them', () => {
  expect(brushed('a (', 'config.lr', lr, [0.5, 1])).toBe('a (');
  expect(brushed('a or b', 'config.lr', lr, [0.5, 1])).toBe('(a or b) and config.lr >= 0.01');
});
test('what the query names is on the axis', () => {
  const least = reachIn('config.lr >= 0.0001 and config.opt in [adam, new]', 'config.lr');
  expect(axisOf({ accessor: 'x', log: true }, [0.01], least).scale).toMatchObject({ min: 0.0001, max: 0.01 });
  expect(reachIn('config.opt in [adam, new]', 'config.opt').words).toEqual(['adam', 'new']);
});
