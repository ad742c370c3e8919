// What a project adds up to: runs by state, hours, bytes, runs by day, who made them.
import { Link } from '@tanstack/react-router';
import { ago, bytes, day, int, num } from '../data/format';
import type { Totals } from '../data/home';
import { State } from '../parts/state';
import { Avatar, Empty, Facts } from '../parts/surface';
import { byWeek } from './activity';
import css from './project.module.css';

const STATES = ['running', 'finished', 'failed', 'crashed', 'killed', 'preempting', 'preempted', 'pending'];

export function Sums({ t }: { t: Totals }) {
  const runs = Object.values(t.states).reduce((a, b) => a + b, 0), b = t.bytes;
  const stored: [string, number][] = [['Metrics', b.history], ['Console', b.console], ['Files', b.files], ['Artifacts', b.artifacts]];
  return (
    <div className={css.about}>
      <Facts
        rows={[
          ['Runs', <b key="n" className="num">{int(runs)}</b>],
          ...STATES.filter((s) => t.states[s]).map((s): [string, React.ReactNode] => ['', <span key={s} className={css.state}><State state={s} /> <span className="num">{int(t.states[s]!)}</span></span>]),
          ['Compute', <span key="c" className="num" title="How long all runs were alive, together">{hours(t.computeSeconds)}</span>],
          ['Storage', <b key="s" className="num">{bytes(stored.reduce((n, [, v]) => n + v, 0))}</b>],
          ...stored.filter(([, v]) => v > 0).map(([k, v]): [string, React.ReactNode] => ['', <span key={k} className="num">{k} {bytes(v)}</span>]),
        ]}
      />
    </div>
  );
}

const hours = (s: number) => (s < 3600 ? `${num(s / 60, 2)} min` : `${s < 360_000 ? num(s / 3600, 3) : int(s / 3600)} hours`);

export function Activity({ t }: { t: Totals }) {
  const weeks = byWeek(t.firstDay, t.days), most = Math.max(1, ...weeks.map((w) => w.runs));
  const all = weeks.reduce((n, w) => n + w.runs, 0);
  if (all === 0) return <Empty>No run began in the last twelve weeks.</Empty>;
  const said = `${int(all)} ${all === 1 ? 'run' : 'runs'} began in twelve weeks, ${int(weeks.at(-1)!.runs)} of them in the last seven days.`;
  return (
    <div className={css.about}>
      <div className={css.weeks} role="img" aria-label={said}>
        {weeks.map((w) => (
          <i key={w.from} title={`${int(w.runs)} in the week of ${day(w.from)}`} style={{ height: `${w.runs ? Math.max(6, (w.runs / most) * 100) : 0}%` }} />
        ))}
      </div>
      <span className="dim small">{said}</span>
    </div>
  );
}

export function People({ t }: { t: Totals }) {
  const now = Date.now();
  if (t.people.length === 0) return <Empty>Nobody made a run yet.</Empty>;
  return (
    <ul className={css.people}>
      {t.people.map((p) => (
        <li key={p.name}>
          <Avatar name={p.name || '?'} small />
          {p.name ? <Link className="cut" to="/$entity" params={{ entity: p.name }}>{p.name}</Link> : <span className="dim">an account that is gone</span>}
          <span className={css.end}><span className="num">{int(p.runs)} {p.runs === 1 ? 'run' : 'runs'}</span>, {ago(Date.parse(p.last), now)}</span>
        </li>
      ))}
    </ul>
  );
}
