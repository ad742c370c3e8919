// The lineage as a drawing: what is alike becomes one stack, the rest stands in columns, left to right.
import { int } from '../data/format';
import type { Lineage, LineageNode } from '../data/lineage';

export const WIDTH = 184, HEIGHT = 44;
const COLUMN = 252, ROW = 60, EDGE = 24;
/** So many alike make a stack. */
export const STACK = 5;

/** A run, a version, or a stack of them (`of` has more than one). `on`: it leads to the current version, or from it. */
export type Placed = { id: string; of: LineageNode[]; isRun: boolean; current: boolean; on: boolean; column: number; x: number; y: number; before: string[]; after: string[] };
export type Line = { from: Placed; to: Placed; on: boolean };
export type Drawing = { nodes: Placed[]; lines: Line[]; width: number; height: number };

type Link = { before: Set<string>; after: Set<string> };

/** Who stands for whom: the id of a node's stack, or its own. Nodes of the same kind with the same neighbours are alike;
 *  of a neighbour that has no other only the kind counts, so that runs with an artifact each are alike too. */
function stacks(l: Lineage, links: Map<string, Link>, current: string, open: ReadonlySet<string>): Map<string, string> {
  const byID = new Map(l.nodes.map((n) => [n.id, n]));
  const kind = (n: LineageNode) => (n.isRun ? 'run' : `version ${n.type}`);
  const degree = (id: string) => links.get(id)!.before.size + links.get(id)!.after.size;
  const loose = (id: string) => degree(id) === 1 && id !== current;
  const stands = new Map(l.nodes.map((n) => [n.id, n.id]));
  const gather = (nodes: LineageNode[], sign: (n: LineageNode) => string) => {
    const groups = new Map<string, LineageNode[]>();
    for (const n of nodes) {
      const k = sign(n), g = groups.get(k);
      if (g) g.push(n);
      else groups.set(k, [n]);
    }
    for (const [k, g] of groups) if (g.length >= STACK && !open.has('stack ' + k)) for (const n of g) stands.set(n.id, 'stack ' + k);
  };
  const names = (ids: Set<string>, of: (id: string) => string) => [...new Set([...ids].map(of))].sort().join();
  const firm = l.nodes.filter((n) => n.id !== current && !loose(n.id));
  gather(firm, (n) => `${kind(n)}|${names(links.get(n.id)!.before, (id) => (loose(id) ? kind(byID.get(id)!) : id))}|${names(links.get(n.id)!.after, (id) => (loose(id) ? kind(byID.get(id)!) : id))}`);
  gather(l.nodes.filter((n) => loose(n.id)), (n) => `${kind(n)}|${names(links.get(n.id)!.before, (id) => stands.get(id)!)}|${names(links.get(n.id)!.after, (id) => stands.get(id)!)}`);
  return stands;
}

/** All that can be reached from a node in one direction. */
function reach(nodes: Map<string, Placed>, from: string, side: 'before' | 'after'): Set<string> {
  const seen = new Set([from]), todo = [from];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) for (const next of nodes.get(id)![side]) if (!seen.has(next)) { seen.add(next); todo.push(next); }
  return seen;
}

/** An order in which edges lead forward, but for those that close a circle (a run that uses what it logged). */
function forward(nodes: Map<string, Placed>): Placed[] {
  const out: Placed[] = [], seen = new Set<string>();
  for (const first of nodes.values()) {
    const todo: [Placed, number][] = seen.has(first.id) ? [] : [[first, 0]];
    seen.add(first.id);
    while (todo.length) {
      const top = todo[todo.length - 1]!, next = top[0].after[top[1]++];
      if (next === undefined) { out.push(top[0]); todo.pop(); }
      else if (!seen.has(next)) { seen.add(next); todo.push([nodes.get(next)!, 0]); }
    }
  }
  return out.reverse();
}

/** Columns: right of everything before; what has nothing before stands just left of its first use. */
function columns(nodes: Map<string, Placed>): Placed[][] {
  const order = forward(nodes), place = new Map(order.map((n, i) => [n.id, i]));
  const leads = (a: string, b: string) => place.get(a)! < place.get(b)!;
  for (const n of order) n.column = Math.max(0, ...n.before.filter((b) => leads(b, n.id)).map((b) => nodes.get(b)!.column + 1));
  for (const n of [...order].reverse()) {
    const after = n.after.filter((a) => leads(n.id, a));
    if (!n.before.some((b) => leads(b, n.id)) && after.length) n.column = Math.min(...after.map((a) => nodes.get(a)!.column)) - 1;
  }
  const all: Placed[][] = [];
  for (const n of order) (all[n.column] ??= []).push(n);
  return Array.from(all, (c) => c ?? []);
}

/** Puts each near the middle of its neighbours, to and fro, so that few lines cross. */
function settle(nodes: Map<string, Placed>, cols: Placed[][]): void {
  const tallest = Math.max(1, ...cols.map((c) => c.length));
  const stand = (c: Placed[]) => c.forEach((n, i) => { n.y = EDGE + ((tallest - c.length) / 2 + i) * ROW; });
  cols.forEach(stand);
  for (let sweep = 0; sweep < 6; sweep++) {
    const side = sweep % 2 ? 'after' : 'before';
    for (const c of sweep % 2 ? [...cols].reverse() : cols) {
      const mean = new Map(c.map((n) => [n, n[side].length ? n[side].reduce((s, id) => s + nodes.get(id)!.y, 0) / n[side].length : n.y]));
      c.sort((a, b) => mean.get(a)! - mean.get(b)!);
      stand(c);
    }
  }
  cols.forEach((c, i) => c.forEach((n) => { n.x = EDGE + i * COLUMN; }));
}

/** The drawing around the version `current`. Stacks whose ids are in `open` are shown one by one. */
export function draw(l: Lineage, current: string, open: ReadonlySet<string> = new Set()): Drawing {
  const links = new Map<string, Link>(l.nodes.map((n) => [n.id, { before: new Set(), after: new Set() }]));
  for (const e of l.edges) {
    const [from, to] = e.output ? [e.run, e.artifact] : [e.artifact, e.run];
    links.get(from)?.after.add(to);
    links.get(to)?.before.add(from);
  }
  const stands = stacks(l, links, current, open);
  const nodes = new Map<string, Placed>();
  for (const n of l.nodes) {
    const id = stands.get(n.id)!, have = nodes.get(id);
    if (have) have.of.push(n);
    else nodes.set(id, { id, of: [n], isRun: n.isRun, current: n.id === current, on: false, column: 0, x: 0, y: 0, before: [], after: [] });
  }
  for (const p of nodes.values()) {
    p.before = [...new Set(p.of.flatMap((n) => [...links.get(n.id)!.before].map((id) => stands.get(id)!)))];
    p.after = [...new Set(p.of.flatMap((n) => [...links.get(n.id)!.after].map((id) => stands.get(id)!)))];
  }
  if (!nodes.has(current)) return { nodes: [], lines: [], width: 0, height: 0 };
  const cols = columns(nodes);
  settle(nodes, cols);
  const before = reach(nodes, current, 'before'), after = reach(nodes, current, 'after');
  const all = [...nodes.values()];
  for (const p of all) p.on = before.has(p.id) || after.has(p.id);
  const lines = all.flatMap((from) => from.after.map((id): Line => ({ from, to: nodes.get(id)!, on: (before.has(from.id) && before.has(id)) || (after.has(from.id) && after.has(id)) })));
  return { nodes: all, lines, width: cols.length * COLUMN - COLUMN + WIDTH + 2 * EDGE, height: Math.max(...all.map((p) => p.y)) + HEIGHT + EDGE };
}

/** What a node is called, and a line about it. */
export function words(p: Placed, bytes: (n: number) => string): { title: string; note: string } {
  const first = p.of[0]!;
  if (p.of.length > 1) {
    const one = p.of.every((n) => n.name === first.name), versions = p.of.flatMap((n) => (n.versionIndex === null ? [] : [n.versionIndex]));
    if (p.isRun) return { title: `${int(p.of.length)} runs`, note: [...new Set(p.of.map((n) => n.state))].join(', ') };
    return one ? { title: `${int(p.of.length)} versions of ${first.name}`, note: `v${Math.min(...versions)} to v${Math.max(...versions)}` } : { title: `${int(p.of.length)} artifacts`, note: first.type };
  }
  if (first.isRun) return { title: first.displayName || first.name, note: [first.state, first.type].filter(Boolean).join(', ') };
  return { title: `${first.name}:v${first.versionIndex ?? '?'}`, note: [first.aliases.find((a) => a !== 'latest') ?? first.aliases[0], first.type, first.size === null ? null : bytes(first.size)].filter(Boolean).join(', ') };
}
