// Sign in with name or email and password.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiError } from '../data/client';
import { signIn, useSession } from '../data/session';
import { Button } from '../parts/button';
import { Field } from '../parts/field';
import { Mark } from '../parts/mark';
import { Failed } from '../parts/surface';
import { useTitle } from '../parts/title';
import { Providers, refusal } from './providers';
import css from './signin.module.css';

/** Only a path of ours is followed after signing in. */
const inside = (to: string | undefined) => (to && /^\/(?![/\\])/.test(to) && !to.startsWith('/login') ? to : '/home');

export function Login() {
  useTitle('Sign in');
  const { to, refused, by } = useSearch({ strict: false });
  const navigate = useNavigate();
  const session = useSession().data;
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const next = inside(to);
  useEffect(() => {
    if (session?.user) void navigate({ to: next as '/', replace: true });
  }, [session?.user, navigate, next]);
  const submit = async (e: React.FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(user.trim(), password);
    } catch (err) {
      setError(err);
      setBusy(false);
    }
  };
  const wrong = error instanceof ApiError && error.status === 401;
  return (
    <main className={css.page} id="main">
      <div className={css.box}>
        <Mark className={css.mark} />
        <h1>Sign in</h1>
        {refused && <Failed what={`You were not signed in${by ? ` by ${session?.providers.find((p) => p.name === by)?.label ?? by}` : ''}.`} error={new Error(refusal(refused))} />}
        {session && session.providers.length > 0 && <Providers all={session.providers} to={next} />}
        <form className={`${css.card} ${css.form}`} onSubmit={(e) => void submit(e)}>
          {error !== null && !wrong && <Failed what="Signing in failed." error={error} />}
          <Field label="Name or email" name="username" autoComplete="username" autoFocus required value={user} onChange={(e) => setUser(e.target.value)} />
          <Field label="Password" name="password" type="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} error={wrong ? error.message : undefined} />
          <Button kind="primary" className={css.go ?? ''} type="submit" busy={busy}>
            Sign in
          </Button>
        </form>
        <p className={css.foot}>
          No account, or the password is lost? An administrator of this server can help: <code>ballast admin user</code>.
        </p>
      </div>
    </main>
  );
}
