// One number: the metric of the run, or of the runs in view together.
import { useEffect, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import { paint, token } from '../../chart/colour';
import { svgPage, SvgPen } from '../../chart/pen';
import { int, num } from '../../data/format';
import { axisName, columnOf, numberOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { statOf } from '../bar/stat';
import css from './scalar.module.css';

const NAMES = { mean: 'mean', median: 'median', min: 'least', max: 'most' } as const;

/** One value is itself, also when it is not finite. */
const together = (values: number[], agg: keyof typeof NAMES): number => (values.length === 1 ? values[0]! : statOf(values)[agg]);

/** The number as SVG: on screen it is text. */
function scalarPicture(title: string, value: string, what: string): string {
  const g = new SvgPen(), w = 320, family = token('--font');
  g.textAlign = 'center';
  for (const [text, size, colour, y] of [[title, 13, '--t2', 28], [value, 44, '--t1', 88], [what, 13, '--t2', 118]] as const) {
    g.font = `${size}px ${family}`;
    g.fillStyle = token(colour);
    g.fillText(text, w / 2, y);
  }
  return svgPage(w, 140, g);
}

export function ScalarView({ view, panel, title, head, bind, onOpen }: PanelViewProps<'scalar'>) {
  const { metrics, groupAgg = 'mean' } = panel.config;
  const metric = metrics[0] ?? '';
  const columns = useMemo(() => [columnOf(metric)], [metric]);
  const { rows, pending, error, retry, none, left } = useRunValues(view, columns);
  const values = rows.map((r) => ({ run: r.run, v: numberOf(r.values[0]), raw: r.values[0] })).filter((r) => r.raw !== null && r.raw !== undefined);
  const latest = useRef(values);
  useEffect(() => {
    latest.current = values;
  });
  useEffect(() => {
    bind({
      table: () => ({ head: ['Run', axisName(metric)], rows: latest.current.map((r) => [r.run.display, r.v]) }),
      picture: () => (latest.current.length ? scalarPicture(title, num(together(latest.current.map((r) => r.v), groupAgg)), latest.current.length === 1 ? latest.current[0]!.run.display : `${NAMES[groupAgg]} of ${int(latest.current.length)} runs`) : null),
    });
    return () => bind(null);
  }, [bind, metric, title, groupAgg]);
  if (!metric) return <Said>No metric was chosen yet.</Said>;
  if (error) return <SaidFailed what="The value could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  if (values.length === 0) return <Said>No run in view has <code>{axisName(metric)}</code></Said>;
  const s = statOf(values.map((r) => r.v)), one = values.length === 1 ? values[0]! : null;
  const shown = together(values.map((r) => r.v), groupAgg);
  const best = [...values].filter((r) => Number.isFinite(r.v)).sort((a, b) => (groupAgg === 'max' ? b.v - a.v : a.v - b.v)).slice(0, 3);
  return (
    <div className={css.scalar}>
      {head && left > 0 && createPortal(<span className={inside.meta}>{int(left)} runs left out</span>, head)}
      <strong className="num" title={String(shown)}>{num(shown)}</strong>
      <span className={css.what}>{one ? <button type="button" onClick={() => onOpen(one.run.name)}>{one.run.display}</button> : `${NAMES[groupAgg]} of ${int(values.length)} runs${s.dropped ? `, ${int(s.dropped)} NaN or Inf left out` : ''}`}</span>
      {!one && (
        <span className={`${css.more} num`}>
          {num(s.min)} to {num(s.max)}
          {best.map((r) => (
            <button type="button" key={r.run.name} className="row" title={r.run.display} onClick={() => onOpen(r.run.name)}>
              <i style={{ background: paint(r.run.stroke.colour) }} />
              {num(r.v)}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
