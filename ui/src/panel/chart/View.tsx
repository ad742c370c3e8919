// A custom chart: rows of the runs in view, a spec, and a frame that draws it.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { paint } from '../../chart/colour';
import { int } from '../../data/format';
import { mediaQuery } from '../../data/media';
import { runDocsQuery } from '../../data/runset';
import { Slider } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { Said, SaidFailed, SaidWaiting, useDrawn, useSize } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { Sandbox, type SandboxHandle } from '../inside/Sandbox';
import type { PanelViewProps } from '../kind';
import { stepsOf } from '../media/items';
import { definition, specOf } from './definition';
import { chartConfig } from './look';
import type { Spec } from './preset';
import { CHART_RUNS, chartRowsQuery, ROWS_MOST, wanted, type Row } from './rows';
import { tryChart } from './trial';
import css from './chart.module.css';

const NONE: Row[] = [];

export function ChartView({ view, panel, title, head, bind }: PanelViewProps<'chart'>) {
  const { runs, names, left, live, version } = useDrawn(view, CHART_RUNS);
  const docs = useQuery({ ...runDocsQuery(view.project, names, live), placeholderData: keepPreviousData });
  const def = useMemo(() => definition(panel.config, docs.data ?? []), [panel.config, docs.data]);
  const want = useMemo(() => wanted(def?.userQuery), [def]);
  const media = useQueries({ queries: want.tables.map((t) => mediaQuery(view.project, names, t.key, live)) });
  const known = media.every((m) => m.data);
  const steps = useMemo(() => stepsOf(want.tables.flatMap((t, i) => (t.history ? (media[i]?.data ?? []) : []))), [want, media]);
  const [step, setStep] = useState<number | null>(null);
  const rows = useQuery({ ...chartRowsQuery(view.project, runs, want, docs.data ?? [], media.map((m) => m.data ?? []), step), enabled: known && def !== null && docs.data !== undefined && names.length > 0, placeholderData: keepPreviousData });
  const table = useRef<Row[]>(NONE);
  useEffect(() => {
    table.current = rows.data?.rows ?? NONE;
  });
  const frame = useRef<SandboxHandle>(null);
  const svg = useRef<string | null>(null);
  useEffect(() => {
    bind({ table: () => tableOfRows(table.current), picture: () => svg.current });
    return () => bind(null);
  }, [bind]);
  const spec = useMemo(() => (def ? specOf(def, { names: runs.map((r) => r.display), colours: runs.map((r) => paint(r.stroke.colour)) }) : null), [def, runs, version]); // eslint-disable-line react-hooks/exhaustive-deps -- the theme is in version
  const failed = docs.error ?? media.find((m) => m.error)?.error ?? rows.error;
  if (names.length === 0) return <Said>No run is visible.</Said>;
  if (failed && !rows.data) return <SaidFailed what="The chart's data could not be read." error={failed} retry={() => (void docs.refetch(), media.forEach((m) => void m.refetch()), void rows.refetch())} />;
  if (docs.data && !def) return <Said>No run in view has the chart <code>{panel.config.visualize ?? ''}</code></Said>;
  if (spec && 'error' in spec) return <Said bad>{spec.error}</Said>;
  if (!rows.data || !spec) return <SaidWaiting what={`Reading ${title}`} />;
  if (rows.data.rows.length === 0) return <Said>No run in view logged the data of this chart{want.tables.length ? <> (<code>{want.tables.map((t) => t.key).join(', ')}</code>)</> : ''}.</Said>;
  return (
    <div className={css.chart}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            {left > 0 && <span>{int(runs.length)} of {int(runs.length + left)} runs</span>}
            {rows.data.cut && <span title={`A chart has up to ${int(ROWS_MOST)} rows of all its runs`}>first {int(rows.data.rows.length)} rows</span>}
            {rows.data.said.length > 0 && <span title={rows.data.said.join('\n')}><Icon name="warn" small /></span>}
          </span>,
          head,
        )}
      <Drawn key={version} spec={spec.spec} rows={rows.data.rows} label={`${title}: ${int(rows.data.rows.length)} rows of ${int(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}`} frame={frame} svg={svg} />
      {steps.length > 1 && (
        <div className={css.steps}>
          <Slider label={`Step of ${title}`} min={0} max={steps.length - 1} step={1} value={step === null ? steps.length - 1 : Math.max(0, steps.indexOf(step))} onValue={(i) => setStep(i === steps.length - 1 ? null : steps[i]!)} />
          <output className="num small">step {int(step ?? steps[steps.length - 1]!)}</output>
        </div>
      )}
    </div>
  );
}

function Drawn({ spec, rows, label, frame, svg }: { spec: Spec; rows: Row[]; label: string; frame: React.RefObject<SandboxHandle | null>; svg: React.RefObject<string | null> }) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [w, h] = useSize(box);
  const [said, setSaid] = useState('');
  const sized = useMemo(() => (w > 40 && h > 40 ? fit(spec, w, h) : null), [spec, w, h]);
  const [tried, setTried] = useState<{ of: Spec; vega?: unknown; svg?: string; error?: string; said: string[] } | null>(null);
  useEffect(() => {
    if (!sized) return;
    const left = new AbortController();
    const timer = setTimeout(() => {
      tryChart(sized, chartConfig(), rows, left.signal).then(
        (t) => setTried({ of: sized, vega: t.vega, svg: t.svg, said: t.said }),
        (e: Error) => e.name !== 'AbortError' && setTried({ of: sized, error: e.message, said: [] }),
      );
    }, 60);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [sized, rows]);
  const drawing = useMemo(() => (tried?.vega ? { spec: tried.vega } : null), [tried]);
  const src = useBlob(tried?.svg);
  useEffect(() => {
    svg.current = tried?.svg ?? null;
  });
  // The worker's picture stands until somebody comes near: a frame for each chart of a board would be a process each.
  const [near, setNear] = useState(false);
  const words = said || (tried?.said[0] ?? '');
  return (
    <div ref={setBox} className={css.plot} data-chart={tried ? (tried.error ? 'failed' : 'drawn') : 'waiting'} onPointerEnter={() => setNear(true)} onFocus={() => setNear(true)}>
      {tried?.error !== undefined ? (
        <Said bad>
          <b>The chart cannot be drawn.</b> {tried.error}
        </Said>
      ) : drawing ? (
        <div className={css.scroll} tabIndex={0} role="group" aria-label={label}>
          {src && <img className={css.picture} src={src} alt={label} />}
          {near && <div className={css.live}><Sandbox page="chart" drawing={drawing} label={label} onSaid={setSaid} handle={frame} /></div>}
        </div>
      ) : (
        <SaidWaiting what={`Trying ${label}`} />
      )}
      {words && !tried?.error && <p className={css.said} title={words}>{words}</p>}
    </div>
  );
}

/** An address for a picture, as long as it is shown. */
function useBlob(svg: string | undefined): string {
  const [src, setSrc] = useState('');
  useEffect(() => {
    if (!svg) return;
    const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    setSrc(url);
    return () => URL.revokeObjectURL(url);
  }, [svg]);
  return src;
}

/** A spec whose size is the panel's, where it leaves that open. */
function fit(spec: Spec, w: number, h: number): Spec {
  const pad = 16, open = (v: unknown) => v === undefined || v === 'container';
  if ('facet' in spec || 'concat' in spec || 'hconcat' in spec || 'vconcat' in spec || 'repeat' in spec) return spec;
  return { ...spec, ...(open(spec.width) ? { width: w - pad } : {}), ...(open(spec.height) ? { height: h - pad } : {}), autosize: spec.autosize ?? { type: 'fit', contains: 'padding' }, padding: spec.padding ?? 8 };
}

function tableOfRows(rows: Row[]): { head: string[]; rows: (string | number | null)[][] } {
  const keys = [...new Set(rows.slice(0, 100).flatMap((r) => Object.keys(r)))].filter((k) => !['name', 'id', 'run_id', '_defaultColorIndex'].includes(k));
  return { head: keys, rows: rows.slice(0, 10_000).map((r) => keys.map((k) => (typeof r[k] === 'number' ? (r[k] as number) : r[k] === null || r[k] === undefined ? null : String(r[k])))) };
}
