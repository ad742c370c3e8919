// Parallel coordinates on a canvas. A brush on a column is a condition of the list's query, so that all panels show the
// runs that pass; where there is no list it keeps them in this panel. Titles are dragged to reorder.
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { int, num } from '../../data/format';
import { Button } from '../../parts/button';
import { axisName, columnOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting, useFocus, useSize } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { Tip, type TipAt } from '../inside/Tip';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { AxisBar } from './AxisBar';
import { useBrushes } from './brushes';
import { axisOf, moved, passes, type Axis, type Column } from './lines';
import { parallelPicture, paintLines, nameOf, type Line } from './paint';
import css from './parallel.module.css';

const TOP = 46, BOTTOM = 14, SIDE = 46;

export function ParallelView({ view, panel, title, head, bind, onConfig, onOpen }: PanelViewProps<'parallel'>) {
  const { columns } = panel.config;
  const names = useMemo(() => columns.map((c) => columnOf(c.accessor)), [columns]);
  const { rows, pending, error, retry, left, none } = useRunValues(view, names);
  const focus = useFocus(view);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [w, h] = useSize(box);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tip, setTip] = useState<TipAt>(null);
  const fresh = useMemo(() => columns.map((c, i) => axisOf(c, rows.map((r) => r.values[i]))), [columns, rows]);
  const { axes, brushes, any, drag, brush, clear } = useBrushes(view, panel.config, fresh, onConfig);
  const lines = useMemo((): Line[] => rows.map((r) => ({ run: r.run, values: r.values, places: axes.map((a, i) => a.at(r.values[i])) })), [rows, axes]);
  const kept = useMemo(() => lines.filter((l) => passes(l.places, brushes)), [lines, brushes]);
  const step = columns.length > 1 ? (w - 2 * SIDE) / (columns.length - 1) : 0, X = (i: number) => (columns.length === 1 ? w / 2 : SIDE + i * step), Y = (p: number) => h - BOTTOM - p * (h - TOP - BOTTOM);
  const latest = useRef(kept), cleared = useRef(clear), pictured = useRef<Parameters<typeof parallelPicture>[0] | null>(null);
  useEffect(() => {
    latest.current = kept;
    cleared.current = clear;
    pictured.current = w > 0 ? { lines, kept: new Set(kept), axes, X, Y, focus: null, width: w, height: h, top: TOP, bottom: BOTTOM } : null;
  });
  useEffect(() => {
    bind({
      table: () => ({ head: ['Run', ...columns.map(nameOf)], rows: latest.current.map((l) => [l.run.display, ...l.values.map((v) => (typeof v === 'number' ? v : v === null || v === undefined ? null : String(v)))]) }),
      picture: () => (pictured.current ? parallelPicture(pictured.current) : null),
      reset: () => cleared.current(),
    });
    return () => bind(null);
  }, [bind, columns]);
  useEffect(() => {
    const c = canvas.current;
    if (!c || w === 0) return;
    const d = devicePixelRatio, g = c.getContext('2d')!;
    c.width = w * d;
    c.height = h * d;
    g.scale(d, d);
    paintLines(g, { lines, kept: new Set(kept), axes, X, Y, focus });
  });
  if (columns.length === 0) return <Said>No column was chosen yet: edit the panel.</Said>;
  if (error) return <SaidFailed what="The values could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  // A brush of the panel's own is in parts of the axis, which now lie elsewhere.
  const set = (i: number, change: Partial<Column>) => onConfig({ columns: columns.map((c, k) => (k === i ? { ...c, ...change } : c)), ...(view.narrowing ? {} : { brushes: {} }) });
  const nearest = (e: React.PointerEvent): (typeof lines)[number] | null => {
    const r = e.currentTarget.getBoundingClientRect(), x = e.clientX - r.left, y = e.clientY - r.top;
    let best: (typeof lines)[number] | null = null, near = 14;
    const i = Math.max(0, Math.min(columns.length - 2, Math.floor((x - SIDE) / (step || 1)))), t = columns.length > 1 ? (x - X(i)) / step : 0;
    for (const l of kept) {
      const a = l.places[i] ?? null, b = l.places[Math.min(columns.length - 1, i + 1)] ?? null;
      if (a === null || b === null) continue;
      const s = t * t * (3 - 2 * t), dist = Math.abs(Y(a + (b - a) * s) - y);
      if (dist < near) [best, near] = [l, dist];
    }
    return best;
  };
  return (
    <div ref={setBox} className={inside.fill} role="group" aria-label={`${title}: ${int(kept.length)} of ${int(lines.length)} runs pass`}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            {any && <span>{int(kept.length)}{view.narrowing ? '' : ` of ${int(lines.length)}`} {kept.length === 1 ? 'run passes' : 'runs pass'}</span>}
            {any && <Button small kind="ghost" onClick={clear}>Clear brushes</Button>}
            {left > 0 && <span>{int(left)} runs not drawn</span>}
          </span>,
          head,
        )}
      <canvas ref={canvas} className={css.canvas} role="img" aria-label={words(title, axes, kept.length)} onPointerMove={(e) => { const l = nearest(e); view.setFocus(l?.run.name ?? null); setTip(l ? { x: e.clientX, y: e.clientY, text: `${l.run.display}: ${columns.map((c, i) => `${axisName(c.accessor)} ${show(l.values[i])}`).join(', ')}` } : null); }} onPointerLeave={() => (view.setFocus(null), setTip(null))} onClick={() => focus && onOpen(focus)} />
      {w > 0 && axes.map((a, i) => <AxisBar key={a.column.accessor} axis={a} x={X(i)} top={TOP} height={h - TOP - BOTTOM} width={Math.max(60, step - 8)} brush={brushes[i]} onDrag={(b) => drag(i, b)} onBrush={(b, soon) => brush(i, b, soon)} onMove={(by) => onConfig({ columns: moved(columns, i, i + by) })} onDrop={(px) => onConfig({ columns: moved(columns, i, Math.round((px - SIDE) / (step || 1))) })} onSet={(change) => set(i, change)} onRemove={() => onConfig({ columns: columns.filter((_, k) => k !== i) })} />)}
      <Tip at={tip} />
    </div>
  );
}

const show = (v: unknown) => (typeof v === 'number' ? num(v) : v === null || v === undefined ? '–' : String(v));
const words = (title: string, axes: Axis[], n: number) => `${title}. ${int(n)} runs over ${axes.map((a) => `${axisName(a.column.accessor)}${a.scale ? ` from ${num(a.scale.min)} to ${num(a.scale.max)}` : `, ${a.words.length} values`}`).join('; ')}`;
