// An invitation: join as who is signed in, or make an account and join.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { day } from '../data/format';
import { useUser } from '../data/session';
import { acceptInvite, seeInvite } from '../data/team';
import { Button, ButtonLink } from '../parts/button';
import { Field } from '../parts/field';
import { Mark } from '../parts/mark';
import { Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './signin.module.css';

export function Invite() {
  useTitle('Invitation');
  const { token } = useParams({ strict: false }) as { token: string };
  const user = useUser();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(seeInvite(token));
  const [form, setForm] = useState({ name: '', email: '', password: '' });
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const put = (k: keyof typeof form) => (e: { target: { value: string } }) => setForm({ ...form, [k]: e.target.value });
  const join = (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setRefused(null);
    acceptInvite(user ? { token } : { token, ...form, name: form.name.trim(), email: form.email.trim() })
      .then((team) => navigate({ to: '/$entity', params: { entity: team }, replace: true }), setRefused)
      .finally(() => setBusy(false));
  };
  return (
    <main className={css.page} id="main">
      <div className={css.box}>
        <Mark className={css.mark} />
        <h1>{data ? `Join ${data.team}` : 'Invitation'}</h1>
        {error ? (
          <>
            <Failed what="This link does not let you in." error={error} retry={() => void refetch()} />
            <p className={css.foot}>Ask who sent it for another one.</p>
          </>
        ) : !data ? (
          <Waiting rows={3} label="Reading the invitation" />
        ) : (
          <form className={`${css.card} ${css.form}`} onSubmit={join}>
            <p className="mid">
              {data.creator || 'A member'} invites you as <b>{data.role}</b>. The link works once, until {day(data.expires)}.
            </p>
            {refused !== null && <Failed what="You did not join." error={refused} />}
            {!user && (
              <>
                <Field label="Name" name="username" autoComplete="username" required value={form.name} onChange={put('name')} hint="What you sign in with, and the first part of your projects' addresses." />
                <Field label="Email" name="email" type="email" autoComplete="email" required value={form.email} onChange={put('email')} />
                <Field label="Password" name="password" type="password" autoComplete="new-password" required value={form.password} onChange={put('password')} />
              </>
            )}
            <Button kind="primary" className={css.go ?? ''} type="submit" busy={busy}>
              {user ? `Join as ${user.name}` : 'Make an account and join'}
            </Button>
          </form>
        )}
        {data && !user && (
          <p className={css.foot}>
            You have an account? <ButtonLink small kind="ghost" to="/login" search={{ to: `/invite/${token}` }}>Sign in first</ButtonLink>
          </p>
        )}
      </div>
    </main>
  );
}
