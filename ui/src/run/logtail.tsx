// The end of the log, for who only wants to know whether the run is well.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { logs } from '../data/log';
import { Card, Failed } from '../parts/surface';
import { spans } from './ansi';
import css from './overview.module.css';

const SHOWN = 6;

export function LogTail({ entity, project, run, live }: { entity: string; project: string; run: string; live: boolean }) {
  const { data, error, refetch } = useQuery({ queryKey: ['log-tail', entity, project, run], queryFn: ({ signal }) => logs(entity, project, run, { tail: SHOWN }, signal), refetchInterval: live ? 3000 : false });
  return (
    <Card title="End of the log" head={<><span className="grow" /><Link to="/$entity/$project/runs/$run/logs" params={{ entity, project, run }}>Whole log</Link></>}>
      {error && !data ? <Failed what="The log could not be read." error={error} retry={() => void refetch()} /> : (
        <pre className={css.tail} tabIndex={0} role="region" aria-label="End of the log">{!data ? '…' : data.lines.length === 0 ? 'Nothing printed yet.' : data.lines.map((l) => <span key={l.n} className={l.level === 'error' ? css.tailbad : undefined}>{spans(l.text).map((p) => p.text).join('')}{'\n'}</span>)}</pre>
      )}
    </Card>
  );
}
