import { expect, it } from 'vitest';
import { View, type Aspect, type DrawnRun } from './view';

const run = (name: string, state = 'running'): DrawnRun => ({ name, display: name, state, steps: 1, stroke: { colour: 0, dash: 0 } });
const heard = (v: View): Aspect[] => {
  const list: Aspect[] = [];
  v.on((a) => list.push(a));
  return list;
};

it('asks for new data only when the runs change, redraws when their looks do', () => {
  const v = new View('e/p'), list = heard(v);
  v.setRuns([run('a'), run('b')]);
  v.setRuns([{ ...run('a'), steps: 99 }, run('b')]);
  v.setRuns([run('a', 'finished'), run('b')]);
  v.setRuns([run('b')]);
  expect(list).toEqual(['runs', 'draw', 'runs']);
});
it('stands still while zoomed or hovered, counts what came, and forgets the count with the zoom', () => {
  const v = new View('e/p');
  v.setZoom({ x: '_step', range: [1, 2] });
  expect(v.still).toBe(true);
  v.addFresh(3);
  v.addFresh(-1);
  expect(v.fresh).toBe(3);
  v.setZoom(null);
  expect([v.still, v.fresh]).toEqual([false, 0]);
  v.hover({});
  expect(v.still).toBe(true);
  v.setFocus('a');
  v.hover(null);
  expect([v.still, v.focus]).toEqual([false, null]);
});
it('the span of an axis only widens', () => {
  const v = new View('e/p');
  expect([v.widen('_step', [0, 10]), v.widen('_step', [2, 8]), v.widen('_step', [-1, 12]), v.widen('_step', [5, 4])]).toEqual([true, false, true, false]);
  expect(v.span('_step')).toEqual([-1, 12]);
});
