// Cards, chips, notices, empty and waiting states, text to copy, code to copy, people's initials.
import { type ComponentProps, type ReactNode } from 'react';
import { Button } from './button';
import { copyText } from './copy';
import { Icon } from './icon';
import css from './surface.module.css';

/** A card with an optional head. */
export function Card({ title, head, children, className, ...rest }: { title?: ReactNode; head?: ReactNode; children?: ReactNode } & Omit<ComponentProps<'section'>, 'title'>) {
  return (
    <section className={[css.card, className].filter(Boolean).join(' ')} {...rest}>
      {(title || head) && (
        <header className={css.head}>
          {title && <h2>{title}</h2>}
          {head}
        </header>
      )}
      {children}
    </section>
  );
}

export const Chip = ({ tone, children, title }: { tone?: 'accent' | 'ok' | 'warn' | 'bad' | 'run'; children: ReactNode; title?: string }) => (
  <span className={[css.chip, tone && css[tone]].filter(Boolean).join(' ')} title={title}>
    {children}
  </span>
);

/** Names and values. */
export const Facts = ({ rows, className }: { rows: [string, ReactNode][]; className?: string }) => (
  <dl className={[css.kv, className].filter(Boolean).join(' ')}>
    {rows.map(([k, v]) => (
      <div key={k} style={{ display: 'contents' }}>
        <dt>{k}</dt>
        <dd>{v}</dd>
      </div>
    ))}
  </dl>
);

export const Notice = ({ tone = 'warn', children, action }: { tone?: 'info' | 'warn' | 'bad'; children: ReactNode; action?: ReactNode }) => (
  <div className={[css.notice, tone !== 'warn' && css[tone]].filter(Boolean).join(' ')} role={tone === 'bad' ? 'alert' : undefined}>
    <Icon name={tone === 'info' ? 'info' : 'warn'} />
    <div>{children}</div>
    {action}
  </div>
);

/** Something that failed, in words, with what the server called it and a way to try again. */
export const Failed = ({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) => {
  const e = error as { message?: string; request?: string } | undefined;
  return (
    <Notice tone="bad" action={retry && <Button small onClick={retry}>Retry</Button>}>
      <b>{what}</b> {e?.message ?? 'The server did not say why.'}
      {e?.request && <span className="dim small"> Request {e.request}</span>}
    </Notice>
  );
};

/** An empty state: one sentence, one act. */
export const Empty = ({ children, action, tall }: { children: ReactNode; action?: ReactNode; tall?: boolean }) => (
  <div className={[css.empty, tall && css.tall].filter(Boolean).join(' ')}>
    <div>{children}</div>
    {action}
  </div>
);

/** Quiet bars of the final height; unseen for the first 400 ms. */
export const Waiting = ({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) => (
  <div className={`${css.bars} ${css.late}`} role="status" aria-label={label}>
    {Array.from({ length: rows }, (_, i) => (
      <i key={i} style={{ width: 40 + ((i * 37) % 50) + '%' }} />
    ))}
  </div>
);

/** A whole screen that is not there yet, or failed: it has its heading all the same, for those who cannot see it. */
export const Unready = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="page">
    <h1 className="sr">{title}</h1>
    {children}
  </div>
);

/** Text that a click copies whole, however it is cut on screen. */
export const Copy = ({ text, label, children }: { text: string; label?: string; children?: ReactNode }) => (
  <button type="button" className={css.copy} onClick={() => copyText(text)} title={label ?? 'Copy ' + text}>
    {children ?? <code className="cut">{text}</code>}
    <Icon name="copy" small />
  </button>
);

/** A block of code with a copy button; `children` may colour it, `text` is what is copied. */
export const Code = ({ text, label, children, onCopy }: { text: string; label: string; children?: ReactNode; onCopy?: () => void }) => (
  <div className={[css.code, !text.includes('\n') && css.oneLine].filter(Boolean).join(' ')}>
    <pre tabIndex={0} role="region" aria-label={label}>
      {children ?? text}
    </pre>
    <Button small className={css.btn ?? ''} onClick={() => (copyText(text), onCopy?.())}>
      <Icon name="copy" small />
      Copy
    </Button>
  </div>
);

const initials = (name: string) => {
  const w = name.split(/[\s._-]+/).filter(Boolean);
  return ((w[0]?.[0] ?? '?') + (w[1]?.[0] ?? w[0]?.[1] ?? '')).toUpperCase();
};
export const Avatar = ({ name, small }: { name: string; small?: boolean }) => (
  <span className={[css.avatar, small && css.s].filter(Boolean).join(' ')} aria-hidden="true">
    {initials(name)}
  </span>
);
