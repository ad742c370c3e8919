// A person's API keys: those there are, a new one, and the end of one.
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ago, day, int } from '../data/format';
import { createKey, keysQuery, revokeKey, type ApiKey } from '../data/key';
import { Button, Segment } from '../parts/button';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Confirm, Dialog } from '../parts/menu';
import { Card, Chip, Code, Empty, Failed, Waiting } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './settings.module.css';

const LIVES: { value: string; label: string; days: number | null }[] = [
  { value: '30', label: '30 days', days: 30 },
  { value: '90', label: '90 days', days: 90 },
  { value: '365', label: 'A year', days: 365 },
  { value: 'never', label: 'No end', days: null },
];

function NewKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [life, setLife] = useState('90');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [secret, setSecret] = useState('');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!name.trim()) return setError('Give the key a name, so that you can tell it from others later.');
    setBusy(true);
    createKey(name.trim(), LIVES.find((l) => l.value === life)?.days ?? null).then(setSecret, (err: Error) => setError(err.message)).finally(() => setBusy(false));
  };
  if (secret)
    return (
      <Dialog open onClose={onClose} title={`Key ${name.trim()}`} foot={<Button kind="primary" onClick={onClose}>Done</Button>}>
        <div className={css.secret}>
          <p className="mid">Copy it now: it is not stored and cannot be shown again.</p>
          <Code text={secret} label="The new API key" />
        </div>
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title="New API key" foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} type="submit" form="new-key">Create key</Button></>}>
      <form id="new-key" className={css.form} onSubmit={submit}>
        <Field label="Name" autoFocus maxLength={128} value={name} onChange={(e) => setName(e.target.value)} error={error} hint="What will use it: a machine, a script." />
        <div><div className="mid small">Works for</div><Segment label="Works for" value={life} options={LIVES} onChange={setLife} /></div>
      </form>
    </Dialog>
  );
}

function KeyRow({ k, onRevoke }: { k: ApiKey; onRevoke: () => void }) {
  const over = k.expiresAt !== null && Date.parse(k.expiresAt) < Date.now();
  return (
    <tr>
      <td title={k.description ?? ''}>{k.description || <span className="dim">no name</span>}</td>
      <td className={css.wide}><code>…{k.hint}</code></td>
      <td className={css.wide}>all that you may</td>
      <td className={css.wide}>{day(k.createdAt)}</td>
      <td>{k.lastUsedAt ? ago(Date.parse(k.lastUsedAt), Date.now()) : <span className="dim">never</span>}</td>
      <td>{k.expiresAt === null ? <span className="dim">never</span> : over ? <Chip tone="warn">expired</Chip> : day(k.expiresAt)}</td>
      <td><Button small kind="danger-ghost" onClick={onRevoke} aria-label={`Revoke ${k.description || 'key …' + k.hint}`}>Revoke</Button></td>
    </tr>
  );
}

export function Keys() {
  const { data, error, refetch } = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [busy, setBusy] = useState(false);
  const revoke = () => {
    if (!revoking) return;
    setBusy(true);
    revokeKey(revoking.id).then(() => toast('Key revoked. It stops working within five seconds.'), (e: Error) => toast('Not revoked: ' + e.message, undefined, true)).finally(() => { setBusy(false); setRevoking(null); });
  };
  return (
    <Card title="API keys" head={<><span className="dim small num">{data ? int(data.length) : ''}</span><span className="grow" /><Button kind="primary" small onClick={() => setMaking(true)}><Icon name="plus" small />New key</Button></>}>
      {error && !data ? <Failed what="The keys could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={3} /> : data.length === 0 ? (
        <Empty action={<Button onClick={() => setMaking(true)}>Create a key</Button>}>No keys yet. The SDK needs one to log runs as you.</Empty>
      ) : (
        <div className={css.wrap} tabIndex={0} role="region" aria-label="API keys">
          <table className={css.table}>
            <thead><tr><th scope="col">Name</th><th scope="col" className={css.wide}>Ends in</th><th scope="col" className={css.wide}>May</th><th scope="col" className={css.wide}>Created</th><th scope="col">Last used</th><th scope="col">Expires</th><th scope="col"><span className="sr">Acts</span></th></tr></thead>
            <tbody>{data.map((k) => <KeyRow key={k.id} k={k} onRevoke={() => setRevoking(k)} />)}</tbody>
          </table>
        </div>
      )}
      {making && <NewKey onClose={() => setMaking(false)} />}
      <Confirm open={revoking !== null} onClose={() => setRevoking(null)} title="Revoke this key?" act="Revoke key" busy={busy} onAct={revoke}>
        {revoking?.description || 'The key'} (…{revoking?.hint}) stops working for every script that uses it. Runs that log with it stop logging.
      </Confirm>
    </Card>
  );
}
