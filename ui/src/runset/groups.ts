// Groups of runs: by one column or several, nested, of the runs that the list has loaded.
import { colourOf, ofHex, ofRamp } from '../chart/colour';
import { natural } from '../chart/sections';
import type { RunRow } from '../data/run';
import { metricValue } from './metric';

export type RunGroup = { id: string; depth: number; column: string; value: string; path: string[]; runs: RunRow[]; children: RunGroup[] };
export const NONE = '(none)';

/** What a run has in a column, as text. */
export function cell(r: RunRow, column: string): string {
  switch (column) {
    case 'state':
      return r.state;
    case 'group':
      return r.group || NONE;
    case 'job_type':
      return r.jobType || NONE;
    case 'username':
      return r.user || NONE;
    case 'tags':
      return [...r.tags].sort(natural).join(', ') || NONE;
    case 'display_name':
      return r.display || r.name;
    case 'created_at':
      return r.created.slice(0, 10);
  }
  return valueText(r.values[column]) || NONE;
}

/** A value of the run table as text; empty for none. */
export function valueText(v: unknown): string {
  if (v === null || v === undefined) return '';
  if (Array.isArray(v) && v.every((x) => typeof x === 'string')) return [...v].sort(natural).join(', ');
  const inner = typeof v === 'object' && 'last' in v ? v.last : v;
  return typeof inner === 'object' ? JSON.stringify(inner) : String(inner);
}

/** Whether the server has to be asked for a column's values. */
export const asked = (column: string): boolean => column.startsWith('config.') || column.startsWith('summary_metrics.');

/** The tree of groups, values in natural order, what has none last. */
export function groupRuns(rows: RunRow[], columns: string[], path: string[] = []): RunGroup[] {
  const [column, ...rest] = columns;
  if (column === undefined) return [];
  const by = new Map<string, RunRow[]>();
  for (const r of rows) {
    const v = cell(r, column);
    const list = by.get(v);
    if (list) list.push(r);
    else by.set(v, [r]);
  }
  const order = [...by.keys()].sort((a, b) => Number(a === NONE) - Number(b === NONE) || natural(a, b));
  return order.map((value) => {
    const here = [...path, value], runs = by.get(value)!;
    return { id: 'group:' + JSON.stringify(here), depth: path.length, column, value, path: here, runs, children: groupRuns(runs, rest, here) };
  });
}

/** The innermost groups, in order: one line each. */
export const leaves = (groups: RunGroup[]): RunGroup[] => groups.flatMap((g) => (g.children.length ? leaves(g.children) : [g]));

/** Mean of a metric over a group's runs; null when none has it. */
export function meanOf(runs: RunRow[], column: string): number | null {
  let n = 0, sum = 0;
  for (const r of runs) {
    const v = metricValue(r.values[column]);
    if (v === null || !Number.isFinite(v)) continue;
    n++;
    sum += v;
  }
  return n ? sum / n : null;
}

export type Item = { kind: 'run'; run: RunRow; depth: number; pin?: boolean } | { kind: 'group'; group: RunGroup; open: boolean };

/** The rows of a grouped list: groups, and the runs of those that are open. */
export function items(groups: RunGroup[], open: Set<string>): Item[] {
  return groups.flatMap((g): Item[] => {
    const is = open.has(g.id);
    const inside: Item[] = !is ? [] : g.children.length ? items(g.children, open) : g.runs.map((run) => ({ kind: 'run', run, depth: g.depth + 1 }));
    return [{ kind: 'group', group: g, open: is }, ...inside];
  });
}

/** Colours of runs: by hand, by a column (a ramp for numbers, the palette for words), or none of these. */
export function colouring(rows: RunRow[], byHand: Record<string, string>, column: string | null): (r: RunRow) => number | undefined {
  const hand = (r: RunRow) => (byHand[r.name] === undefined ? undefined : (ofHex(byHand[r.name]!) ?? undefined));
  if (column === null) return hand;
  const values = [...new Set(rows.map((r) => cell(r, column)).filter((v) => v !== NONE))];
  const numbers = values.map(Number);
  if (values.length > 1 && numbers.every(Number.isFinite)) {
    const lo = Math.min(...numbers), hi = Math.max(...numbers);
    // Learning rates and their like span decades: the ramp follows the exponent then.
    const log = lo > 0 && hi / lo >= 100, f = log ? Math.log : (x: number) => x;
    return (r) => hand(r) ?? (cell(r, column) === NONE ? undefined : ofRamp((f(Number(cell(r, column))) - f(lo)) / (f(hi) - f(lo) || 1)));
  }
  const at = new Map([...values].sort(natural).map((v, i) => [v, i]));
  return (r) => hand(r) ?? (at.has(cell(r, column)) ? colourOf(at.get(cell(r, column))!) : undefined);
}
