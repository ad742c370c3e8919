// The run list: stroke and eye, name, state, a metric and other columns, a small line; groups where it is grouped.
// Virtual: ten thousand runs are thirty rows.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { View } from '../chart/view';
import { foldName, int, midcut, num, sharedPrefixes } from '../data/format';
import { delta, goalOf } from '../data/goal';
import type { RunRow } from '../data/run';
import { useKeys } from '../keys';
import { useTheme } from '../parts/usetheme';
import { cell, meanOf, type Item } from '../runset/groups';
import { GroupRow, RunRowView, type RowActs } from './Row';
import { metricColumn, metricValue } from '../runset/metric';
import { useSparks } from './sparks';
import type { RunSet } from '../runset/useRunSet';
import css from './workspace.module.css';

type Props = {
  entity: string;
  project: string;
  view: View;
  set: RunSet;
  metric: string | null;
  columns: string[];
  baseline: string | null;
  pinned: string[];
  width: number;
  acts: RowActs;
  selected: ReadonlySet<string>;
  /** Selects runs, or takes them out of the selection. */
  onSelect: (runs: string[], on: boolean) => void;
  /** Asks for a tag for the selection. */
  onTag: () => void;
  onOpen: (run: string) => void;
};

const idOf = (it: Item | undefined): string | undefined => (it?.kind === 'run' ? (it.pin ? 'pin:' : '') + it.run.name : it?.group.id);

export function RunList({ entity, project, view, set, metric, columns, baseline, pinned, width, acts, selected, onSelect, onTag, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [cur, setCur] = useState(0);
  const touch = useTouch(), height = touch ? 36 : 28, { count, item, onRange } = set;
  const v = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12, getItemKey: (i) => idOf(item(i)) ?? i });
  const rows = v.getVirtualItems();
  const first = rows[0]?.index ?? 0, last = rows[rows.length - 1]?.index ?? 0;
  useEffect(() => onRange(first, last), [first, last, onRange]);
  useEffect(() => v.measure(), [v, height]);

  const shown = useMemo(() => rows.flatMap((it) => { const x = item(it.index); return x?.kind === 'run' ? [x.run] : []; }), [rows, item]);
  const sparks = useSparks(`${entity}/${project}`, metric, shown);
  const shared = useMemo(() => sharedPrefixes(shown.map((r) => r.display || r.name)), [shown]);
  useFocusMark(box, view);
  const theme = useTheme();
  const lastOf = (r: RunRow) => (metric === null ? null : metricValue(r.values[metricColumn(metric)]));
  const baseRow = baseline === null ? undefined : (set.runs.pins.find((r) => r.name === baseline) ?? set.runs.loaded.find((r) => r.name === baseline));
  const base = baseRow ? lastOf(baseRow) : null;
  const letters = Math.floor(((touch ? innerWidth : width) - 186) / 6.6); // what fits beside the other columns

  const at = Math.min(cur, Math.max(0, count - 1)), here = item(at);
  const armed = useRef(false); // Enter opens once j or k chose a row, also before the focus has followed
  const visible = (i: number): boolean => {
    const it = item(i);
    return it?.kind === 'group' ? set.shown(it.group) : !!it && set.stroke(it.run.name) !== undefined;
  };
  const anchor = useRef(0); // where a range of the selection begins
  const runsFrom = (a: number, b: number): string[] => {
    const names: string[] = [];
    for (let i = Math.min(a, b); i <= Math.max(a, b); i++) {
      const it = item(i);
      if (it?.kind === 'run') names.push(it.run.name);
    }
    return names;
  };
  const select = (i: number, ranged: boolean) => {
    const it = item(i);
    if (it?.kind !== 'run') return;
    if (ranged) onSelect(runsFrom(anchor.current, i), true);
    else {
      onSelect([it.run.name], !selected.has(it.run.name));
      anchor.current = i;
    }
  };
  const move = (by: number): number => {
    armed.current = true;
    const n = Math.max(0, Math.min(count - 1, document.activeElement?.closest('[data-run]') ? at + by : at));
    setCur(n);
    v.scrollToIndex(n, { align: 'auto' });
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-at="${n}"] [data-name]`)?.focus({ preventScroll: true }));
    const it = item(n);
    view.setFocus(it && visible(n) ? (it.kind === 'run' ? it.run.name : it.group.id) : null);
    return n;
  };
  useKeys({
    'run.next': () => void move(1),
    'run.previous': () => void move(-1),
    'run.select': () => select(at, false),
    'run.range.down': () => select(move(1), true),
    'run.range.up': () => select(move(-1), true),
    'run.tag': () => {
      if (selected.size === 0) {
        if (here?.kind !== 'run') return;
        onSelect([here.run.name], true);
      }
      onTag();
    },
    'run.open': () => {
      if (!armed.current || !here) return;
      if (here.kind === 'run') onOpen(here.run.name);
      else set.setOpen(here.group.id, !here.open);
    },
    'run.toggle': () => here && acts.onToggle(here, visible(at)),
    'run.only': () => here && acts.onOnly(here),
    'run.peek': () => here?.kind === 'run' && acts.onPeek(here.run.name),
    'run.baseline': () => here?.kind === 'run' && acts.onBaseline(here.run.name),
  });
  return (
    <div
      ref={box}
      className={css.list}
      role="list"
      aria-label={set.groups.length ? `${int(set.groups.length)} groups` : `${int(set.runs.found)} runs`}
      onMouseMove={(e) => {
        const el = (e.target as HTMLElement).closest<HTMLElement>('[data-run]');
        view.setFocus(el && el.dataset.on ? (el.dataset.run ?? null) : null);
      }}
      onMouseLeave={() => view.setFocus(null)}
      onClickCapture={(e) => {
        const row = (e.target as HTMLElement).closest<HTMLElement>('[data-at]');
        if (!row || !(e.metaKey || e.ctrlKey || e.shiftKey) || (e.target as HTMLElement).closest('button')) return;
        e.preventDefault();
        e.stopPropagation();
        select(Number(row.dataset.at), e.shiftKey);
      }}
    >
      <div role="presentation" style={{ height: v.getTotalSize(), position: 'relative' }}>
        {rows.map((row) => {
          const it = item(row.index);
          const place = { at: row.index, top: row.start, count, current: row.index === at, theme, acts, onCurrent: setCur };
          if (!it) return <div key={row.key} className={css.rr} style={{ transform: `translateY(${row.start}px)` }} role="listitem" aria-busy="true"><span /><span className={css.bar} /></div>;
          if (it.kind === 'group') return <GroupRow key={row.key} {...place} group={it.group} of={set.sizes.get(it.group.id) ?? it.group.runs.length} open={it.open} on={set.shown(it.group)} stroke={set.stroke(it.group.id)} value={metric === null ? '' : num(meanOf(it.group.runs, metricColumn(metric)))} onOpenChange={set.setOpen} />;
          const r = it.run, name = r.display || r.name;
          return (
            <RunRowView
              key={row.key}
              {...place}
              entity={entity}
              project={project}
              run={r}
              depth={it.depth}
              pin={it.pin === true}
              on={set.stroke(r.name) !== undefined}
              stroke={set.stroke(r.name)}
              baseline={baseline === r.name}
              pinned={pinned.includes(r.name)}
              selected={selected.has(r.name)}
              value={metric === null ? '' : num(lastOf(r))}
              {...(baseline === null ? {} : versus(metric ?? '', lastOf(r), base))}
              cells={columns.map((c) => cellText(cell(r, c))).join('\n')}
              spark={sparks.get(r.name)}
              fold={shorten(foldName(name, shared, shown.length), letters - it.depth * 2)}
            />
          );
        })}
      </div>
    </div>
  );
}

/** A run's last value beside the baseline's: the difference, and whether it is better. */
function versus(metric: string, v: number | null, base: number | null): { delta: string; better: number } {
  return { delta: delta(v, base), better: v === null || base === null ? 0 : Math.sign(goalOf(metric) * (v - base)) };
}

const cellText = (text: string): string => (text !== '' && Number.isFinite(Number(text)) ? num(Number(text)) : text.replaceAll('\n', ' '));

/** Cuts the middle of what is left of a name: its end tells siblings apart. */
const shorten = ([dots, name]: [string, string], n: number): [string, string] => [dots, midcut(name, Math.max(10, n - dots.length))];

/** Lights the row of the run in focus, without drawing React anew. */
function useFocusMark(box: React.RefObject<HTMLDivElement | null>, view: View): void {
  useEffect(
    () =>
      view.on((a) => {
        if (a !== 'focus') return;
        for (const el of box.current?.querySelectorAll('[data-focus]') ?? []) el.removeAttribute('data-focus');
        if (view.focus !== null) box.current?.querySelector(`[data-run="${CSS.escape(view.focus)}"]`)?.setAttribute('data-focus', '');
      }),
    [box, view],
  );
}

function useTouch(): boolean {
  const q = '(max-width: 760px)';
  const [touch, set] = useState(() => matchMedia(q).matches);
  useEffect(() => {
    const m = matchMedia(q);
    const f = () => set(m.matches);
    m.addEventListener('change', f);
    return () => m.removeEventListener('change', f);
  }, []);
  return touch;
}
