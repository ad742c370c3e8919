// Which parts of the axes are brushed, and what a new brush does: it changes the list's query, or where runs come from
// no list, the panel.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useView, type View } from '../../chart/view';
import { columnOf } from '../axis/axis';
import type { ParallelConfig } from '../config';
import { brushed, brushIn, reachIn } from './filter';
import { axisOf, reachOf, type Axis, type Brush, type Reach } from './lines';

const SOON = 350; // ms after the last key

/** What brushed axes reached over, by field: panels may go and come back while the list is filtered. */
const reached = new WeakMap<View, Map<string, Reach>>();
function reachesOf(view: View): Map<string, Reach> {
  let m = reached.get(view);
  if (!m) reached.set(view, (m = new Map()));
  return m;
}

/** `axes` are those of the runs in view; a brushed one keeps what it reached over before its brush. */
export function useBrushes(view: View, config: ParallelConfig, axes: Axis[], onConfig: (c: Partial<ParallelConfig>) => void) {
  useView(view);
  const { columns, brushes: own } = config, query = view.narrowing?.query ?? null;
  const [now, setNow] = useState<{ column: string; brush: Brush | null } | null>(null);
  const kept = reachesOf(view);
  const wide = useMemo(
    () =>
      axes.map((a, i) => {
        const c = columns[i]!, field = columnOf(c.accessor);
        if (query === null) return a;
        const asked = reachIn(query, field);
        if (asked.numbers.length + asked.words.length === 0) return a;
        const before = kept.get(field) ?? { numbers: [], words: [] };
        return axisOf(c, [], { numbers: [...reachOf(a).numbers, ...asked.numbers, ...before.numbers], words: [...reachOf(a).words, ...asked.words, ...before.words] });
      }),
    [axes, columns, query, kept],
  );
  const brushes = useMemo(() => columns.map((c, i): Brush | undefined => (now?.column === c.accessor ? (now.brush ?? undefined) : query === null ? own?.[c.accessor] : (brushIn(query, columnOf(c.accessor), wide[i]!) ?? undefined))), [columns, own, now, query, wide]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const commit = (i: number, brush: Brush | null) => {
    const { accessor } = columns[i]!;
    setNow(null);
    if (!view.narrowing) return onConfig({ brushes: brush ? { ...own, [accessor]: brush } : Object.fromEntries(Object.entries(own ?? {}).filter(([k]) => k !== accessor)) });
    kept.set(columnOf(accessor), reachOf(wide[i]!));
    view.narrowing.change(brushed(view.narrowing.query, columnOf(accessor), wide[i]!, brush));
  };
  return {
    axes: wide,
    brushes,
    any: brushes.some(Boolean),
    drag: (i: number, brush: Brush | null) => setNow(brush && { column: columns[i]!.accessor, brush }),
    brush: (i: number, brush: Brush | null, soon = false) => {
      clearTimeout(timer.current);
      if (!soon) return commit(i, brush);
      setNow({ column: columns[i]!.accessor, brush });
      timer.current = setTimeout(() => commit(i, brush), SOON);
    },
    clear: () => {
      setNow(null);
      if (!view.narrowing) return onConfig({ brushes: {} });
      view.narrowing.change(columns.reduce((q, c, i) => brushed(q, columnOf(c.accessor), wide[i]!, null), view.narrowing.query));
    },
  };
}
