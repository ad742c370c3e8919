// One row of the run list: a run, or a group of runs.
import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { LIST_DASH, paint, type Stroke } from '../chart/colour';
import { int, when } from '../data/format';
import type { RunRow } from '../data/run';
import { Icon } from '../parts/icon';
import { State } from '../parts/state';
import type { Item, RunGroup } from '../runset/groups';
import { RowMenu } from './RowMenu';
import css from './workspace.module.css';

/** What rows do; stable while the list lives. */
export type RowActs = {
  onToggle: (it: Item, now: boolean) => void;
  onOnly: (it: Item) => void;
  onPeek: (run: string) => void;
  onPin: (run: string) => void;
  onBaseline: (run: string) => void;
  /** Asks for the colour of a run or group. */
  onColour: (id: string, name: string) => void;
};
type Place = { at: number; top: number; count: number; current: boolean; theme: string; acts: RowActs; onCurrent: (i: number) => void };

const equal = <T extends object>(a: T, b: T): boolean =>
  (Object.keys(a) as (keyof T)[]).every((k) => {
    const x = a[k], y = b[k];
    if (k === 'fold') return (x as string[])[0] === (y as string[])[0] && (x as string[])[1] === (y as string[])[1];
    if (k === 'stroke') return (x as Stroke | undefined)?.colour === (y as Stroke | undefined)?.colour && (x as Stroke | undefined)?.dash === (y as Stroke | undefined)?.dash;
    return Object.is(x, y);
  });

type RunProps = Place & { entity: string; project: string; run: RunRow; depth: number; pin: boolean; on: boolean; stroke: Stroke | undefined; baseline: boolean; pinned: boolean; selected: boolean; value: string; delta?: string; better?: number; cells: string; spark: string | undefined; fold: [string, string] };

export const RunRowView = memo(function RunRowView({ at, top, count, current, acts, onCurrent, entity, project, run: r, depth, pin, on, stroke, baseline, pinned, selected, value, delta, better = 0, cells, spark, fold }: RunProps) {
  const name = r.display || r.name, tab = current ? 0 : -1;
  const it: Item = { kind: 'run', run: r, depth, pin };
  const extra = cells === '' ? [] : cells.split('\n');
  return (
    <div className={[css.rr, !on && css.hidden, pin && css.pinrow, selected && css.chosen].filter(Boolean).join(' ')} style={{ transform: `translateY(${top}px)` }} role="listitem" aria-posinset={at + 1} aria-setsize={count} data-run={r.name} data-at={at} data-on={on ? '1' : undefined} onFocus={() => onCurrent(at)}>
      <button type="button" className={css.eye} tabIndex={tab} aria-pressed={on} aria-label={`${on ? 'Hide' : 'Show'} ${name}`} title={`${on ? 'Hide' : 'Show'}  v,  only this: ⇧V or Alt-click`} onClick={(e) => (e.altKey ? acts.onOnly(it) : acts.onToggle(it, on))}>
        {on && stroke ? <Line stroke={stroke} /> : <Icon name="eyeoff" className={css.off ?? ''} />}
      </button>
      <span className={css.nmbox} style={{ paddingLeft: depth * 14 }}>
        {baseline && <Icon name="star" className={css.mark ?? ''} />}
        {pin && <Icon name="pin" className={css.mark ?? ''} />}
        <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: r.name }} className={`${css.nm} cut`} dir="auto" data-name="" title={`${name}\n${r.name}, ${r.user}, ${when(r.created)}`} tabIndex={tab}>
          {fold[0] && <span className="dim">{fold[0]}</span>}
          {fold[1]}
        </Link>
        {baseline && <span className="sr">baseline</span>}
        {selected && <span className="sr">selected</span>}
      </span>
      <State state={r.state} bare />
      <span className={css.v}>{value}</span>
      {delta !== undefined && <span className={[css.v, better > 0 ? css.better : better < 0 ? css.worse : css.same].join(' ')} title={`Beside the baseline${better > 0 ? ': better' : better < 0 ? ': worse' : ''}`}>{delta}</span>}
      {extra.map((c, i) => (
        <span key={i} className={`${css.v} ${css.x} cut`} title={c} dir="auto">
          {c}
        </span>
      ))}
      {spark ? (
        <svg className={css.spark} viewBox="0 0 44 16" aria-hidden="true">
          <path d={spark} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
        </svg>
      ) : (
        <span />
      )}
      <More name={name} tab={tab}>
        {(done) => <RowMenu id={r.name} name={name} baseline={baseline} pinned={pinned} acts={acts} it={it} onClose={done} />}
      </More>
    </div>
  );
}, equal);

type GroupProps = Place & { group: RunGroup; of: number; open: boolean; on: boolean; stroke: Stroke | undefined; value: string; onOpenChange: (id: string, open: boolean) => void };

export const GroupRow = memo(function GroupRow({ at, top, count, current, acts, onCurrent, group: g, of, open, on, stroke, value, onOpenChange }: GroupProps) {
  const tab = current ? 0 : -1, it: Item = { kind: 'group', group: g, open };
  const column = g.column.replace(/^(config|summary_metrics)\./, '');
  return (
    <div className={[css.rr, css.grow, !on && css.hidden].filter(Boolean).join(' ')} style={{ transform: `translateY(${top}px)` }} role="listitem" aria-posinset={at + 1} aria-setsize={count} data-run={g.id} data-at={at} data-on={on ? '1' : undefined} onFocus={() => onCurrent(at)}>
      <button type="button" className={css.eye} tabIndex={tab} aria-pressed={on} aria-label={`${on ? 'Hide' : 'Show'} group ${g.value}`} onClick={(e) => (e.altKey ? acts.onOnly(it) : acts.onToggle(it, on))}>
        {on && stroke ? <Line stroke={stroke} /> : <Icon name={on ? 'eye' : 'eyeoff'} className={css.off ?? ''} />}
      </button>
      <button type="button" className={css.gname} style={{ paddingLeft: g.depth * 14 }} tabIndex={tab} aria-expanded={open} data-name="" title={`${column}: ${g.value}`} onClick={() => onOpenChange(g.id, !open)}>
        <Icon name="right" small />
        <span className="cut" dir="auto">{g.value}</span>
        <span className={css.gn} title={of > g.runs.length ? 'Its line is of those among the first runs of the list' : undefined}>{of > g.runs.length ? `${int(g.runs.length)} of ${int(of)}` : int(g.runs.length)}</span>
      </button>
      <span />
      <span className={css.v} title="Mean of the group's last values">{value}</span>
      <span />
      {g.children.length === 0 && <More name={g.value} tab={tab}>{(done) => <RowMenu id={g.id} name={g.value} acts={acts} it={it} onClose={done} />}</More>}
    </div>
  );
}, equal);

/** The button of a row's menu; the menu itself is made when it is opened. */
function More({ name, tab, children }: { name: string; tab: number; children: (done: () => void) => React.ReactNode }) {
  const [open, setOpen] = useState(false);
  if (open) return children(() => setOpen(false));
  return (
    <button type="button" className={css.more} tabIndex={tab} aria-label={`More about ${name}`} aria-haspopup="menu" title="More" onClick={() => setOpen(true)}>
      <Icon name="dots" small />
    </button>
  );
}

/** The columns of a row: eye, name, state, metric, what it differs from the baseline by, `n` more, the small line. */
export const template = (n: number, delta: boolean): string => ['var(--eye) minmax(0, 1fr) 14px minmax(46px, auto)', ...(delta ? ['58px'] : []), ...Array<string>(n).fill('57px'), '44px'].join(' ');

/** The stroke that charts draw the run with. */
function Line({ stroke }: { stroke: Stroke }) {
  return (
    <svg className={css.ln} viewBox="0 0 16 10" aria-hidden="true">
      <path d="M1 5h14" stroke={paint(stroke.colour)} strokeWidth={stroke.bold ? 4 : 3} strokeLinecap="round" strokeDasharray={LIST_DASH[stroke.dash]} />
    </svg>
  );
}
