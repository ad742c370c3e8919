// A team's service accounts: what machines log with. They are members; here are new ones and their keys.
import { useState, type FormEvent } from 'react';
import { int } from '../data/format';
import type { Member } from '../data/project';
import { createKeyOf, createServiceAccount } from '../data/team';
import { Button } from '../parts/button';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { Card, Code, Empty } from '../parts/surface';
import css from './settings.module.css';

/** `of` is the account that gets another key; a new account without it. */
type Task = { of?: string };

export function ServiceAccounts({ team, members }: { team: string; members: Member[] }) {
  const [task, setTask] = useState<Task | null>(null);
  const accounts = members.filter((m) => m.accountType === 'SERVICE');
  return (
    <Card title="Service accounts" head={<><span className="dim small num">{int(accounts.length)}</span><span className="grow" /><Button small onClick={() => setTask({})}><Icon name="plus" small />New service account</Button></>}>
      {accounts.length === 0 ? (
        <Empty>None. A pipeline or a cluster logs with the key of a service account, so that it does not depend on a person.</Empty>
      ) : (
        <ul className={css.teams}>
          {accounts.map((m) => (
            <li key={m.id ?? m.name}>
              <Icon name="cpu" small />
              <span className="cut">{m.name}</span>
              <span className="dim cut">{m.username}</span>
              <Button small aria-label={`New key for ${m.name}`} onClick={() => setTask({ of: m.username ?? m.name })}>New key</Button>
            </li>
          ))}
        </ul>
      )}
      {task && <NewKey team={team} task={task} onClose={() => setTask(null)} />}
    </Card>
  );
}

function NewKey({ team, task, onClose }: { team: string; task: Task; onClose: () => void }) {
  const [purpose, setPurpose] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [secret, setSecret] = useState('');
  const make = (e: FormEvent) => {
    e.preventDefault();
    const what = purpose.trim();
    if (!what) return setError('Say what it is for: a cluster, a pipeline.');
    setBusy(true);
    (task.of ? createKeyOf(task.of, what) : createServiceAccount(team, what)).then(setSecret, (err: Error) => setError(err.message)).finally(() => setBusy(false));
  };
  const title = task.of ? `New key for ${task.of}` : 'New service account';
  if (secret)
    return (
      <Dialog open onClose={onClose} title={title} foot={<Button kind="primary" onClick={onClose}>Done</Button>}>
        <div className={css.secret}>
          <p className="mid">Copy it now: it is not stored and cannot be shown again. It logs runs to {team} as a member.</p>
          <Code text={secret} label="The account's API key" />
        </div>
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title={title} foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} type="submit" form="new-account">{task.of ? 'Make key' : 'Make account'}</Button></>}>
      <form id="new-account" className={css.form} onSubmit={make}>
        <Field label="What it is for" autoFocus maxLength={100} value={purpose} onChange={(e) => setPurpose(e.target.value)} error={error} />
      </form>
    </Dialog>
  );
}
