// A look into one run without leaving the workspace: key metrics, what its config has different, the end of its log.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Dialog as RD } from 'radix-ui';
import { ago, num, span, value } from '../data/format';
import { configOf, parseLoose } from '../data/json';
import { logs } from '../data/log';
import { runQuery, type RunDetail } from '../data/run';
import { Button } from './button';
import { useGiveBack } from './giveback';
import { Icon } from './icon';
import { useNow } from './now';
import { State } from './state';
import { Empty, Failed, Waiting } from './surface';
import { differences, keyNumbers } from '../data/differences';
import css from './peek.module.css';

type Props = { entity: string; project: string; run: string; metric: string | null; against: { name: string; what: string } | null; onClose: () => void };

export function Peek(props: Props) {
  return (
    <RD.Root open onOpenChange={(o) => !o && props.onClose()}>
      <RD.Portal>
        <Surround {...props} />
      </RD.Portal>
    </RD.Root>
  );
}

function Surround(props: Props) {
  const back = useGiveBack();
  return (
    <div className={css.veil} data-veil="">
      <RD.Content className={css.peek} aria-describedby={undefined} {...back}>
        <Inside {...props} />
      </RD.Content>
    </div>
  );
}

function Inside({ entity, project, run, metric, against, onClose }: Props) {
  const { data, error, refetch } = useQuery(runQuery(entity, project, run));
  const other = useQuery({ ...runQuery(entity, project, against?.name ?? ''), enabled: against !== null && against.name !== run }).data;
  const tail = useQuery({ queryKey: ['peek', entity, project, run], queryFn: ({ signal }) => logs(entity, project, run, { tail: 14 }, signal), refetchInterval: data?.state === 'running' ? 3000 : false });
  return (
    <>
      <header className={css.head}>
        {data && <State state={data.state} bare />}
        <RD.Title className="cut" dir="auto" title={data?.displayName ?? run}>{data?.displayName || run}</RD.Title>
        <span className="grow" />
        <Button kind="ghost" icon aria-label="Close" title="Esc" onClick={onClose}>
          <Icon name="x" />
        </Button>
      </header>
      <div className={css.body} tabIndex={0} role="region" aria-label="About the run">
        {error ? <Failed what="The run could not be read." error={error} retry={() => void refetch()} /> : data === null ? <Empty>This run does not exist any more.</Empty> : !data ? <Waiting rows={8} label="Reading the run" /> : <Facts run={data} metric={metric} />}
        {data && against && against.name !== run && <Diff run={data} other={other ?? null} what={against.what} />}
        {data && (
          <section>
            <h3>Log</h3>
            {tail.error ? <Failed what="The log could not be read." error={tail.error} retry={() => void tail.refetch()} /> : <pre className={css.log} tabIndex={0} role="region" aria-label="End of the log">{tail.data ? tail.data.lines.map((l) => l.text.replace(ANSI, '')).join('\n') || 'It printed nothing.' : '…'}</pre>}
          </section>
        )}
      </div>
      <footer className={css.foot}>
        <Link to="/$entity/$project/runs/$run" params={{ entity, project, run }}>Open the run</Link>
        <Link to="/$entity/$project/runs/$run/logs" params={{ entity, project, run }}>Whole log</Link>
      </footer>
    </>
  );
}
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

function Facts({ run, metric }: { run: RunDetail; metric: string | null }) {
  const now = useNow(5000);
  const numbers = keyNumbers(parseLoose(run.summaryMetrics), metric);
  return (
    <section>
      <p className="mid small">
        {run.user?.username ?? ''}
        {run.heartbeatAt && `, heard of ${ago(Date.parse(run.heartbeatAt), now)}`}
        {run.duration !== null && `, ran ${span(run.duration)}`}
      </p>
      <h3>Metrics</h3>
      {numbers.length === 0 ? <p className="mid">No number was logged yet.</p> : (
        <dl className={css.kv}>
          {numbers.map(([k, v]) => (
            <div key={k}>
              <dt className="cut" title={k} dir="auto">{k}</dt>
              <dd>{num(v)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Diff({ run, other, what }: { run: RunDetail; other: RunDetail | null; what: string }) {
  const all = other ? differences(configOf(other.config), configOf(run.config)) : [];
  return (
    <section>
      <h3>Config that differs from {what}</h3>
      {!other ? <p className="mid">…</p> : all.length === 0 ? <p className="mid">Nothing differs.</p> : (
        <div className={css.diff} tabIndex={0} role="region" aria-label="Differences">
          <table>
            <thead><tr><th scope="col">Key</th><th scope="col">{what}</th><th scope="col">This run</th></tr></thead>
            <tbody>
              {all.slice(0, 200).map((d) => (
                <tr key={d.key}>
                  <th scope="row" title={d.key}>{d.key}</th>
                  <td title={String(d.before)}>{d.before === undefined ? '–' : value(d.before)}</td>
                  <td title={String(d.after)}>{d.after === undefined ? '–' : value(d.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
