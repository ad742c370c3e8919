// The runs of a workspace: the pages of the list that are wanted, groups, which are drawn, and with what strokes.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { colourOf, ofHex, strokes, type Stroke } from '../chart/colour';
import type { DrawnGroup, DrawnRun } from '../chart/view';
import { RUN_PAGE, type RunRow } from '../data/run';
import type { RunSetDoc } from '../panel/document';
import { filterOf } from '../panel/specruns';
import { look } from '../parts/look';
import { asked, colouring, groupRuns, items, leaves, type Item, type RunGroup } from './groups';
import { metricColumn } from './metric';
import { useRuns, type RunList } from './runs';
import { useGroupSizes } from './sizes';
import { absent, isVisible, MOST } from './visible';

export type RunSet = {
  runs: RunList;
  groups: RunGroup[];
  count: number;
  item: (i: number) => Item | undefined;
  drawn: DrawnRun[];
  drawnGroups: DrawnGroup[] | null;
  stroke: (id: string) => Stroke | undefined;
  visible: (id: string, i: number) => boolean;
  /** What the eye of a group switches. */
  shown: (g: RunGroup) => boolean;
  onRange: (first: number, last: number) => void;
  open: Set<string>;
  setOpen: (id: string, open: boolean) => void;
  /** Runs of a group in all, where the list holds only some of them. */
  sizes: Map<string, number>;
  beyond: number; // visible runs that are not drawn, since a thousand is the most
  left: number; // filters of the stored view that the server cannot answer
};

const same = (a: string[], b: string[]) => a.length === b.length && a.every((x, i) => x === b[i]);

export function useRunSet(path: string, set: RunSetDoc, metric: string | null): RunSet {
  const { filter, left } = useMemo(() => filterOf(set.filters), [set.filters]);
  const grouped = set.group.length > 0;
  const columns = useMemo(() => [...new Set([...(metric ? [metricColumn(metric)] : []), ...set.columns.filter(asked), ...set.group.filter(asked), ...(set.colourBy && asked(set.colourBy) ? [set.colourBy] : [])])], [metric, set.columns, set.group, set.colourBy]);
  const ask = useMemo(() => ({ project: path, q: set.query, filter, order: set.order, columns }), [path, set.query, filter, set.order, columns]);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const [found, setFound] = useState(MOST);
  const last = grouped || set.visible.base === 'all' || set.colourBy !== null ? Math.min(MOST, Math.max(1, found)) : 0;
  const pages = useMemo(() => {
    const all = new Set<number>([0]);
    if (!grouped) for (let p = Math.floor(range[0] / RUN_PAGE); p <= Math.floor(range[1] / RUN_PAGE) + (range[1] % RUN_PAGE > RUN_PAGE * 0.6 ? 1 : 0); p++) all.add(p);
    for (let p = 0; p * RUN_PAGE < last; p++) all.add(p);
    return [...all].sort((a, b) => a - b);
  }, [range, last, grouped]);
  const [away, setAway] = useState<string[]>([]);
  const runs = useRuns(ask, pages, away, set.pinned);
  useEffect(() => {
    if (!runs.pending && !runs.error) setFound(runs.found);
  }, [runs.pending, runs.error, runs.found]);
  useEffect(() => {
    const names = absent(set.visible, new Set(runs.loaded.map((r) => r.name))).filter((n) => !n.startsWith('group:'));
    setAway((old) => (same(old, names) ? old : names));
  }, [set.visible, runs.loaded]);

  const [open, setOpenGroups] = useState(new Set<string>());
  const setOpen = useCallback((id: string, on: boolean) => setOpenGroups((old) => {
    const next = new Set(old);
    if (on) next.add(id);
    else next.delete(id);
    return next;
  }), []);
  const groups = useMemo(() => (grouped ? groupRuns(runs.loaded.slice(0, MOST), set.group) : []), [grouped, runs.loaded, set.group]);
  const rows = useMemo(() => (grouped ? items(groups, open) : null), [grouped, groups, open]);
  const sizes = useGroupSizes(ask, set.group, grouped && runs.found > MOST);
  const beyond = grouped || set.visible.base === 'all' ? Math.max(0, runs.found - MOST) : 0;
  const pins = runs.pins;
  const item = useCallback((i: number): Item | undefined => {
    if (rows) return rows[i];
    if (i < pins.length) return { kind: 'run', run: pins[i]!, depth: 0, pin: true };
    const run = runs.row(i - pins.length);
    return run && { kind: 'run', run, depth: 0 };
  }, [rows, pins, runs]);

  const visible = useCallback((id: string, i: number) => isVisible(set.visible, id, i), [set.visible]);
  const all = useMemo(() => leaves(groups), [groups]);
  const drawn = useMemo(() => (grouped ? ofGroups(all, set) : ofRuns(runs, pages, set)), [grouped, all, set, runs, pages]);
  const stroke = useCallback((id: string) => drawn.by.get(id), [drawn]);
  const shown = useCallback((g: RunGroup) => leaves([g]).some((l) => drawn.by.has(l.id)), [drawn]);
  const onRange = useCallback((a: number, b: number) => setRange((o) => (o[0] === a && o[1] === b ? o : [a, b])), []);
  return { runs, groups, count: rows ? rows.length : pins.length + runs.found, item, drawn: drawn.runs, drawnGroups: drawn.groups, stroke, visible, shown, onRange, open, setOpen, sizes, beyond, left };
}

type Drawn = { runs: DrawnRun[]; groups: DrawnGroup[] | null; by: Map<string, Stroke> };
const drawnRun = (r: RunRow, stroke: Stroke): DrawnRun => ({ name: r.name, display: r.display || r.name, state: r.state, steps: r.steps, stroke, ...(r.branches ? { branches: r.branches } : {}) });

/** The visible runs of a plain list, with a stroke for each. */
function ofRuns(runs: RunList, pages: number[], set: RunSetDoc): Drawn {
  const rows = new Map<string, RunRow>();
  for (const r of [...runs.pins, ...runs.extra]) if (set.visible.over[r.name]) rows.set(r.name, r);
  for (const p of pages) for (let i = p * RUN_PAGE; i < (p + 1) * RUN_PAGE; i++) {
    const r = runs.row(i);
    if (!r) break;
    if (isVisible(set.visible, r.name, i)) rows.set(r.name, r);
  }
  for (const r of runs.pins) if (set.visible.base !== 'none' && set.visible.over[r.name] !== false) rows.set(r.name, r);
  const some = [...rows.values()].slice(0, MOST);
  const colour = colouring(set.colourBy ? runs.loaded : some, set.colours, set.colourBy);
  const by = strokes(some.map((r) => ({ name: r.name, ordinal: r.ordinal, colour: colour(r) })), look('dashes') === 'all');
  if (set.baseline !== null && by.has(set.baseline)) by.set(set.baseline, { ...by.get(set.baseline)!, bold: true });
  return { runs: some.map((r) => drawnRun(r, by.get(r.name)!)), groups: null, by };
}

/** The visible groups, and their runs with the group's stroke. A run that was hidden by hand is no member. */
function ofGroups(all: RunGroup[], set: RunSetDoc): Drawn {
  const by = new Map<string, Stroke>(), runs: DrawnRun[] = [], groups: DrawnGroup[] = [];
  all.forEach((g, i) => {
    if (!isVisible(set.visible, g.id, i) || runs.length >= MOST) return;
    const hand = set.colours[g.id];
    const stroke = { colour: (hand === undefined ? null : ofHex(hand)) ?? colourOf(i), dash: hand === undefined ? Math.floor(i / 16) % 4 : 0 };
    const members = g.runs.filter((r) => set.visible.over[r.name] !== false).slice(0, MOST - runs.length);
    by.set(g.id, stroke);
    for (const r of members) {
      by.set(r.name, stroke);
      runs.push(drawnRun(r, stroke));
    }
    if (members.length) groups.push({ name: g.id, display: g.path.join(', '), stroke, runs: members.map((r) => r.name), live: members.some((r) => r.state === 'running') });
  });
  return { runs, groups, by };
}
