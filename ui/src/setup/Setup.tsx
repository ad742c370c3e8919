// The first administrator of a fresh server. Whoever holds the link from the server's log may do this once.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../data/client';
import { setUp, useSession } from '../data/session';
import { Button, ButtonLink } from '../parts/button';
import { Field } from '../parts/field';
import { Mark } from '../parts/mark';
import { Failed, Notice } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './setup.module.css';

export function Setup() {
  useTitle('Set up');
  const session = useSession().data;
  const { token = '' } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [form, setForm] = useState({ name: '', email: '', password: '', again: '', token });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tried, setTried] = useState(false);
  const set = (k: keyof typeof form) => (e: React.ChangeEvent<HTMLInputElement>) => setForm({ ...form, [k]: e.target.value });
  const wrong = {
    name: /^[a-z0-9][a-z0-9_-]*$/i.test(form.name) ? undefined : 'Letters, digits, - and _; it becomes part of addresses.',
    email: /^\S+@\S+$/.test(form.email) ? undefined : 'An email address, such as you@example.com.',
    password: form.password.length >= 8 ? undefined : 'At least 8 characters.',
    again: form.again === form.password ? undefined : 'The two passwords differ.',
    token: form.token ? undefined : 'The token from the set-up link in the server’s log.',
  };
  const submit = async (e: React.FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (Object.values(wrong).some(Boolean)) return;
    setBusy(true);
    setError(null);
    try {
      await setUp({ token: form.token, name: form.name, email: form.email, password: form.password });
      await navigate({ to: '/home', replace: true });
    } catch (err) {
      setError(err);
      setBusy(false);
    }
  };
  if (session && !session.setup) {
    return (
      <main className={css.page} id="main">
        <div className={css.box}>
          <h1>This server is set up</h1>
          <p>It has an administrator already, so the set-up link no longer works.</p>
          <div>
            <ButtonLink kind="primary" to="/home">Continue</ButtonLink>
          </div>
        </div>
      </main>
    );
  }
  const bad = (k: keyof typeof wrong) => (tried ? wrong[k] : undefined);
  return (
    <main className={css.page} id="main">
      <div className={css.box}>
        <Mark className={css.mark} />
        <h1>Set up Ballast</h1>
        <p>This server is empty. Make its first administrator: that is you.</p>
        <form className={css.form} onSubmit={(e) => void submit(e)} noValidate>
          {error !== null && <Failed what="Nothing was made." error={error} />}
          {error instanceof ApiError && error.status === 403 && <Notice tone="info">The link is good for one use and one start of the server. The newest one is in the server’s log.</Notice>}
          {!token && <Field label="Set-up token" name="token" autoComplete="off" value={form.token} onChange={set('token')} error={bad('token')} hint="The end of the link that the server printed when it started." />}
          <Field label="Name" name="username" autoComplete="username" autoFocus value={form.name} onChange={set('name')} error={bad('name')} hint="Your runs will live under it: /name/project" />
          <Field label="Email" name="email" type="email" autoComplete="email" value={form.email} onChange={set('email')} error={bad('email')} />
          <Field label="Password" name="password" type="password" autoComplete="new-password" value={form.password} onChange={set('password')} error={bad('password')} />
          <Field label="Password again" name="again" type="password" autoComplete="new-password" value={form.again} onChange={set('again')} error={bad('again')} />
          <Button kind="primary" className={css.go ?? ''} type="submit" busy={busy}>
            Make administrator
          </Button>
        </form>
      </div>
    </main>
  );
}
