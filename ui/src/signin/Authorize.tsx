// Where `wandb login` sends a person: one new API key, shown once, to paste into the terminal.
import { useEffect, useState } from 'react';
import { createKey } from '../data/key';
import { day } from '../data/format';
import { useBase, useUser } from '../data/session';
import { ButtonLink } from '../parts/button';
import { Code, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './signin.module.css';

let making: Promise<string> | null = null; // one key for one visit, however often React mounts the page

export function Authorize() {
  useTitle('API key');
  const user = useUser();
  const base = useBase();
  const [secret, setSecret] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let here = true;
    making ??= createKey(`wandb login, ${day(Date.now())}`, null);
    making.then(
      (s) => here && setSecret(s),
      (e: unknown) => {
        making = null;
        if (here) setError(e);
      },
    );
    return () => {
      here = false;
    };
  }, []);
  useEffect(() => () => void (secret && (making = null)), [secret]);
  return (
    <div className={css.page}>
      <div className={`${css.box} ${css.wide}`}>
        <h1>Your API key</h1>
        <p>
          Made just now for <b>{user?.name}</b>. Copy it and paste it where <code>wandb login</code> asks for it. It is shown this once; the server keeps only a fingerprint.
        </p>
        {error ? <Failed what="No key was made." error={error} retry={() => location.reload()} /> : secret === null ? <Waiting rows={1} label="Making a key" /> : <Code text={secret} label="API key" />}
        <p>Or log in with one line:</p>
        <Code text={`wandb login --host ${base} ${secret ?? 'KEY'}`} label="Command" />
        <p className={css.foot}>It can do what you can do. Name it, let it expire or revoke it in the settings.</p>
        <div>
          <ButtonLink to="/settings">Manage keys</ButtonLink>
        </div>
      </div>
    </div>
  );
}
