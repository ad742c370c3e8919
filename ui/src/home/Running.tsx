// What runs now, over the person's projects: where it is, for how long, and when it was last heard of.
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ago, int, midcut, span, when } from '../data/format';
import type { Project } from '../data/project';
import { runPageQuery } from '../data/run';
import { useNow } from '../parts/now';
import { State } from '../parts/state';
import { Card } from '../parts/surface';
import css from './home.module.css';

const MOST = 12;

export function Running({ projects }: { projects: Project[] }) {
  const some = projects.filter((p) => p.running).slice(0, 6);
  const asked = useQueries({ queries: some.map((p) => ({ ...runPageQuery({ project: `${p.entityName}/${p.name}`, q: '', filter: { state: 'running' }, order: ['-heartbeat_at'], columns: [] }, 0), refetchInterval: 10_000 })) });
  const now = useNow(1000);
  const rows = asked.flatMap((q, i) => (q.data?.rows ?? []).map((r) => ({ r, p: some[i]! }))).sort((a, b) => b.r.heartbeat.localeCompare(a.r.heartbeat));
  if (rows.length === 0) return null;
  const total = asked.reduce((n, q) => n + (q.data?.found ?? 0), 0);
  return (
    <Card title="Running now" head={total > MOST ? <span className="dim num">{MOST} of {int(total)}</span> : undefined}>
      <ul className={css.list}>
        {rows.slice(0, MOST).map(({ r, p }) => (
          <li key={p.id + r.name}>
            <Link to="/$entity/$project/runs/$run" params={{ entity: p.entityName, project: p.name, run: r.name }} className="">
              <span className="row">
                <State state={r.state} bare />
                <span className="cut" title={r.display || r.name}>
                  <b>{midcut(r.display || r.name, 64)}</b> <span className="dim">{p.entityName} / {p.name}</span>
                </span>
              </span>
              <span className={css.num}>{int(r.steps)} rows</span>
              <span className={css.num}>{span(r.runtime)}</span>
              <span className={css.num} title={`Last heard of ${when(r.heartbeat)}`}>{ago(Date.parse(r.heartbeat), now)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
