// What a public link shows: a run's charts and configuration, a saved view, or a project's newest runs. Read only.
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { colourOf } from '../chart/colour';
import { Toolbar } from '../chart/Toolbar';
import { View } from '../chart/view';
import { ApiError } from '../data/client';
import { ago, clock, day, int, midcut, span, value, when } from '../data/format';
import { POLL } from '../data/live';
import { catalogueQuery, runPageQuery } from '../data/run';
import { sharedQuery, type Shared as Opened } from '../data/shared';
import { Board, columnsFor } from '../panel/Board';
import { cascade, FRESH } from '../panel/document';
import { Words } from '../panel/markdown/Words';
import { fromSpec } from '../panel/spec';
import { useBoard } from '../panel/useBoard';
import { Mark } from '../parts/mark';
import { State } from '../parts/state';
import { Card, Chip, Empty, Facts, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { useWidth } from '../parts/width';
import { BoardOf } from '../runset/BoardOf';
import css from './shared.module.css';

type Drawn = { name: string; display: string; state: string; ordinal: number };

export function Shared() {
  const token = useLocation({ select: (l) => l.hash });
  const { data, error, refetch, dataUpdatedAt } = useQuery({ ...sharedQuery(token), refetchInterval: POLL });
  const gone = error !== null && (!data || (error instanceof ApiError && error.status >= 400 && error.status < 500));
  const name = data?.run ? data.run.display || data.run.name : data?.view ? `${data.view.title || 'A view'} of ${data.project}` : data?.project;
  useTitle(name ?? 'Shared');
  return (
    <div className={css.all}>
      <header className={css.bar}>
        <Mark className={css.mark} />
        <b className="cut">{name ?? 'Shared'}</b>
        <Chip>read only</Chip>
        {data && !gone && <span className={`dim small num ${css.fresh}`}>{error ? `The server does not answer; this is of ${clock(dataUpdatedAt)}` : `as of ${clock(dataUpdatedAt)}, asked again every ${POLL / 1000} s`}</span>}
        {data && <span className={`dim small ${css.end}`}>{data.expires ? `this link ends ${day(data.expires)}` : 'this link has no end'}</span>}
      </header>
      <main id="main" className={css.main}>
        <h1 className="sr">{name ?? 'A shared page'}</h1>
        {gone ? (
          <div className="page" style={{ padding: 16 }}>
            <Failed what="There is nothing to see." error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <Waiting rows={8} label="Opening the link" />
        ) : data.run ? (
          <OneRun s={data} run={data.run} />
        ) : (
          <Project s={data} />
        )}
      </main>
    </div>
  );
}

function OneRun({ s, run }: { s: Opened; run: NonNullable<Opened['run']> }) {
  const runs = useMemo(() => [run], [run]);
  const config = Object.entries(run.config ?? {}).filter(([k]) => k !== '_wandb');
  return (
    <>
      <div className={css.about}>
        <Card title="Run">
          <div className={css.facts}>
            <Facts rows={[['State', <State key="s" state={run.state} />], ['Project', s.project], ['Began', when(run.created)], ...(run.notes ? [['Notes', run.notes] as [string, string]] : [])]} />
          </div>
        </Card>
        <Card title="Config" head={<span className="dim small num">{int(config.length)}</span>}>
          <div className={css.facts}>{config.length ? <Facts rows={config.map(([k, v]) => [k, typeof v.value === 'object' ? JSON.stringify(v.value) : value(v.value)])} /> : <Empty>No configuration was logged.</Empty>}</div>
        </Card>
      </div>
      <Charts project={s.project} runs={runs} />
    </>
  );
}

function Project({ s }: { s: Opened }) {
  const { data, error, refetch } = useQuery(runPageQuery({ project: s.project, q: '', order: ['-created_at'], columns: [] }, 0));
  const doc = useMemo(() => (s.view ? fromSpec(s.view.spec, placeOf(s.project)) : FRESH), [s.view, s.project]);
  const now = Date.now();
  if (error && !data) return <Failed what="The runs could not be read." error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting rows={8} label="Reading the runs" />;
  const rows = data.rows;
  if (rows.length === 0) return <Empty tall>No run yet.</Empty>;
  return (
    <>
      <div className={css.about}>
        {s.description && <Card title="About"><div className={css.facts}><Words text={s.description} /></div></Card>}
        <Card title="Runs" head={<span className="dim small num">{rows.length < data.found ? `newest ${int(rows.length)} of ${int(data.found)}` : int(data.found)}</span>}>
          <ul className={css.runs} tabIndex={0} aria-label="Runs">
            {rows.map((r) => (
              <li key={r.name}>
                <State state={r.state} bare />
                <span className="cut" title={r.display || r.name}>{midcut(r.display || r.name, 64)}</span>
                <span className="dim num">{span(r.runtime)}</span>
                <span className="dim num">{ago(Date.parse(r.created), now)}</span>
              </li>
            ))}
          </ul>
        </Card>
      </div>
      <div className={css.charts}><BoardOf project={s.project} doc={doc} tools /></div>
    </>
  );
}

const placeOf = (project: string) => {
  const [entity = '', name = ''] = project.split('/');
  return { entity, project: name };
};

function Charts({ project, runs }: { project: string; runs: Drawn[] }) {
  const view = useMemo(() => new View(project), [project]);
  const names = useMemo(() => runs.map((r) => r.name), [runs]);
  const { data, error, refetch } = useQuery({ ...catalogueQuery(project, names), refetchInterval: POLL });
  const [search, setSearch] = useState('');
  const width = useWidth();
  const [chosen, setCols] = useState<number | null>(null);
  const cols = width <= 760 ? 1 : (chosen ?? columnsFor(width));
  const board = useBoard(data, search);
  const settings = useMemo(() => cascade(board.doc), [board.doc]);
  useEffect(() => {
    view.setRuns(runs.map((r) => ({ name: r.name, display: r.display || r.name, state: r.state, stroke: { colour: colourOf(r.ordinal), dash: 0 }, steps: 0 })));
  }, [view, runs]);
  if (error && !data) return <Failed what="The list of metrics could not be read." error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting rows={6} label="Reading the list of metrics" />;
  return (
    <div className={css.charts}>
      <Toolbar view={view} settings={settings} onSettings={(change) => board.edit({ do: 'settings', change })} search={search} onSearch={setSearch} cols={cols} onCols={setCols} metrics={[]} />
      <Board view={view} board={board} search={search} onSearch={setSearch} cols={cols} editable={false} onOpen={() => undefined} />
    </div>
  );
}
