// A panel's frame: header, read-out, acts, and the words for waiting, empty, failed. The drawing is LinePanel's.
import { memo, useEffect, useRef, useState } from 'react';
import { int } from '../data/format';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { LinePanel, type PanelStatus } from './LinePanel';
import { enroll } from './roster';
import { keyParts, type PanelSpec } from './sections';
import type { View } from './view';
import css from './chart.module.css';

type Props = { view: View; spec: PanelSpec; log: boolean; onLog: (id: string) => void; onFull: (spec: PanelSpec) => void; onOpen: (run: string) => void; root: HTMLElement | null };

/** One panel of a board. Draws only while it is in view, or nearly. */
export const Panel = memo(function Panel({ view, spec, log, onLog, onFull, onOpen, root }: Props) {
  const card = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const io = new IntersectionObserver((es) => setNear(es[es.length - 1]!.isIntersecting), { root, rootMargin: '300px' });
    io.observe(card.current!);
    return () => io.disconnect();
  }, [root]);
  const [prefix, name] = keyParts(spec);
  const plot = usePlot({ view, spec, log, onOpen, on: near });
  const keys = (e: React.KeyboardEvent) => {
    if (e.target !== card.current || e.metaKey || e.ctrlKey || e.altKey) return;
    if (e.key === 'f' || e.key === 'Enter') onFull(spec);
    else if (e.key === 'l') onLog(spec.id);
    else if (e.shiftKey && (e.key === 'ArrowRight' || e.key === 'ArrowLeft')) {
      plot.panel.current?.step(e.key === 'ArrowRight' ? 1 : -1);
      e.stopPropagation();
    } else return;
    e.preventDefault();
  };
  return (
    <article ref={card} className={css.panel} tabIndex={-1} data-panel={spec.id} aria-label={spec.key} onKeyDown={keys} onBlur={() => plot.panel.current?.endStep()}>
      <header>
        <h3 className="cut" title={spec.key}>
          {prefix && <span>{prefix}</span>}
          {name}
        </h3>
        <Meta status={plot.status} log={log} />
        <span className={css.readout} ref={plot.readout} />
        <span className={css.acts}>
          <Button kind="ghost" icon small aria-pressed={log} aria-label={`Logarithmic axis of ${spec.key}`} title="Log axis  l" onClick={() => onLog(spec.id)}>
            <span className="small">log</span>
          </Button>
          <Button kind="ghost" icon small aria-label={`Full screen: ${spec.key}`} title="Full screen  f" onClick={() => onFull(spec)}>
            <Icon name="full" small />
          </Button>
        </span>
      </header>
      <Plot plot={plot} spec={spec} />
    </article>
  );
});

type PlotState = { box: React.RefObject<HTMLDivElement | null>; readout: React.RefObject<HTMLSpanElement | null>; panel: React.RefObject<LinePanel | null>; status: PanelStatus };

/** Mounts a LinePanel while `on`. */
export function usePlot({ view, spec, log, onOpen, on, alone, buckets }: { view: View; spec: PanelSpec; log: boolean; onOpen: (run: string) => void; on: boolean; alone?: boolean; buckets?: number }): PlotState {
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLSpanElement>(null);
  const panel = useRef<LinePanel | null>(null);
  const first = useRef(log);
  const [status, setStatus] = useState<PanelStatus>({ kind: 'waiting' });
  useEffect(() => {
    if (!on || !box.current) return;
    const p = new LinePanel(box.current, readout.current, view, spec, { log: first.current, ...(alone ? { alone } : {}), ...(buckets ? { buckets } : {}) }, setStatus, onOpen);
    panel.current = p;
    const out = enroll(view, p);
    return () => {
      out();
      p.destroy();
      panel.current = null;
    };
  }, [on, view, spec, onOpen, alone, buckets]);
  useEffect(() => {
    if (first.current === log) return;
    first.current = log;
    panel.current?.setOptions({ log, ...(alone ? { alone } : {}), ...(buckets ? { buckets } : {}) });
  }, [log, alone, buckets]);
  return { box, readout, panel, status };
}

export function Plot({ plot, spec }: { plot: PlotState; spec: PanelSpec }) {
  const s = plot.status;
  return (
    <div ref={plot.box} className={[css.plot, s.kind === 'waiting' && css.ph].filter(Boolean).join(' ')} role="img" aria-label={spec.key}>
      {s.kind === 'empty' && (
        <div className={css.said}>
          <span>
            No run in view logged <code>{spec.key}</code>
          </span>
        </div>
      )}
      {s.kind === 'failed' && (
        <div className={`${css.said} ${css.bad}`}>
          <span>{s.error.message}</span>
          <Button small onClick={() => plot.panel.current?.retry()}>
            Retry
          </Button>
        </div>
      )}
    </div>
  );
}

/** What the picture leaves out, in words. */
function Meta({ status: s, log }: { status: PanelStatus; log: boolean }) {
  if (s.kind !== 'drawn') return log ? <span className={css.meta}><span className={css.tag}>log</span></span> : null;
  return (
    <span className={[css.meta, !s.hidden && !s.cut && !s.unplaced && css.quiet].filter(Boolean).join(' ')}>
      {log && <span className={css.tag}>log</span>}
      {s.hidden > 0 && log && <span title="A logarithmic axis has no place for them">{int(s.hidden)} values ≤ 0 hidden</span>}
      {s.unplaced > 0 && <span title="Values that are NaN or infinite; over this axis their places are not known">{int(s.unplaced)} NaN or Inf</span>}
      {s.cut && <span title="The axis shows the 1st to 97th percentile of the lines">cut</span>}
      {s.stale && (
        <span title={`These are the last values received. ${s.stale.message}`}>
          <Icon name="clock" small />
        </span>
      )}
    </span>
  );
}

/** How a picture was made, for the full screen. */
export function resolution(s: PanelStatus): string {
  if (s.kind !== 'drawn') return '';
  return [s.every || s.per <= 1 ? 'every point' : `${int(s.buckets)} buckets of up to ${int(s.per)} points`, s.raw ? 'not smoothed' : ''].filter(Boolean).join(', ');
}
