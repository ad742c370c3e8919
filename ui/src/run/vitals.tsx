// Whether a run is alive, how far it is, and how long it will take: one row of figures.
import { ago, int, num, span } from '../data/format';
import type { Json } from '../data/json';
import { alive, type RunDetail } from '../data/run';
import { State } from '../parts/state';
import { useTicking } from './ticking';
import css from './overview.module.css';
import { progressOf, timeLeft } from '../data/progress';

export function Vitals({ run, steps, config }: { run: RunDetail; steps: number; config: { [k: string]: Json } }) {
  const now = useTicking(alive(run.state));
  const beat = run.heartbeatAt ? Date.parse(run.heartbeatAt) : null;
  const elapsed = alive(run.state) ? (now - Date.parse(run.createdAt)) / 1000 : (run.duration ?? 0);
  const p = progressOf(config, steps);
  const left = alive(run.state) ? timeLeft(p, steps, elapsed) : null;
  const cells: [string, string, string][] = [
    ['Heartbeat', beat ? ago(beat, now).replace(/ ago$/, '') : '–', beat && !/just/.test(ago(beat, now)) ? 'ago' : ''],
    [alive(run.state) ? 'Elapsed' : 'Ran for', span(elapsed), ''],
    alive(run.state) ? ['About left', left === null ? '–' : span(left), left === null ? '' : 'at this rate'] : ['Exit code', run.exitcode === null ? '–' : String(run.exitcode), ''],
    ['Logged', int(run.historyLineCount ?? 0), 'rows'],
  ];
  return (
    <dl className={css.vital}>
      <div>
        <dt className={css.first}>
          <State state={run.state} />
          <span className={`${css.steps} num`}>{int(steps)} <small>{p ? `of ${int(p.total)} steps` : 'steps'}</small></span>
          {p && <small className={`${css.part} num`} title={`from ${p.source}`}>{num(p.part * 100, 3)}%</small>}
        </dt>
        <dd>{p && <span className={css.bar} role="progressbar" aria-label="Progress" aria-valuenow={Math.round(p.part * 100)} aria-valuemin={0} aria-valuemax={100}><i style={{ width: `${p.part * 100}%` }} /></span>}</dd>
      </div>
      {cells.map(([k, v, unit]) => (
        <div key={k}><dt>{k}</dt><dd className="num">{v} <small>{unit}</small></dd></div>
      ))}
    </dl>
  );
}
