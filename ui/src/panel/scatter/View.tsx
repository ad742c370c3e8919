// One dot per run: two values against each other, a third as colour.
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { paint } from '../../chart/colour';
import { int, num, short } from '../../data/format';
import { axisName, columnOf, numberOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting, useFocus, useSize } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { ramp, rampColours } from '../axis/ramp';
import { scale } from '../axis/ticks';
import { Tip, type TipAt } from '../inside/Tip';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { frontier, pearson, regression } from './fit';
import css from './scatter.module.css';

const time = (v: unknown) => (typeof v === 'string' && /^\d{4}-\d\d-\d\dT/.test(v) ? Date.parse(v) / 1000 : numberOf(v));

export function ScatterView({ view, panel, title, settings, head, bind, onOpen }: PanelViewProps<'scatter'>) {
  const c = panel.config, { xAxis, yAxis, zAxis } = c;
  const columns = useMemo(() => [columnOf(xAxis), columnOf(yAxis), columnOf(zAxis)], [xAxis, yAxis, zAxis]);
  const { rows, pending, error, retry, left, none } = useRunValues(view, columns);
  const focus = useFocus(view);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [w, h] = useSize(box);
  const [tip, setTip] = useState<TipAt>(null);
  const svg = useRef<SVGSVGElement>(null);
  const logX = c.xAxisLogScale ?? settings.logX, logY = c.yAxisLogScale ?? settings.logY;
  const dots = useMemo(() => rows.map((r) => ({ run: r.run, x: time(r.values[0]), y: time(r.values[1]), z: zAxis ? time(r.values[2]) : NaN })).filter((d) => Number.isFinite(d.x) && Number.isFinite(d.y) && (!logX || d.x > 0) && (!logY || d.y > 0)), [rows, zAxis, logX, logY]);
  const at = useRef({ dots, i: -1 });
  useEffect(() => {
    at.current.dots = dots;
  });
  useEffect(() => {
    bind({
      key: (e) => {
        if (!e.shiftKey || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return false;
        const order = [...at.current.dots].sort((a, b) => a.x - b.x);
        at.current.i = Math.max(0, Math.min(order.length - 1, at.current.i + (e.key === 'ArrowRight' ? 1 : -1)));
        view.setFocus(order[at.current.i]?.run.name ?? null);
        e.stopPropagation();
        return true;
      },
      leave: () => view.setFocus(null),
      table: () => ({ head: ['Run', axisName(xAxis), axisName(yAxis), ...(zAxis ? [axisName(zAxis)] : [])], rows: at.current.dots.map((d) => [d.run.display, d.x, d.y, ...(zAxis ? [d.z] : [])]) }),
      picture: () => svg.current,
    });
    return () => bind(null);
  }, [bind, view, xAxis, yAxis, zAxis]);
  if (!xAxis || !yAxis) return <Said>Choose what the axes show: edit the panel.</Said>;
  if (error) return <SaidFailed what="The values could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  if (dots.length === 0) return <Said>No run in view has both <code>{axisName(xAxis)}</code> and <code>{axisName(yAxis)}</code></Said>;
  const L = 52, R = 14, T = 8, B = 36, sx = scale(dots.map((d) => d.x), { log: logX, n: Math.max(2, (w - L) / 80) }), sy = scale(dots.map((d) => d.y), { log: logY, n: Math.max(2, (h - B) / 44), min: settings.yMin, max: settings.yMax });
  const zs = dots.map((d) => d.z).filter(Number.isFinite), sz = zs.length ? scale(zs) : null;
  const pad = 0.04, X = (v: number) => L + (pad + sx.at(v) * (1 - 2 * pad)) * (w - L - R), Y = (v: number) => h - B - (pad + sy.at(v) * (1 - 2 * pad)) * (h - T - B);
  const line = c.showLinearRegression ? regression(dots, sx.log, sy.log) : null, front = c.frontier ? frontier(dots, c.frontier) : [];
  const dropped = rows.length - dots.length, r = pearson(dots);
  const colour = (d: (typeof dots)[number]) => (zAxis ? (sz && Number.isFinite(d.z) ? ramp(sz.at(d.z)) : 'var(--control)') : paint(d.run.stroke.colour));
  const words = (d: (typeof dots)[number]) => `${d.run.display}: ${axisName(xAxis)} ${num(d.x)}, ${axisName(yAxis)} ${num(d.y)}${zAxis ? `, ${axisName(zAxis)} ${num(d.z)}` : ''}`;
  const span = Array.from({ length: 33 }, (_, i) => (sx.log ? sx.min * (sx.max / sx.min) ** (i / 32) : sx.min + ((sx.max - sx.min) * i) / 32));
  return (
    <div ref={setBox} className={inside.fill}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            {zAxis && sz && (
              <span className={css.ramp} title={`${axisName(zAxis)}: ${num(sz.min)} to ${num(sz.max)}`}>
                {axisName(zAxis)} {short(sz.min)} {rampColours().map((k) => <i key={k} style={{ background: k }} />)} {short(sz.max)}
              </span>
            )}
            {dropped > 0 && <span title="They have no finite value of both, or none above zero on a logarithmic axis">{int(dropped)} runs without a place</span>}
            {left > 0 && <span>{int(left)} runs not drawn</span>}
          </span>,
          head,
        )}
      {w > 0 && (
        <svg ref={svg} width={w} height={h} role="img" aria-label={`${title}. ${int(dots.length)} runs. ${Number.isNaN(r) ? '' : `Correlation ${num(r, 2)}. `}${dots.slice(0, 8).map(words).join('. ')}`}>
          {sy.ticks.map((t) => (
            <g key={'y' + t}>
              <line x1={L} x2={w - R} y1={Y(t)} y2={Y(t)} stroke="var(--grid)" />
              <text x={L - 6} y={Y(t) + 4} textAnchor="end" className={css.tick}>{short(t)}</text>
            </g>
          ))}
          {sx.ticks.map((t) => (
            <text key={'x' + t} x={X(t)} y={h - B + 14} textAnchor="middle" className={css.tick}>{xAxis === 'run:createdAt' ? new Date(t * 1000).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) : short(t)}</text>
          ))}
          <text x={(w + L) / 2} y={h - 5} textAnchor="middle" className={css.axis}>{axisName(xAxis)}</text>
          <text x={L} y={T + 6} textAnchor="start" className={css.axis}>{axisName(yAxis)}</text>
          {line && <polyline points={span.map((x) => `${X(x)},${Y(line(x))}`).join(' ')} fill="none" stroke="var(--t3)" strokeDasharray="5 4" />}
          {front.length > 1 && <polyline points={front.flatMap((d, i) => (i ? [`${X(d.x)},${Y(front[i - 1]!.y)}`, `${X(d.x)},${Y(d.y)}`] : [`${X(d.x)},${Y(d.y)}`])).join(' ')} fill="none" stroke="var(--accent)" strokeWidth={1.5} />}
          {dots.map((d) => {
            const on = focus === d.run.name;
            return <circle key={d.run.name} className={css.dot} cx={X(d.x)} cy={Y(d.y)} r={on ? 6.5 : 4.5} fill={colour(d)} fillOpacity={focus && !on ? 0.25 : 0.9} stroke={on ? 'var(--t1)' : 'var(--surface)'} strokeWidth={on ? 1.5 : 1} onPointerEnter={(e) => (view.setFocus(d.run.name), setTip({ x: e.clientX, y: e.clientY, text: words(d) }))} onPointerLeave={() => (view.setFocus(null), setTip(null))} onClick={() => onOpen(d.run.name)} />;
          })}
        </svg>
      )}
      <Tip at={tip} />
    </div>
  );
}
