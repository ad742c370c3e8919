// Bars, boxes or violins of summary values: of runs, or of groups of them.
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { paint } from '../../chart/colour';
import { int, midcut, num, short } from '../../data/format';
import { columnOf, axisName, numberOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting, useFocus, useSize } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { scale } from '../axis/ticks';
import { Tip, type TipAt } from '../inside/Tip';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { aggregate, barsOf, density, statOf, type Bar } from './stat';
import css from './bar.module.css';

const LIMIT = 100;

export function BarView({ view, panel, title, settings, head, bind, onOpen }: PanelViewProps<'bar'>) {
  const { metrics, groupBy, groupAgg = 'mean', plotStyle = 'bar', barLimit = LIMIT } = panel.config;
  const columns = useMemo(() => [...metrics.map(columnOf), columnOf(groupBy)], [metrics, groupBy]);
  const { rows, pending, error, retry, left, none } = useRunValues(view, columns);
  const focus = useFocus(view);
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [w, h] = useSize(box);
  const [tip, setTip] = useState<TipAt>(null);
  const bars = useMemo(() => barsOf(rows.map((r) => ({ run: r.run.name, display: r.run.display, colour: r.run.stroke.colour, values: metrics.map((_, k) => numberOf(r.values[k])), group: String(r.values[metrics.length] ?? 'none') })), metrics.map(axisName), Boolean(groupBy), plotStyle !== 'bar'), [rows, metrics, groupBy, plotStyle]);
  const shown = bars.slice(0, barLimit);
  const svg = useRef<SVGSVGElement>(null);
  const latest = useRef(shown);
  useEffect(() => {
    latest.current = shown;
  });
  useEffect(() => {
    bind({
      table: () => ({ head: ['Bar', 'Metric', 'Values', 'Mean', 'Least', 'Quartile 1', 'Median', 'Quartile 3', 'Most'], rows: latest.current.map((b) => { const s = statOf(b.values); return [b.label, b.metric, s.n, s.mean, s.min, s.q1, s.median, s.q3, s.max]; }) }),
      picture: () => svg.current,
    });
    return () => bind(null);
  }, [bind]);
  if (metrics.length === 0) return <Said>No metric was chosen yet.</Said>;
  if (error) return <SaidFailed what="The values could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  if (bars.length === 0) return <Said>No run in view has <code>{metrics.map(axisName).join(', ')}</code></Said>;
  const many = metrics.length > 1, row = Math.max(16, Math.min(34, (h - 26) / shown.length)), height = Math.max(h, row * shown.length + 26);
  const name = Math.min(150, Math.max(60, w * 0.32));
  const lo = settings.yMin, hi = settings.yMax;
  const s = scale(shown.flatMap((b) => b.values), { log: settings.logY, zero: plotStyle === 'bar', min: lo, max: hi, n: Math.max(2, Math.floor((w - name) / 70)) });
  const X = (v: number) => name + Math.max(0, Math.min(1, s.at(v))) * (w - name - 54);
  const zero = s.log ? name : X(Math.max(s.min, Math.min(s.max, 0)));
  const lost = shown.reduce((n, b) => n + statOf(b.values).dropped, 0);
  return (
    <div ref={setBox} className={css.box} tabIndex={0} role="group" aria-label={`${title}: ${int(shown.length)} bars`}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            {groupBy && <span>{plotStyle === 'bar' ? `${groupAgg} by` : 'by'} {axisName(groupBy)}</span>}
            {bars.length > shown.length && <span>{int(shown.length)} of {int(bars.length)} bars</span>}
            {left > 0 && <span>{int(left)} runs not drawn</span>}
            {lost > 0 && <span>{int(lost)} NaN or Inf</span>}
          </span>,
          head,
        )}
      <svg ref={svg} width={w} height={height} role="img" aria-label={summary(title, shown)} style={{ position: 'static' }}>
        {s.ticks.map((t) => (
          <g key={t}>
            <line x1={X(t)} x2={X(t)} y1={0} y2={height - 22} stroke="var(--grid)" />
            <text x={X(t)} y={height - 8} textAnchor="middle" className={css.tick}>{short(t)}</text>
          </g>
        ))}
        {shown.map((b, i) => {
          const st = statOf(b.values), y = i * row, mid = y + row / 2, fill = b.colour === null ? paint(many ? metrics.map(axisName).indexOf(b.metric) : i) : many ? paint(metrics.map(axisName).indexOf(b.metric)) : paint(b.colour);
          const dim = focus !== null && b.run !== null && b.run !== focus;
          return (
            <g key={`${b.run ?? b.label} ${b.metric}`} opacity={dim ? 0.3 : 1} className={b.run ? css.link : undefined} onPointerMove={(e) => setTip({ x: e.clientX, y: e.clientY, text: words(b) })} onPointerEnter={() => b.run && view.setFocus(b.run)} onPointerLeave={() => (setTip(null), view.setFocus(null))} onClick={() => b.run && onOpen(b.run)}>
              <rect x={0} y={y} width={w} height={row} fill="transparent" />
              <text x={name - 8} y={mid + 4} textAnchor="end" className={css.name}>{midcut(many ? `${b.label} ${b.metric}` : b.label, Math.floor(name / 6.4))}</text>
              <Mark bar={b} st={st} style={plotStyle} agg={groupAgg} X={X} zero={zero} mid={mid} half={Math.min(11, row * 0.36)} fill={fill} />
            </g>
          );
        })}
      </svg>
      <Tip at={tip} />
    </div>
  );
}

type MarkProps = { bar: Bar; st: ReturnType<typeof statOf>; style: 'bar' | 'boxplot' | 'violin'; agg: 'mean' | 'median' | 'min' | 'max'; X: (v: number) => number; zero: number; mid: number; half: number; fill: string };

function Mark({ bar, st, style, agg, X, zero, mid, half, fill }: MarkProps) {
  if (st.n === 0) return <text x={zero + 4} y={mid + 4} className={css.tick}>{num(bar.values[0] ?? NaN)}</text>;
  if (style === 'violin') {
    const d = density(bar.values);
    const side = (f: 1 | -1) => d.map((p) => `${X(p.at).toFixed(1)},${(mid - f * p.d * half).toFixed(1)}`);
    return (
      <>
        <polygon points={[...side(1), ...side(-1).reverse()].join(' ')} fill={fill} fillOpacity={0.35} stroke={fill} />
        <line x1={X(st.q1)} x2={X(st.q3)} y1={mid} y2={mid} stroke={fill} strokeWidth={3} />
        <circle cx={X(st.median)} cy={mid} r={3} fill="var(--surface)" stroke={fill} strokeWidth={1.5} />
        {d.length === 1 && <circle cx={X(st.median)} cy={mid} r={3} fill={fill} />}
      </>
    );
  }
  if (style === 'boxplot')
    return (
      <>
        <line x1={X(st.low)} x2={X(st.high)} y1={mid} y2={mid} stroke={fill} />
        {[st.low, st.high].map((v, i) => <line key={i} x1={X(v)} x2={X(v)} y1={mid - half / 2} y2={mid + half / 2} stroke={fill} />)}
        <rect x={X(st.q1)} y={mid - half} width={Math.max(1, X(st.q3) - X(st.q1))} height={half * 2} fill={fill} fillOpacity={0.35} stroke={fill} />
        <line x1={X(st.median)} x2={X(st.median)} y1={mid - half} y2={mid + half} stroke={fill} strokeWidth={2} />
        {st.odd.slice(0, 200).map((v, i) => <circle key={i} cx={X(v)} cy={mid} r={2} fill="none" stroke={fill} />)}
      </>
    );
  const v = aggregate(st, agg), a = Math.min(zero, X(v)), b = Math.max(zero, X(v));
  return (
    <>
      <rect x={a} y={mid - half} width={Math.max(1, b - a)} height={half * 2} fill={fill} rx={1.5} />
      {st.n > 1 && <line x1={X(st.min)} x2={X(st.max)} y1={mid} y2={mid} stroke="var(--t1)" strokeWidth={1.5} />}
      <text x={b + 5} y={mid + 4} className={css.value}>{num(v)}</text>
    </>
  );
}

const words = (b: Bar): string => {
  const s = statOf(b.values);
  return s.n > 1 ? `${b.label}, ${b.metric}: mean ${num(s.mean)}, ${num(s.min)} to ${num(s.max)}, ${int(s.n)} runs` : `${b.label}, ${b.metric}: ${num(b.values[0] ?? NaN)}`;
};
const summary = (title: string, bars: Bar[]) => `${title}. ${bars.slice(0, 8).map(words).join('. ')}${bars.length > 8 ? `. ${bars.length - 8} more.` : ''}`;
