// This run beside another: config, environment, packages, git and command. Only what differs, unless asked for all.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { colourOf, paint } from '../chart/colour';
import { environmentQuery, previousRunQuery } from '../data/environment';
import { int } from '../data/format';
import { runQuery, type RunDetail } from '../data/run';
import { Button } from '../parts/button';
import { copyText } from '../parts/copy';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Empty, Failed, Notice, Waiting } from '../parts/surface';
import { useTheme } from '../parts/usetheme';
import { differ, PARTS, shownRows, sideOf, type DiffRow, type Part } from './differ';
import css from './diff.module.css';
import { RunPicker } from './picker';

type Row = { head: Part; differ: number; alike: number } | DiffRow;

/** "run", or "entity/project/run", beside a run of a project. */
const placeOf = (value: string, entity: string, project: string): [string, string, string] => {
  const parts = value.split('/');
  return parts.length === 3 ? (parts as [string, string, string]) : [entity, project, value];
};

export function Diff({ entity, project, run, other, onOther }: { entity: string; project: string; run: RunDetail; other: string | undefined; onOther: (v: string) => void }) {
  const parent = run.branches.find((b) => b.from && !b.gone && b.from !== run.name)?.from ?? null;
  const previous = useQuery({ ...previousRunQuery(entity, project, run.name, run.createdAt), enabled: !other && !parent });
  const chosen = other ?? parent ?? previous.data?.name;
  const place = placeOf(chosen ?? '', entity, project);
  const right = useQuery({ ...runQuery(...place), enabled: Boolean(chosen) });
  const envA = useQuery(environmentQuery(entity, project, run.name));
  const envB = useQuery({ ...environmentQuery(...place), enabled: Boolean(right.data) });
  const why = other ? '' : parent ? 'the run that it was forked from' : 'the run before it';
  return (
    <div className={css.diff}>
      <div className={css.bar}>
        <span className="dim">Compare with</span>
        <RunPicker label="Run to compare with" project={`${entity}/${project}`} not={run.name} value={right.data?.displayName || chosen || ''} onValue={onOther} />
        {chosen && why && <span className="dim small">{why}</span>}
      </div>
      {!chosen ? (
        previous.isPending && !parent ? <Waiting rows={6} label="Looking for a run to compare with" /> : previous.error ? <div className="page"><Failed what="The runs could not be read." error={previous.error} retry={() => void previous.refetch()} /></div> : <Empty tall>This is the first run of the project. Choose a run to compare it with.</Empty>
      ) : right.error ? (
        <div className={css.pad}><Failed what="The other run could not be read." error={right.error} retry={() => void right.refetch()} /></div>
      ) : right.data === null ? (
        <Empty tall>There is no run {chosen}, or you may not see it. Choose another.</Empty>
      ) : !right.data || envA.isPending || envB.isPending ? (
        <Waiting rows={10} label="Reading both runs" />
      ) : (
        <>
          {(envA.error || envB.error) && <div className={css.pad}><Failed what="Environment, packages and command could not all be read." error={envA.error ?? envB.error} retry={() => void (envA.refetch(), envB.refetch())} /></div>}
          {(!envA.data?.machine || !envB.data?.machine) && !envA.error && !envB.error && <div className={css.pad}><Notice tone="info">{!envA.data?.machine ? run.displayName || run.name : right.data.displayName || right.data.name} has no wandb-metadata.json{run.state === 'running' ? ' yet' : ''}, so that its environment and command are known only in part.</Notice></div>}
          <Rows left={run} right={right.data} rows={differ(sideOf(run, envA.data), sideOf(right.data, envB.data))} place={place} onSwap={place[0] === entity && place[1] === project ? `/${[entity, project].map(encodeURIComponent).join('/')}/runs/${encodeURIComponent(right.data.name)}/diff?with=${encodeURIComponent(run.name)}` : null} />
        </>
      )}
    </div>
  );
}

function Rows({ left, right, rows, place, onSwap }: { left: RunDetail; right: RunDetail; rows: DiffRow[]; place: [string, string, string]; onSwap: string | null }) {
  const [only, setOnly] = useState(true);
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const s = shownRows(rows, only, text);
    return PARTS.flatMap((p): Row[] => {
      const part = s.rows.filter((r) => r.part === p), differs = rows.filter((r) => r.part === p && r.differs).length;
      return text && part.length === 0 ? [] : [{ head: p, differ: differs, alike: s.alike[p] }, ...part];
    });
  }, [rows, only, text]);
  const v = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: (i) => ('head' in shown[i]! ? 36 : 28), overscan: 12 });
  useEffect(() => v.measure(), [v, shown]);
  useTheme();
  const total = rows.filter((r) => r.differs).length;
  const head = (r: RunDetail, at: [string, string, string] | null) => (
    <span role="columnheader">
      <i style={{ background: paint(colourOf(r.ordinal)) }} aria-hidden="true" />
      {at ? <Link className="cut" to="/$entity/$project/runs/$run" params={{ entity: at[0], project: at[1], run: at[2] }} title={at.join('/')}>{r.displayName || r.name}</Link> : <b className="cut" title={r.displayName || r.name}>{r.displayName || r.name}</b>}
    </span>
  );
  return (
    <>
      <div className={css.tools}>
        <Search label="Search keys and values" className={css.find ?? ''} slash value={text} onValue={setText} placeholder={`Search ${int(rows.length)} keys`} />
        <Button aria-pressed={only} className={only ? (css.on ?? '') : ''} onClick={() => setOnly(!only)}>Only differences</Button>
        <span className="dim num" role="status">{int(total)} {total === 1 ? 'difference' : 'differences'}</span>
        <span className="grow" />
        {onSwap && <Link className={css.swap} to={onSwap as '/'}><Icon name="updown" small />Swap sides</Link>}
      </div>
      <div ref={box} className={css.rows} role="table" aria-label={`${left.displayName || left.name} beside ${right.displayName || right.name}`} aria-rowcount={shown.length + 1} tabIndex={0}>
        <div role="row" className={css.header}><span role="columnheader">Key</span>{head(left, null)}{head(right, place)}</div>
        <div role="rowgroup" className={css.sizer} style={{ height: v.getTotalSize() }}>
          {v.getVirtualItems().map((it) => {
            const r = shown[it.index]!;
            const style = { transform: `translateY(${it.start}px)` };
            if ('head' in r)
              return <div key={r.head} role="row" aria-rowindex={it.index + 2} className={css.part} style={style}><span role="rowheader">{r.head}</span><span role="cell" className="dim small">{r.differ + r.alike === 0 ? 'neither has any' : [r.differ > 0 ? `${int(r.differ)} differ` : 'no difference', r.alike > 0 && `${int(r.alike)} alike${only ? ', hidden' : ''}`].filter(Boolean).join(', ')}</span><span role="cell" /></div>;
            return (
              <div key={r.part + r.key} role="row" aria-rowindex={it.index + 2} className={`${css.row} ${r.differs ? css.differs : ''}`} style={style}>
                <span role="rowheader" className="cut" title={r.key} dir="auto">{r.key}</span>
                {[r.left, r.right].map((x, i) => (
                  <span key={i} role="cell">{x === null ? <span className="dim">not there</span> : <button type="button" className="cut" title={`${x.slice(0, 1000)}\nPress to copy`} onClick={() => void copyText(x)} dir="auto">{x.length > 400 ? x.slice(0, 400) + '…' : x || '""'}</button>}</span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
