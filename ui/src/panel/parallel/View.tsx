// Parallel coordinates on a canvas. A brush on a column keeps the runs that pass; titles are dragged to reorder.
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { fade, paint, token } from '../../chart/colour';
import { int, midcut, num, short } from '../../data/format';
import { Button } from '../../parts/button';
import { Menu, MenuItem } from '../../parts/menu';
import { axisName, columnOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting, useFocus, useSize } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { ramp } from '../axis/ramp';
import { Tip, type TipAt } from '../inside/Tip';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { axisOf, moved, passes, type Axis, type Brush, type Column } from './lines';
import css from './parallel.module.css';

const TOP = 46, BOTTOM = 14, SIDE = 46;

export function ParallelView({ view, panel, title, head, bind, onConfig, onOpen }: PanelViewProps<'parallel'>) {
  const { columns, brushes: stored } = panel.config;
  const names = useMemo(() => columns.map((c) => columnOf(c.accessor)), [columns]);
  const { rows, pending, error, retry, left, none } = useRunValues(view, names);
  const focus = useFocus(view);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [w, h] = useSize(box);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tip, setTip] = useState<TipAt>(null);
  const [drag, setDrag] = useState<{ column: number; brush: Brush } | null>(null);
  const axes = useMemo(() => columns.map((c, i) => axisOf(c, rows.map((r) => r.values[i]))), [columns, rows]);
  const brushes = useMemo(() => columns.map((c, i) => (drag?.column === i ? drag.brush : stored?.[c.accessor])), [columns, stored, drag]);
  const lines = useMemo(() => rows.map((r) => ({ run: r.run, values: r.values, places: axes.map((a, i) => a.at(r.values[i])) })), [rows, axes]);
  const kept = useMemo(() => lines.filter((l) => passes(l.places, brushes)), [lines, brushes]);
  const step = columns.length > 1 ? (w - 2 * SIDE) / (columns.length - 1) : 0, X = (i: number) => (columns.length === 1 ? w / 2 : SIDE + i * step), Y = (p: number) => h - BOTTOM - p * (h - TOP - BOTTOM);
  const latest = useRef(kept);
  useEffect(() => {
    latest.current = kept;
  });
  useEffect(() => {
    bind({
      table: () => ({ head: ['Run', ...columns.map((c) => c.displayName || axisName(c.accessor))], rows: latest.current.map((l) => [l.run.display, ...l.values.map((v) => (typeof v === 'number' ? v : v === null || v === undefined ? null : String(v)))]) }),
      picture: () => canvas.current,
      reset: () => onConfig({ brushes: {} }),
    });
    return () => bind(null);
  }, [bind, columns, onConfig]);
  const theme = document.documentElement.dataset.theme;
  useEffect(() => {
    const c = canvas.current;
    if (!c || w === 0) return;
    const d = devicePixelRatio, g = c.getContext('2d')!;
    c.width = w * d;
    c.height = h * d;
    g.scale(d, d);
    g.lineWidth = 1.2;
    const last = axes.length - 1, in_ = new Set(kept);
    const draw = (l: (typeof lines)[number], colour: string, width: number) => {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.beginPath();
      let open = false;
      l.places.forEach((p, i) => {
        if (p === null) return void (open = false);
        if (open) {
          const x = X(i), before = X(i - 1), y0 = Y(l.places[i - 1]!);
          g.bezierCurveTo((x + before) / 2, y0, (x + before) / 2, Y(p), x, Y(p));
        } else g.moveTo(X(i), Y(p));
        open = true;
      });
      g.stroke();
    };
    const colour = (l: (typeof lines)[number]) => (l.places[last] === null || axes[last]?.scale === null ? paint(l.run.stroke.colour) : ramp(axes[last]!.column.inverted ? 1 - l.places[last]! : l.places[last]!));
    for (const l of lines) if (!in_.has(l)) draw(l, fade(token('--control'), 0.14), 1);
    const alpha = Math.max(0.25, Math.min(0.9, 12 / Math.sqrt(kept.length * 12 + 1)));
    for (const l of kept) draw(l, fade(colour(l), focus ? alpha * 0.3 : alpha), 1.3);
    const one = lines.find((l) => l.run.name === focus);
    if (one) draw(one, paint(one.run.stroke.colour), 2.6);
  });
  void theme;
  if (columns.length === 0) return <Said>No column was chosen yet: edit the panel.</Said>;
  if (error) return <SaidFailed what="The values could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  const set = (i: number, change: Partial<Column>) => onConfig({ columns: columns.map((c, k) => (k === i ? { ...c, ...change } : c)), brushes: without(stored, columns[i]!.accessor) });
  const any = Object.keys(stored ?? {}).length > 0;
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
            {any && <span>{int(kept.length)} of {int(lines.length)} runs</span>}
            {any && <Button small kind="ghost" onClick={() => onConfig({ brushes: {} })}>Clear brushes</Button>}
            {left > 0 && <span>{int(left)} runs not drawn</span>}
          </span>,
          head,
        )}
      <canvas ref={canvas} className={css.canvas} role="img" aria-label={words(title, axes, kept.length)} onPointerMove={(e) => { const l = nearest(e); view.setFocus(l?.run.name ?? null); setTip(l ? { x: e.clientX, y: e.clientY, text: `${l.run.display}: ${columns.map((c, i) => `${axisName(c.accessor)} ${show(l.values[i])}`).join(', ')}` } : null); }} onPointerLeave={() => (view.setFocus(null), setTip(null))} onClick={() => focus && onOpen(focus)} />
      {w > 0 && axes.map((a, i) => <AxisBar key={a.column.accessor} axis={a} x={X(i)} top={TOP} height={h - TOP - BOTTOM} width={Math.max(60, step - 8)} brush={brushes[i]} onDrag={(b) => setDrag(b ? { column: i, brush: b } : null)} onBrush={(b) => (setDrag(null), onConfig({ brushes: b ? { ...stored, [a.column.accessor]: b } : without(stored, a.column.accessor) }))} onMove={(by) => onConfig({ columns: moved(columns, i, i + by) })} onDrop={(px) => onConfig({ columns: moved(columns, i, Math.round((px - SIDE) / (step || 1))) })} onSet={(change) => set(i, change)} onRemove={() => onConfig({ columns: columns.filter((_, k) => k !== i) })} />)}
      <Tip at={tip} />
    </div>
  );
}

const without = (b: Record<string, Brush> | undefined, key: string) => Object.fromEntries(Object.entries(b ?? {}).filter(([k]) => k !== key));
const show = (v: unknown) => (typeof v === 'number' ? num(v) : v === null || v === undefined ? '–' : String(v));
const words = (title: string, axes: Axis[], n: number) => `${title}. ${int(n)} runs over ${axes.map((a) => `${axisName(a.column.accessor)}${a.scale ? ` from ${num(a.scale.min)} to ${num(a.scale.max)}` : `, ${a.words.length} values`}`).join('; ')}`;

type BarProps = { axis: Axis; x: number; top: number; height: number; width: number; brush: Brush | undefined; onDrag: (b: Brush | null) => void; onBrush: (b: Brush | null) => void; onMove: (by: number) => void; onDrop: (px: number) => void; onSet: (c: Partial<Column>) => void; onRemove: () => void };

function AxisBar({ axis, x, top, height, width, brush, onDrag, onBrush, onMove, onDrop, onSet, onRemove }: BarProps) {
  const c = axis.column, name = c.displayName || axisName(c.accessor);
  const start = useRef<number | null>(null);
  const part = (e: React.PointerEvent) => Math.max(0, Math.min(1, 1 - (e.clientY - e.currentTarget.getBoundingClientRect().top) / height));
  const ticks = axis.scale ? axis.scale.ticks.map((t) => ({ at: axis.at(t), text: short(t) })) : axis.words.slice(0, 12).map((t) => ({ at: axis.at(t), text: midcut(t, 12) }));
  const keys = (e: React.KeyboardEvent) => {
    const b = brush ?? [0, 1], by = e.key === 'ArrowUp' ? 0.05 : e.key === 'ArrowDown' ? -0.05 : 0;
    if (by) onBrush(e.shiftKey ? [b[0], Math.max(b[0], Math.min(1, b[1] + by))] : [Math.max(0, Math.min(b[1], b[0] + by)), b[1]]);
    else if (e.key === 'Escape' || e.key === 'Delete') onBrush(null);
    else if (e.altKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) onMove(e.key === 'ArrowRight' ? 1 : -1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <>
      <div
        className={css.title}
        style={{ left: x - width / 2, width }}
        draggable
        onDragStart={(e) => e.dataTransfer.setData('text/plain', name)}
        onDragEnd={(e) => onDrop(e.clientX - (e.currentTarget.parentElement?.getBoundingClientRect().left ?? 0))}
      >
        <Menu trigger={<button type="button" className="cut" title={`${name}\nDrag to reorder`} aria-label={`Column ${name}`}>{name}{c.log ? ' · log' : ''}{c.inverted ? ' · ↓' : ''}</button>}>
          <MenuItem onSelect={() => onSet({ log: !c.log })} disabled={!axis.scale}>{c.log ? 'Linear' : 'Logarithmic'}</MenuItem>
          <MenuItem onSelect={() => onSet({ inverted: !c.inverted })}>Turn over</MenuItem>
          <MenuItem icon="left" onSelect={() => onMove(-1)}>Move left</MenuItem>
          <MenuItem icon="right" onSelect={() => onMove(1)}>Move right</MenuItem>
          <MenuItem icon="x" onSelect={onRemove}>Remove column</MenuItem>
        </Menu>
      </div>
      <div
        className={css.axis}
        style={{ left: x - 12, top, height }}
        tabIndex={0}
        role="slider"
        aria-label={`Brush of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((brush?.[0] ?? 0) * 100)}
        aria-valuetext={brush ? `keeps ${Math.round(brush[0] * 100)} to ${Math.round(brush[1] * 100)} per cent of the axis` : 'keeps all; arrows move the lower end, ⇧ arrows the upper'}
        onKeyDown={keys}
        onPointerDown={(e) => {
          start.current = part(e);
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => start.current !== null && onDrag([Math.min(start.current, part(e)), Math.max(start.current, part(e))])}
        onPointerUp={(e) => {
          const a = start.current ?? 0, b = part(e);
          start.current = null;
          onBrush(Math.abs(a - b) < 0.02 ? null : [Math.min(a, b), Math.max(a, b)]);
        }}
      >
        <i className={css.rule} />
        {brush && <i className={css.brush} style={{ top: (1 - brush[1]) * height, height: Math.max(3, (brush[1] - brush[0]) * height) }} />}
        {ticks.map((t) => t.at !== null && <span key={t.text} className={css.tick} style={{ top: (1 - t.at) * height }}>{t.text}</span>)}
      </div>
    </>
  );
}
