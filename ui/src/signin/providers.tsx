// The identity providers of the sign-in page, and why one did not let a person in.
import { ButtonAnchor } from '../parts/button';
import css from './signin.module.css';

const words: Record<string, string> = {
  unavailable: 'The provider does not answer at the moment. Try again, or sign in with a password.',
  unsigned: 'The sign-in was begun elsewhere, took too long, or its answer does not count; or your account is disabled. Try again, or ask an administrator of this server.',
  denied: 'The provider refused, or you cancelled there.',
  'not found': 'You have no account on this server, and signing in makes none. Ask for an invitation.',
  conflict: 'Another account has your email address or name. Sign in with its password, or ask an administrator of this server.',
};

/** What a word in the address says, in the server's kinds of failure. Any other is shown as none of them. */
export const refusal = (kind: string): string => (Object.hasOwn(words, kind) ? words[kind]! : 'Something failed on the server. Try again.');

export function Providers({ all, to }: { all: { name: string; label: string }[]; to: string }) {
  return (
    <div className={css.form} role="group" aria-label="Identity providers">
      {all.map((p) => (
        <ButtonAnchor key={p.name} className={css.go} href={`/oidc/${p.name}/start?to=${encodeURIComponent(to)}`}>
          Sign in with {p.label}
        </ButtonAnchor>
      ))}
    </div>
  );
}
