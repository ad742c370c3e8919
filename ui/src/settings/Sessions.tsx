// Where a person is signed in: end one session, or all but this one.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ago, day, int } from '../data/format';
import { endSession, sessionsQuery, signOut, type OwnSession } from '../data/session';
import { Button } from '../parts/button';
import { Confirm } from '../parts/menu';
import { Card, Chip, Failed, Waiting } from '../parts/surface';
import { toast } from '../parts/toast';
import { agentName } from './agent';
import css from './settings.module.css';

const failed = (e: Error) => toast('The session was not ended: ' + e.message, undefined, true);

export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const others = data?.filter((s) => !s.this).length ?? 0;
  const endOthers = () => {
    setBusy(true);
    endSession().then(() => toast('Your other sessions have ended.'), failed).finally(() => (setBusy(false), setAll(false)));
  };
  return (
    <Card title="Sessions" head={<><span className="dim small num">{data ? int(data.length) : ''}</span><span className="grow" />{others > 0 && <Button small onClick={() => setAll(true)}>End all others</Button>}</>}>
      {error && !data ? <Failed what="The sessions could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={2} /> : (
        <div className={css.wrap} tabIndex={0} role="region" aria-label="Sessions">
          <table className={css.table}>
            <thead><tr><th scope="col">Browser</th><th scope="col" className={css.wide}>Began</th><th scope="col">Last used</th><th scope="col" className={css.wide}>Ends unless used</th><th scope="col"><span className="sr">Acts</span></th></tr></thead>
            <tbody>{data.map((s) => <Row key={s.id} s={s} />)}</tbody>
          </table>
        </div>
      )}
      <Confirm open={all} onClose={() => setAll(false)} title="End all other sessions?" act="End sessions" busy={busy} onAct={endOthers}>
        {others === 1 ? 'The other browser' : `The other ${int(others)} browsers`} must sign in again. Keys go on working.
      </Confirm>
    </Card>
  );
}

function Row({ s }: { s: OwnSession }) {
  const name = agentName(s.agent);
  return (
    <tr>
      <td title={s.agent}><span className="row"><span className="cut">{name}</span>{s.this && <Chip tone="accent">this one</Chip>}</span></td>
      <td className={css.wide}>{day(s.created)}</td>
      <td>{s.this ? 'now' : ago(Date.parse(s.lastUsed), Date.now())}</td>
      <td className={css.wide}>{day(s.expires)}</td>
      <td>{s.this ? <Button small kind="ghost" onClick={() => void signOut()}>Sign out</Button> : <Button small kind="danger-ghost" aria-label={`End the session of ${name}`} onClick={() => void endSession(s.id).then(() => toast('The session has ended.'), failed)}>End</Button>}</td>
    </tr>
  );
}
