// One number: the metric of the run, or of the runs in view together.
import { useEffect, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import { paint } from '../../chart/colour';
import { int, num } from '../../data/format';
import { axisName, columnOf, numberOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import { statOf } from '../bar/stat';
import css from './scalar.module.css';

const NAMES = { mean: 'mean', median: 'median', min: 'least', max: 'most' } as const;

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
    bind({ table: () => ({ head: ['Run', axisName(metric)], rows: latest.current.map((r) => [r.run.display, r.v]) }) });
    return () => bind(null);
  }, [bind, metric]);
  if (!metric) return <Said>No metric was chosen yet.</Said>;
  if (error) return <SaidFailed what="The value could not be read." error={error} retry={retry} />;
  if (pending) return <SaidWaiting what={`Reading ${title}`} />;
  if (none) return <Said>No run is visible.</Said>;
  if (values.length === 0) return <Said>No run in view has <code>{axisName(metric)}</code></Said>;
  const s = statOf(values.map((r) => r.v)), one = values.length === 1 ? values[0]! : null;
  const shown = one ? one.v : groupAgg === 'mean' ? s.mean : groupAgg === 'median' ? s.median : groupAgg === 'min' ? s.min : s.max;
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
