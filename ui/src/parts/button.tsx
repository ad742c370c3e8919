// Buttons: ink for the one main act of a screen, outline, ghost, danger; and the row of choices.
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import css from './button.module.css';

type Look = { kind?: 'primary' | 'ghost' | 'danger' | 'danger-ghost'; icon?: boolean; small?: boolean; busy?: boolean };

const names = ({ kind, icon, small, busy }: Look, extra?: string) =>
  [css.btn, kind === 'primary' && css.primary, (kind === 'ghost' || kind === 'danger-ghost') && css.ghost, (kind === 'danger' || kind === 'danger-ghost') && css.danger, icon && css.icon, small && css.small, busy && css.busy, extra].filter(Boolean).join(' ');

/** A button. `busy` keeps the width and refuses presses while the act is under way. */
export function Button({ kind, icon, small, busy, className, children, disabled, ...rest }: Look & ComponentProps<'button'>) {
  return (
    <button type="button" className={names({ kind, icon, small, busy } as Look, className)} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <span className="row">{children}</span> : children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ kind, icon, small, className, ...rest }: Look & LinkProps & { className?: string; title?: string; children?: ReactNode }) {
  return <Link className={names({ kind, icon, small } as Look, className)} {...rest} />;
}

/** One choice of a few, all in sight. */
export function Segment<T extends string | number>({ label, value, options, onChange }: { label: string; value: T; options: { value: T; label: ReactNode; name?: string }[]; onChange: (v: T) => void }) {
  return (
    <div className={css.seg} role="group" aria-label={label}>
      {options.map((o) => (
        <button key={String(o.value)} type="button" aria-pressed={o.value === value} aria-label={o.name} onClick={() => onChange(o.value)}>
          {o.label}
        </button>
      ))}
    </div>
  );
}

/** A link out of the app that looks like a button: the browser leaves the page. */
export function ButtonAnchor({ kind, icon, small, className, ...rest }: Look & ComponentProps<'a'>) {
  return <a className={names({ kind, icon, small } as Look, className)} {...rest} />;
}
