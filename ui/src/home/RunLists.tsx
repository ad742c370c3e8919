// Runs of several projects as rows: those that run, with how far they are and when they were last heard of, and those
// that failed.
import { Link } from '@tanstack/react-router';
import { ago, int, midcut, num, span, when } from '../data/format';
import type { HomeRun } from '../data/home';
import { progressOf, silence, timeLeft } from '../data/progress';
import { useNow } from '../parts/now';
import { State } from '../parts/state';
import { Empty } from '../parts/surface';
import css from './home.module.css';

export function RunningList({ runs, none }: { runs: HomeRun[]; none?: string }) {
  const now = useNow(1000);
  if (runs.length === 0) return none ? <Empty>{none}</Empty> : null;
  return (
    <ul className={`${css.list} ${css.running}`}>
      {runs.map((r) => (
        <li key={r.project + '/' + r.name}>
          <RunLink r={r}>
            <Progress r={r} now={now} />
            <span className={css.num}>{span((now - Date.parse(r.created)) / 1000)}</span>
            <Heartbeat at={Date.parse(r.heartbeat)} now={now} />
          </RunLink>
        </li>
      ))}
    </ul>
  );
}

export function FailedList({ runs }: { runs: HomeRun[] }) {
  const now = useNow(60_000);
  return (
    <ul className={css.list}>
      {runs.map((r) => (
        <li key={r.project + '/' + r.name}>
          <RunLink r={r}>
            <span className={r.state === 'crashed' ? css.crashed : css.failed}>{r.state === 'crashed' ? 'no heartbeat' : `exit code ${r.exitCode}`}</span>
            <span className={css.num}>{rows(r.steps)}</span>
            <span className={css.num} title={when(r.ended ?? '')}>{ago(Date.parse(r.ended ?? ''), now)}</span>
          </RunLink>
        </li>
      ))}
    </ul>
  );
}

function RunLink({ r, children }: { r: HomeRun; children: React.ReactNode }) {
  const [entity = '', project = ''] = r.project.split('/');
  const name = r.display || r.name;
  return (
    <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: r.name }} className="">
      <span className={css.what}>
        <State state={r.state} bare />
        <span className={css.cut} title={`${name}, ${r.project}`}>
          <b>{midcut(name, 64)}</b> <span className="dim">{r.mine ? r.project : `${r.user} in ${r.project}`}</span>
        </span>
      </span>
      {children}
    </Link>
  );
}

const rows = (n: number) => `${int(n)} ${n === 1 ? 'row' : 'rows'}`;

function Progress({ r, now }: { r: HomeRun; now: number }) {
  const p = progressOf(r.config ?? {}, r.steps);
  if (!p) return <span className={css.far}>{rows(r.steps)}</span>;
  const left = timeLeft(p, r.steps, (now - Date.parse(r.created)) / 1000);
  return (
    <span className={css.far} title={`${int(r.steps)} of ${int(p.total)} steps by ${p.source}`}>
      <span className={css.bar} aria-hidden="true"><i style={{ width: `${p.part * 100}%` }} /></span>
      <span>{num(Math.floor(p.part * 1000) / 10, 3)} %{left !== null && <span className="dim">, {span(left)} left</span>}</span>
    </span>
  );
}

/** When a run was last heard of; what that means once it is silent. */
function Heartbeat({ at, now }: { at: number; now: number }) {
  const said = silence((now - at) / 1000);
  return (
    <span className={[css.num, said && css.crashed].filter(Boolean).join(' ')} title={said ?? `Last heard of ${when(at)}`}>
      {ago(at, now)}
      {said && <span className="sr"> {said}</span>}
    </span>
  );
}
