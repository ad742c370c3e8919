// One line of a log: its number, time, process and coloured text.
import { type MouseEvent } from 'react';
import { int } from '../data/format';
import type { LogLine } from '../data/log';
import { copyText } from '../parts/copy';
import { marked, spans, type Span } from './ansi';
import css from './logs.module.css';

const look = (p: Span) => [p.bold && css.bold, p.dim && css.dim, p.italic && css.italic, p.underline && css.under].filter(Boolean).join(' ') || undefined;

function Text({ text, find }: { text: string; find: RegExp | null }) {
  return (
    <span className={css.text}>
      {marked(spans(text), find).map((p, i) => {
        const style = p.colour ? { color: p.colour } : undefined;
        return p.hit ? (
          <mark key={i} className={look(p)} style={style}>
            {p.text}
          </mark>
        ) : (
          <span key={i} className={look(p)} style={style}>
            {p.text}
          </span>
        );
      })}
    </span>
  );
}

// Made once: making a format costs more than a screen of lines.
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });
const clock = (t: string | null) => (t ? CLOCK.format(new Date(t)) : '');
const tone = (l: LogLine | undefined) => (l?.level === 'error' ? css.error : l?.level === 'warn' || l?.level === 'warning' ? css.warn : '');

/** Where a click on a line number leads: the address of this line. */
const lineAddress = (n: number) => {
  const u = new URL(location.href);
  u.searchParams.set('line', String(n + 1));
  return u;
};

/** A line's number: its address, and the way to copy it. Among filtered lines it leads to the line's surroundings. */
function Number({ n, onLeave }: { n: number | null; onLeave?: ((n: number) => void) | undefined }) {
  if (n === null) return <span className={css.no} />;
  const press = (e: MouseEvent) => {
    e.preventDefault();
    history.replaceState(history.state, '', lineAddress(n));
    if (onLeave) onLeave(n);
    else void copyText(lineAddress(n).href);
  };
  return <a className={css.no} href={lineAddress(n).href} title={onLeave ? 'Show this line among the others' : 'Copy a link to this line'} tabIndex={-1} onClick={press}>{int(n + 1)}</a>;
}

type Props = { index: number; line: LogLine | undefined; n: number | null; top: number | null; time: boolean; find: RegExp | null; current: boolean; onLeave: ((n: number) => void) | undefined };

/** `top` is where the line stands in the sheet; null where lines follow one another. */
export function Line({ index, line: l, n, top, time, find, current, onLeave }: Props) {
  return (
    <div data-index={index} className={`${css.line} ${tone(l)} ${current ? css.current : ''}`} style={top === null ? undefined : { transform: `translateY(${top}px)` }}>
      <Number n={n} onLeave={onLeave} />
      {time && <span className={css.time}>{clock(l?.t ?? null)}</span>}
      {l?.label && <span className={css.label}>{l.label}</span>}
      {l ? <Text text={l.text} find={find} /> : <span className={css.wait} />}
      {l?.updates !== undefined && <span className={`${css.updates} num`} title={`Its text was replaced ${int(l.updates)} times; the last one stands here`}>{int(l.updates)} {l.updates === 1 ? 'update' : 'updates'}</span>}
    </div>
  );
}
