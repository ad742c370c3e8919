// The left side of the workspace: filter, order, metric, the list, and how many there are.
import { useEffect, useRef, useState } from 'react';
import type { Stroke } from '../chart/colour';
import { keyParts } from '../chart/sections';
import type { View } from '../chart/view';
import { ApiError } from '../data/client';
import { int } from '../data/format';
import type { Catalogue } from '../data/run';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Menu, MenuChoice, MenuLabel } from '../parts/menu';
import { Empty, Failed, Waiting } from '../parts/surface';
import { RunList } from './RunList';
import type { RunList as Runs } from './runs';
import css from './workspace.module.css';

type Props = {
  entity: string;
  project: string;
  view: View;
  runs: Runs;
  drawn: number;
  q: string;
  sort: string;
  metric: string | null;
  keys: Catalogue | undefined;
  width: number;
  visible: (name: string, i: number) => boolean;
  stroke: (name: string) => Stroke | undefined;
  onQuery: (q: string) => void;
  onSort: (s: string) => void;
  onMetric: (m: string) => void;
  onWidth: (w: number) => void;
  onToggle: (name: string, now: boolean) => void;
  onOnly: (name: string) => void;
  onAll: () => void;
  onRange: (a: number, b: number) => void;
  onOpen: (run: string) => void;
  onFold: () => void;
};

const ORDERS = [
  { value: '-created_at', label: 'Newest' },
  { value: '+created_at', label: 'Oldest' },
  { value: '-heartbeat_at', label: 'Last heard of' },
  { value: '+display_name', label: 'Name' },
  { value: '+state', label: 'State' },
  { value: '-duration', label: 'Longest' },
];

export function RunPane(p: Props) {
  const { runs, metric, sort } = p;
  const name = metric ? keyParts({ key: metric, stream: 'history' })[1] : '';
  const orders = [...ORDERS, ...(metric ? [{ value: `-summary_metrics.${metric}`, label: `${name}, highest` }, { value: `+summary_metrics.${metric}`, label: `${name}, lowest` }] : [])];
  const badQuery = runs.error instanceof ApiError && runs.error.status === 400 && p.q !== '';
  return (
    <aside className={css.runs} aria-label="Runs">
      <div className={css.head}>
        <Filter q={p.q} onQuery={p.onQuery} />
        {badQuery && (
          <div className={css.error} role="alert">
            {runs.error?.message}
          </div>
        )}
        <div className={css.tools}>
          <Menu
            trigger={
              <Button kind="ghost" title="Order of the list">
                <Icon name="sort" small />
                <span className="cut">{orders.find((o) => o.value === sort)?.label ?? sort.replace(/^[+-]/, '')}</span>
              </Button>
            }
          >
            <MenuLabel>Order</MenuLabel>
            <MenuChoice value={sort} onValue={p.onSort} options={orders} />
          </Menu>
          <span className="grow" />
          <Menu
            align="end"
            trigger={
              <Button kind="ghost" className={css.icon ?? ''} aria-label="Metric of the list" title="Metric of the list">
                <Icon name="cols" small />
              </Button>
            }
          >
            <MenuLabel>Metric</MenuLabel>
            <MenuChoice value={metric ?? ''} onValue={p.onMetric} options={(p.keys?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).slice(0, 300).map((k) => ({ value: k.key, label: k.key }))} />
          </Menu>
          <Button kind="ghost" className={css.icon ?? ''} aria-label="Close the run list" title="Run list  \" onClick={p.onFold}>
            <Icon name="panel" small />
          </Button>
        </div>
      </div>
      <div className={css.cols}>
        <button type="button" className={css.all} aria-label={p.drawn ? 'Hide all runs' : 'Show all runs'} title={p.drawn ? 'Hide all' : 'Show all'} onClick={p.onAll}>
          <Icon name={p.drawn ? 'eye' : 'eyeoff'} small />
        </button>
        <span>Name</span>
        <span />
        <span className="cut" title={metric ?? undefined}>{name}</span>
        <span />
      </div>
      {runs.error && !badQuery && (
        <div style={{ padding: 8 }}>
          <Failed what="The runs could not be read." error={runs.error} retry={runs.retry} />
        </div>
      )}
      {runs.pending ? (
        <Waiting rows={14} label="Reading runs" />
      ) : runs.found === 0 && !runs.error ? (
        <div className={css.list}>
          <Empty action={<Button small onClick={() => p.onQuery('')}>Clear filter</Button>}>No run matches this filter.</Empty>
        </div>
      ) : (
        <RunList entity={p.entity} project={p.project} view={p.view} found={runs.found} row={runs.row} visible={p.visible} stroke={p.stroke} metric={metric} width={p.width} onToggle={p.onToggle} onOnly={p.onOnly} onRange={p.onRange} onOpen={p.onOpen} />
      )}
      <div className={css.foot}>
        <b>{int(p.drawn)} drawn</b>
        <span className="cut">{runs.pending || runs.error ? '' : runs.found === runs.total ? `${int(runs.total)} ${runs.total === 1 ? 'run' : 'runs'}` : `${int(runs.found)} found of ${int(runs.total)}`}</span>
        <span className="grow" />
        <span>{runs.running ? `${int(runs.running)} running` : ''}</span>
      </div>
      <Grip width={p.width} onWidth={p.onWidth} />
    </aside>
  );
}

/** The filter; asks the server when typing rests. */
function Filter({ q, onQuery }: { q: string; onQuery: (q: string) => void }) {
  const [text, setText] = useState(q);
  const sent = useRef(q);
  useEffect(() => {
    if (q !== sent.current) {
      sent.current = q;
      setText(q);
    }
  }, [q]);
  useEffect(() => {
    if (text === sent.current) return;
    const t = setTimeout(() => {
      sent.current = text;
      onQuery(text);
    }, 250);
    return () => clearTimeout(t);
  }, [text, onQuery]);
  return <Search label="Filter runs" placeholder="Filter: state:running lr>1e-3" slash mono value={text} onValue={setText} onKeyDown={(e) => e.key === 'Escape' && text && (setText(''), e.stopPropagation())} />;
}

/** The edge that widens the list: by pointer, or with the arrows. */
function Grip({ width, onWidth }: { width: number; onWidth: (w: number) => void }) {
  const fit = (w: number) => Math.round(Math.max(240, Math.min(640, w)));
  return (
    <div
      className={css.grip}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the run list"
      aria-valuenow={width}
      aria-valuemin={240}
      aria-valuemax={640}
      tabIndex={0}
      onKeyDown={(e) => {
        const by = e.key === 'ArrowLeft' ? -20 : e.key === 'ArrowRight' ? 20 : 0;
        if (!by) return;
        e.preventDefault();
        onWidth(fit(width + by));
      }}
      onPointerDown={(e) => {
        const from = e.clientX, w = width, el = e.currentTarget;
        el.setPointerCapture(e.pointerId);
        const move = (m: PointerEvent) => onWidth(fit(w + m.clientX - from));
        el.addEventListener('pointermove', move);
        el.addEventListener('pointerup', () => el.removeEventListener('pointermove', move), { once: true });
      }}
    />
  );
}
