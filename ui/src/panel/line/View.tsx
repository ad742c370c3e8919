// The inside of a line panel: LinePanel draws, this brings its words and its part of the header.
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { LinePanel, type LineSpec } from '../../chart/LinePanel';
import { enroll } from '../../chart/roster';
import { damageCount, damageWords, type Damage, type PanelStatus } from '../../chart/status';
import { int } from '../../data/format';
import { Button } from '../../parts/button';
import { Icon } from '../../parts/icon';
import type { PanelHandle, PanelViewProps } from '../kind';
import { faultWords, isFault, readFormula } from './formula';
import { Legend, type LegendRow } from './Legend';
import { lineTable } from './values';
import css from '../panel.module.css';

const NONE: ReadonlySet<string> = new Set();
const FULL = 10_000; // buckets over the whole window

export function LineView({ view, panel, title, settings, full, head, bind, onSettings, onOpen }: PanelViewProps<'line'>) {
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLSpanElement>(null);
  const line = useRef<LinePanel | null>(null);
  const [status, setStatus] = useState<PanelStatus>({ kind: 'waiting' });
  const { spec, fault } = useSpec(title, panel.config);
  const { metrics } = spec;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(NONE);
  const first = useRef({ spec, settings, hidden });
  useEffect(() => {
    const p = new LinePanel(box.current!, () => readout.current, view, first.current.spec, { settings: first.current.settings, ...(full ? { alone: true, buckets: FULL } : {}) }, (s) => said.current(s), onOpen);
    line.current = p;
    const out = enroll(view, p);
    return () => {
      out();
      p.destroy();
      line.current = null;
    };
  }, [view, onOpen, full]);
  useEffect(() => {
    if (first.current.spec === spec && first.current.settings === settings && first.current.hidden === hidden) return;
    first.current = { spec, settings, hidden };
    line.current?.update(spec, { settings, hidden, ...(full ? { alone: true, buckets: FULL } : {}) });
  }, [spec, settings, hidden, full]);
  // Each picture says what it drew; what the legend hides stays in its list.
  const [legend, setLegend] = useState<LegendRow[]>([]);
  const said = useRef((s: PanelStatus) => setStatus(s));
  useEffect(() => {
    said.current = (s) => {
      setStatus(s);
      if (settings.legend && s.kind === 'drawn') setLegend((old) => [...(line.current?.rows() ?? []).map((r) => ({ label: r.run, colour: r.colour, last: r.last })), ...old.filter((o) => hidden.has(o.label))]);
    };
  });
  const log = settings.logY;
  const toggle = useRef(() => undefined as void);
  useEffect(() => {
    toggle.current = () => onSettings({ logY: !log });
  });
  useEffect(() => {
    bind(handle(line, () => toggle.current()));
    return () => bind(null);
  }, [bind]);
  return (
    <>
      {head && createPortal(<Head status={status} shown={view.runs.length} log={log} full={full} title={title} readout={readout} onLog={() => onSettings({ logY: !log })} />, head)}
      <div ref={box} className={[css.plot, settings.legend && css.legended, status.kind === 'waiting' && css.ph].filter(Boolean).join(' ')} role={status.kind === 'failed' || (status.kind === 'empty' && status.damaged.length > 0) ? 'group' : 'img'} aria-label={title}>
        {fault && (
          <div className={`${css.said} ${css.bad}`} role="alert">
            <span>
              The expression <code>{fault.text}</code> cannot be read: {fault.words}
            </span>
          </div>
        )}
        {!fault && status.kind === 'empty' && <Empty metrics={metrics} damaged={status.damaged} />}
        {status.kind === 'failed' && (
          <div className={`${css.said} ${css.bad}`}>
            <span>{status.error.message}</span>
            <Button small onClick={() => line.current?.retry()}>
              Retry
            </Button>
          </div>
        )}
      </div>
      {settings.legend && <Legend title={title} rows={legend} hidden={hidden} onHidden={setHidden} box={box} here={() => line.current?.here() ?? []} />}
    </>
  );
}

/** Why there are no lines. */
function Empty({ metrics, damaged }: { metrics: string[]; damaged: Damage[] }) {
  if (damaged.length > 0)
    return (
      <div className={`${css.said} ${css.bad}`} role="alert">
        <b>{damageCount(damaged)}, and no other has a value</b>
        <span className={css.damage}>{damageWords(damaged)}</span>
      </div>
    );
  if (metrics.length === 0) return <div className={css.said}>No metric was chosen yet.</div>;
  return (
    <div className={css.said}>
      <span>
        No run in view logged <code>{metrics.join(', ')}</code>
      </span>
    </div>
  );
}

/** What a panel's config asks to draw; an expression that cannot be read draws nothing and is said. */
function useSpec(title: string, c: PanelViewProps<'line'>['panel']['config']): { spec: LineSpec; fault: { text: string; words: string } | null } {
  const { metrics, stream, step, expressions, xExpression } = c;
  return useMemo(() => {
    const base = { title, metrics, stream: stream ?? 'history', step: step ?? null } as const;
    const shown = (expressions ?? []).filter((e) => e.trim() !== ''), x = xExpression?.trim() ?? '';
    if (shown.length === 0 && x === '') return { spec: base, fault: null };
    const asked: string[] = [];
    for (const text of x ? [...shown, x] : shown) {
      const f = readFormula(text, metrics);
      if (isFault(f)) return { spec: { ...base, metrics: [] }, fault: { text, words: faultWords(f) } };
      asked.push('=' + f.text);
    }
    const by = x ? { x: asked.pop()! } : {};
    return { spec: shown.length ? { ...base, metrics: shown, keys: asked, ...by } : { ...base, ...by }, fault: null };
  }, [title, metrics, stream, step, expressions, xExpression]);
}

function handle(line: React.RefObject<LinePanel | null>, toggleLog: () => void): PanelHandle {
  return {
    key: (e) => {
      if (e.key === 'l' && !e.shiftKey) toggleLog();
      else if (e.shiftKey && (e.key === 'ArrowRight' || e.key === 'ArrowLeft')) {
        line.current?.step(e.key === 'ArrowRight' ? 1 : -1);
        e.stopPropagation();
      } else return false;
      return true;
    },
    leave: () => line.current?.endStep(),
    table: () => lineTable(line.current?.rows() ?? [], line.current?.damaged() ?? []),
    picture: () => line.current?.picture ?? null,
    vector: () => line.current?.vector() ?? null,
    reset: () => line.current?.reset(),
  };
}

/** What the picture leaves out, in words; the value at the crosshair; the switch of the axis. */
function Head({ status: s, shown, log, full, title, readout, onLog }: { status: PanelStatus; shown: number; log: boolean; full: boolean; title: string; readout: React.RefObject<HTMLSpanElement | null>; onLog: () => void }) {
  const drawn = s.kind === 'drawn' ? s : null;
  const quiet = !drawn || (!drawn.hidden && !drawn.cut && !drawn.unplaced && !drawn.left && !drawn.of && drawn.damaged.length === 0);
  return (
    <>
      <span className={[css.meta, quiet && css.quiet].filter(Boolean).join(' ')}>
        {full && resolution(s)}
        {drawn && drawn.of > 0 && <span title="The first of the list, the most that are drawn">{int(shown)} of {int(drawn.of)} runs</span>}
        {drawn && drawn.left > 0 && <span title="By the order of the list; the panel's settings say how many">{int(drawn.left)} runs not drawn</span>}
        {drawn && drawn.hidden > 0 && log && <span title="A logarithmic axis has no place for them">{int(drawn.hidden)} values ≤ 0 hidden</span>}
        {drawn && drawn.unplaced > 0 && <span title="Values that are NaN or infinite; over this axis their places are not known">{int(drawn.unplaced)} NaN or Inf</span>}
        {drawn && drawn.damaged.length > 0 && (
          <span title={damageWords(drawn.damaged)}>
            <Icon name="warn" small /> {damageCount(drawn.damaged)}
          </span>
        )}
        {drawn?.cut && <span title="The axis shows the 1st to 97th percentile of the lines">cut</span>}
        {drawn?.stale && (
          <span title={`These are the last values received. ${drawn.stale.message}`}>
            <Icon name="clock" small />
          </span>
        )}
      </span>
      <span className={css.readout} ref={readout} />
      <span className={css.acts}>
        <Button kind="ghost" icon small aria-pressed={log} aria-label={`Logarithmic axis of ${title}`} title="Log axis  l" onClick={onLog}>
          <span className="small">log</span>
        </Button>
      </span>
    </>
  );
}

/** How a picture was made, for the full screen. */
function resolution(s: PanelStatus): string {
  if (s.kind !== 'drawn') return '';
  return [s.every || s.per <= 1 ? 'every point' : `${int(s.buckets)} buckets of up to ${int(s.per)} points`, s.raw ? 'not smoothed' : ''].filter(Boolean).join(', ');
}
