import { describe, expect, it } from 'vitest';
import { ofHex, ofRamp, paint, strokes } from '../chart/colour';
import type { RunRow } from '../data/run';
import { cell, colouring, groupRuns, items, leaves, meanOf, NONE } from './groups';

const run = (name: string, values: Record<string, unknown>, more: Partial<RunRow> = {}): RunRow => ({ name, display: name, state: 'finished', created: '2026-01-02T03:04:05Z', heartbeat: '', runtime: 0, user: 'mira', group: '', jobType: '', tags: [], ordinal: 0, steps: 1, stop: false, values, ...more });
const rows = [
  run('a', { 'config.opt': 'adam', 'config.lr': 0.1, 'summary_metrics.loss': 1 }, { group: 'g1' }),
  run('b', { 'config.opt': 'sgd', 'config.lr': 0.01, 'summary_metrics.loss': 2 }),
  run('c', { 'config.opt': 'adam', 'config.lr': 0.001, 'summary_metrics.loss': { last: 3 } }, { group: 'g1' }),
  run('d', { 'config.lr': 0.1, 'summary_metrics.loss': 'NaN' }),
];

describe('groups', () => {
  it('nest, in natural order, what has no value last', () => {
    const g = groupRuns(rows, ['config.opt', 'group']);
    expect(g.map((x) => [x.value, x.runs.length, x.children.map((y) => y.value)])).toEqual([['adam', 2, ['g1']], ['sgd', 1, [NONE]], [NONE, 1, [NONE]]]);
    expect(leaves(g).map((x) => x.id)).toEqual(['group:["adam","g1"]', 'group:["sgd","(none)"]', 'group:["(none)","(none)"]']);
    expect(groupRuns(rows, [])).toEqual([]);
    expect(groupRuns([run('x', { 'config.n': 10 }), run('y', { 'config.n': 9 })], ['config.n']).map((x) => x.value)).toEqual(['9', '10']);
  });
  it('become rows: closed ones alone, open ones with what they hold', () => {
    const g = groupRuns(rows, ['config.opt', 'group']);
    const text = (open: string[]) => items(g, new Set(open)).map((i) => (i.kind === 'run' ? `${i.depth}:${i.run.name}` : i.group.value));
    expect(text([])).toEqual(['adam', 'sgd', NONE]);
    expect(text(['group:["adam"]', 'group:["adam","g1"]'])).toEqual(['adam', 'g1', '2:a', '2:c', 'sgd', NONE]);
  });
  it('have a mean over the runs that have a number', () => {
    expect(meanOf(rows, 'summary_metrics.loss')).toBe(2);
    expect(meanOf([rows[3]!], 'summary_metrics.loss')).toBeNull();
  });
  it('read cells of every kind', () => {
    const r = run('r', { 'config.list': [1, 2], 'config.zero': 0, 'config.none': null }, { tags: ['b', 'a'] });
    expect(['config.list', 'config.zero', 'config.none', 'tags', 'created_at', 'job_type'].map((c) => cell(r, c))).toEqual(['[1,2]', '0', NONE, 'a, b', '2026-01-02', NONE]);
  });
});

describe('colours', () => {
  it('by hand win; numbers get a ramp, by exponent over decades; words the palette', () => {
    const lr = colouring(rows, { b: '#112233', d: 'red' }, 'config.lr');
    expect(rows.map(lr)).toEqual([ofRamp(1), ofHex('#112233'), ofRamp(0), ofRamp(1)]);
    expect(colouring(rows, {}, 'config.lr')(rows[1]!)).toBe(ofRamp(0.5));
    const opt = colouring(rows, {}, 'config.opt');
    expect(rows.map(opt)).toEqual([0, 1, 0, undefined]);
    expect(colouring(rows, {}, null)(rows[0]!)).toBeUndefined();
  });
  it('of one run are dashed apart, whatever they come from', () => {
    const s = strokes([{ name: 'a', ordinal: 3 }, { name: 'b', ordinal: 19 }, { name: 'c', ordinal: 5, colour: ofHex('#ff0000')! }, { name: 'd', ordinal: 6, colour: ofHex('#ff0000')! }]);
    expect([...s.values()].map((x) => x.dash)).toEqual([0, 0, 1, 1]);
    expect(ofHex('#ff00')).toBeNull();
  });
  it('are painted', () => {
    Object.assign(globalThis, { document: { documentElement: { dataset: { theme: 'light' } } } });
    expect([paint(ofHex('#00ff0a')!), paint(ofRamp(0)), paint(0), paint(99)]).toEqual(['#00ff0a', '#4582fa', '#005dbd', '#4f9cff']);
    Reflect.deleteProperty(globalThis, 'document');
  });
});
