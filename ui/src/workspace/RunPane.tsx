// The left side of the workspace: filter, order, metric, the list, and how many there are.
import { useEffect, useRef, useState } from 'react';
import { keyParts } from '../chart/sections';
import type { View } from '../chart/view';
import { flip, NONE, type Selection } from '../data/bulk';
import { ApiError } from '../data/client';
import { int } from '../data/format';
import type { Catalogue } from '../data/run';
import { Bulk, type Task } from '../parts/Bulk';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../parts/menu';
import { Chip, Empty, Failed, Waiting } from '../parts/surface';
import { useKeys } from '../keys';
import type { RunSetDoc } from '../panel/document';
import { metricColumn } from '../runset/metric';
import { Columns, short, type ColumnTask } from './Columns';
import { EyeMenu } from './EyeMenu';
import { Order } from './Order';
import { template, type RowActs } from './Row';
import { RunList } from './RunList';
import type { RunSet } from '../runset/useRunSet';
import { MOST } from '../runset/visible';
import css from './workspace.module.css';

type Props = {
  entity: string;
  project: string;
  view: View;
  set: RunSet;
  doc: RunSetDoc;
  metric: string | null;
  keys: Catalogue | undefined;
  width: number;
  acts: RowActs;
  onRuns: (change: Partial<RunSetDoc>) => void;
  onMetric: (m: string) => void;
  onWidth: (w: number) => void;
  onAll: () => void;
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
  const { set, doc, metric } = p;
  const { runs } = set, sort = doc.order[0] ?? '-created_at';
  const [ordering, setOrdering] = useState(false);
  const [task, setTask] = useState<ColumnTask | null>(null);
  const [sel, setSel] = useState<Selection>(NONE), [act, setAct] = useState<Task | null>(null);
  useKeys(sel.names.size ? { leave: () => setSel(NONE) } : {});
  const name = metric ? keyParts({ key: metric, stream: 'history' })[1] : '';
  const orders = [...ORDERS, ...(metric ? [{ value: `-summary_metrics.${metric}`, label: `${name}, highest` }, { value: `+summary_metrics.${metric}`, label: `${name}, lowest` }] : []), ...doc.columns.filter((c) => /^(config|summary_metrics)\./.test(c) && c !== 'summary_metrics.' + metric).flatMap((c) => [{ value: '-' + c, label: `${short(c)}, highest` }, { value: '+' + c, label: `${short(c)}, lowest` }])];
  const some = runs.loaded.slice(0, 3).map((r) => r.name);
  const badQuery = runs.error instanceof ApiError && runs.error.status === 400 && doc.query !== '';
  return (
    <aside className={css.runs} aria-label="Runs" style={{ ['--cols' as string]: template(doc.columns.length, doc.baseline !== null) }}>
      <div className={css.head}>
        <Filter q={doc.query} onQuery={(query) => p.onRuns({ query })} />
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
                <span className="cut">{orders.find((o) => o.value === sort)?.label ?? short(sort.replace(/^[+-]/, ''))}{doc.order.length > 1 && ` +${doc.order.length - 1}`}</span>
              </Button>
            }
          >
            <MenuLabel>Order</MenuLabel>
            <MenuChoice value={doc.order.length > 1 ? '' : sort} onValue={(v) => p.onRuns({ order: [v] })} options={orders} />
            <MenuLine />
            <MenuItem icon="sort" onSelect={() => setOrdering(true)}>By several keys</MenuItem>
          </Menu>
          <Button kind="ghost" aria-pressed={doc.group.length > 0} title={doc.group.length ? `Grouped by ${doc.group.map(short).join(', ')}` : 'Group the runs'} onClick={() => setTask('group')}>
            <Icon name="group" small />
            <span className="cut">{doc.group.length ? doc.group.map(short).join(', ') : 'Group'}</span>
          </Button>
          <span className="grow" />
          <Menu
            align="end"
            trigger={
              <Button kind="ghost" className={css.icon ?? ''} aria-label="Columns of the list" title="Columns of the list">
                <Icon name="cols" small />
              </Button>
            }
          >
            <MenuItem icon="cols" onSelect={() => setTask('columns')}>Columns</MenuItem>
            <MenuItem icon="star" onSelect={() => setTask('colour')}>Colour runs by{doc.colourBy ? ` (now ${short(doc.colourBy)})` : ''}</MenuItem>
            {doc.baseline !== null && <MenuItem icon="x" onSelect={() => p.onRuns({ baseline: null })}>No baseline</MenuItem>}
            <MenuLine />
            <MenuLabel>Metric</MenuLabel>
            <MenuChoice value={metric ?? ''} onValue={p.onMetric} options={(p.keys?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).slice(0, 300).map((k) => ({ value: k.key, label: k.key }))} />
          </Menu>
          <Button kind="ghost" className={css.icon ?? ''} aria-label="Close the run list" title="Run list  \" onClick={p.onFold}>
            <Icon name="panel" small />
          </Button>
        </div>
      </div>
      {(doc.filters !== undefined || set.left > 0) && (
        <div className={css.viewfilter}>
          <Chip title="The view was stored with filters beside its text">Filters of the view</Chip>
          {set.left > 0 && <span className="small dim">{int(set.left)} cannot be answered here</span>}
          <Button kind="ghost" small onClick={() => p.onRuns({ filters: undefined })}>Clear</Button>
        </div>
      )}
      <div className={css.cols}>
        <button type="button" className={css.all} aria-label={set.drawn.length ? 'Hide all runs' : 'Show all runs'} title={set.drawn.length ? 'Hide all' : 'Show all'} onClick={p.onAll}>
          <Icon name={set.drawn.length ? 'eye' : 'eyeoff'} small />
        </button>
        <span className={css.nmhead}>
          Name
          <EyeMenu visible={doc.visible} found={runs.found} what={set.groups.length ? 'groups' : 'runs'} onVisible={(visible) => p.onRuns({ visible })} />
        </span>
        <span />
        <span className="cut" title={metric ?? undefined}>{name}</span>
        {doc.baseline !== null && <span className={css.x} title={`${name} beside the baseline`}>to base</span>}
        {doc.columns.map((c) => <span key={c} className={`cut ${css.x}`} title={c}>{short(c)}</span>)}
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
          <Empty action={<Button small onClick={() => p.onRuns({ query: '', filters: undefined })}>Clear filter</Button>}>No run matches this filter.</Empty>
        </div>
      ) : (
        <RunList entity={p.entity} project={p.project} view={p.view} set={set} metric={metric} columns={doc.columns} baseline={doc.baseline} pinned={doc.pinned} width={p.width} acts={p.acts} selected={sel.names} onSelect={(runs, on) => setSel((s) => flip(s, runs, on))} onTag={() => setAct('tag')} onOpen={p.onOpen} />
      )}
      {sel.names.size > 0 && (
        <Bulk
          pane
          ask={{ project: `${p.entity}/${p.project}`, q: '', order: doc.order, columns: [] }}
          project={`${p.entity}/${p.project}`}
          sel={sel}
          found={sel.names.size}
          columns={[...(metric ? [metricColumn(metric)] : []), ...doc.columns]}
          groups={doc.group}
          begin={act}
          onBegun={() => setAct(null)}
          onSel={setSel}
          onShow={(runs) => p.onRuns({ visible: { base: 'none', over: Object.fromEntries(runs.map((r) => [r, true])) } })}
        />
      )}
      <div className={css.foot}>
        <b>{int(set.drawn.length)} drawn</b>
        <span className="cut">{runs.pending || runs.error ? '' : runs.found === runs.total ? `${int(runs.total)} ${runs.total === 1 ? 'run' : 'runs'}` : `${int(runs.found)} found of ${int(runs.total)}`}</span>
        <span className="grow" />
        {set.beyond > 0 && <span title={set.groups.length ? 'Groups are made of the first runs of the list' : 'At most a thousand runs are drawn, by the order of the list'}>{set.groups.length ? 'groups of ' : ''}{int(MOST)} of {int(runs.found)}</span>}
        <span>{runs.running ? `${int(runs.running)} running` : ''}</span>
      </div>
      <Grip width={p.width} onWidth={p.onWidth} />
      {ordering && <Order entity={p.entity} project={p.project} runs={some} catalogue={p.keys} order={doc.order} onOrder={(order) => p.onRuns({ order })} onClose={() => setOrdering(false)} />}
      {task && (
        <Columns
          task={task}
          entity={p.entity}
          project={p.project}
          runs={some}
          catalogue={p.keys}
          chosen={task === 'columns' ? doc.columns : task === 'group' ? doc.group : doc.colourBy ? [doc.colourBy] : []}
          onChosen={(c) => p.onRuns(task === 'columns' ? { columns: c } : task === 'group' ? { group: c } : { colourBy: c[0] ?? null })}
          onClose={() => setTask(null)}
        />
      )}
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
