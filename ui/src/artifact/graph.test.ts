import { describe, expect, test } from 'vitest';
import type { Lineage, LineageNode } from '../data/lineage';
import { draw, words } from './graph';

const node = (id: string, isRun: boolean, type = ''): LineageNode => ({ id, isRun, entityName: 'e', projectName: 'p', name: id.replace(/\d+$/, ''), displayName: '', type, state: isRun ? 'finished' : null, versionIndex: isRun ? null : Number(/\d+$/.exec(id)?.[0] ?? 0), aliases: [], size: 1, createdAt: '' });
/** "a > r" is a use when a is no run, else an output. Names that begin with r are runs. */
const graph = (...edges: string[]): Lineage => {
  const ids = [...new Set(edges.flatMap((e) => e.split(' > ')))];
  return { nodes: ids.map((id) => node(id, id.startsWith('r'), 'model')), more: false, edges: edges.map((e) => { const [a, b] = e.split(' > ') as [string, string]; return a.startsWith('r') ? { run: a, artifact: b, output: true } : { run: b, artifact: a, output: false }; }) };
};
const at = (d: ReturnType<typeof draw>, id: string) => d.nodes.find((n) => n.id === id)!;

describe('the drawing', () => {
  test('goes left to right, and knows what leads to the current one', () => {
    const d = draw(graph('data > r1', 'r1 > model', 'r1 > other', 'model > r2', 'r2 > report'), 'model');
    expect(['data', 'r1', 'model', 'r2', 'report'].map((id) => at(d, id).column)).toEqual([0, 1, 2, 3, 4]);
    expect(d.nodes.filter((n) => n.on).map((n) => n.id).sort()).toEqual(['data', 'model', 'r1', 'r2', 'report']);
    expect(d.lines.filter((l) => !l.on).map((l) => l.to.id)).toEqual(['other']);
    expect(d.lines.every((l) => l.from.x < l.to.x)).toBe(true);
  });
  test('what has nothing before it stands beside its first use', () => {
    const d = draw(graph('data > r1', 'r1 > model', 'model > r2', 'late > r2', 'r2 > report'), 'model');
    expect(at(d, 'late').column).toBe(at(d, 'r2').column - 1);
  });
  test('a run that uses what it logged does not hang', () => {
    const d = draw(graph('r1 > model', 'model > r1'), 'model');
    expect(d.nodes).toHaveLength(2);
    expect(new Set(d.nodes.map((n) => n.column)).size).toBe(2);
  });
  test('nobody stands on another', () => {
    const d = draw(graph('data > r1', 'data > r2', 'r1 > x', 'r2 > y', 'r1 > z'), 'data');
    expect(new Set(d.nodes.map((n) => `${n.x} ${n.y}`)).size).toBe(d.nodes.length);
  });
});

describe('stacks', () => {
  const siblings = ['r1 > model99', ...Array.from({ length: 5 }, (_, i) => `r1 > model${i}`)];
  test('five siblings are one, four are four', () => {
    const d = draw(graph(...siblings), 'model99');
    expect(d.nodes).toHaveLength(3);
    expect(words(d.nodes.find((n) => n.of.length > 1)!, String)).toEqual({ title: '5 versions of model', note: 'v0 to v4' });
    expect(draw(graph(...siblings.slice(0, 5)), 'model99').nodes).toHaveLength(6);
  });
  test('an opened stack shows each', () => {
    const stack = draw(graph(...siblings), 'model99').nodes.find((n) => n.of.length > 1)!;
    expect(draw(graph(...siblings), 'model99', new Set([stack.id])).nodes).toHaveLength(7);
  });
  test('runs that each made one thing are a stack that leads to a stack', () => {
    const d = draw(graph(...Array.from({ length: 800 }, (_, i) => [`data > r${i}`, `r${i} > out${i}`]).flat()), 'data');
    expect(d.nodes.map((n) => n.of.length).sort((a, b) => a - b)).toEqual([1, 800, 800]);
    expect(d.lines).toHaveLength(2);
  });
  test('two thousand nodes that are not alike are drawn in a moment', () => {
    const edges = Array.from({ length: 1000 }, (_, i) => [`a${i >> 1} > r${i}`, `r${i} > a${i + 1}`]).flat(), began = performance.now();
    expect(draw(graph(...edges), 'a0').nodes.length).toBeGreaterThan(1900);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
