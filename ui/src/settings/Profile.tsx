// Who a person is: the name that is shown, and the password.
import { useState, type FormEvent } from 'react';
import { ApiError } from '../data/client';
import { changeProfile, type Session } from '../data/session';
import { Button } from '../parts/button';
import { Field } from '../parts/field';
import { Dialog } from '../parts/menu';
import { Card, Facts, Failed } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './settings.module.css';

type User = NonNullable<Session['user']>;

export function Profile({ user }: { user: User }) {
  const [asking, setAsking] = useState<'name' | 'password' | null>(null);
  const close = () => setAsking(null);
  return (
    <Card title="Profile" head={<><span className="grow" /><Button small onClick={() => setAsking('name')}>Change name</Button><Button small onClick={() => setAsking('password')}>Change password</Button></>}>
      <div className={css.facts}>
        <Facts rows={[['Name', user.fullName || user.name], ['Sign-in name', user.name], ['Email', user.email]]} />
      </div>
      {asking === 'name' && <Name user={user} onClose={close} />}
      {asking === 'password' && <Password onClose={close} />}
    </Card>
  );
}

function Name({ user, onClose }: { user: User; onClose: () => void }) {
  const [name, setName] = useState(user.fullName);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const save = (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    changeProfile({ fullName: name.trim() }).then(onClose, (err: Error) => setError(err.message)).finally(() => setBusy(false));
  };
  return (
    <Dialog open onClose={onClose} title="Your name" foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} type="submit" form="profile-name">Save</Button></>}>
      <form id="profile-name" className={css.form} onSubmit={save}>
        <Field label="Full name" autoFocus autoComplete="name" maxLength={256} value={name} onChange={(e) => setName(e.target.value)} error={error} hint={`Shown beside ${user.name}, which addresses keep.`} />
      </form>
    </Dialog>
  );
}

function Password({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ old: '', password: '', again: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const put = (k: keyof typeof form) => (e: { target: { value: string } }) => setForm({ ...form, [k]: e.target.value });
  const differ = form.again !== '' && form.again !== form.password;
  const wrong = error instanceof ApiError && error.status === 403 ? error.message : undefined;
  const save = (e: FormEvent) => {
    e.preventDefault();
    if (form.again !== form.password) return;
    setBusy(true);
    setError(null);
    changeProfile({ password: form.password, old: form.old })
      .then(() => (toast('The password is changed. Your other sessions have ended.'), onClose()), setError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog open onClose={onClose} title="Change the password" foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} type="submit" form="profile-password">Change password</Button></>}>
      <form id="profile-password" className={css.form} onSubmit={save}>
        {error !== null && !wrong && <Failed what="The password was not changed." error={error} />}
        <Field label="Old password" type="password" autoFocus autoComplete="current-password" value={form.old} onChange={put('old')} error={wrong} hint="Leave it empty if you have none yet." />
        <Field label="New password" type="password" autoComplete="new-password" required value={form.password} onChange={put('password')} />
        <Field label="New password again" type="password" autoComplete="new-password" required value={form.again} onChange={put('again')} error={differ ? 'The two passwords differ.' : undefined} />
        <p className="dim small">All your other sessions end. Keys go on working.</p>
      </form>
    </Dialog>
  );
}
