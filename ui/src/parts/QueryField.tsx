// The field of a query: its parts in colours, what may follow, and where it is wrong.
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { fieldsOf, knownField, parseQuery, shortNames, suggest, tokens } from '../data/runquery';
import { Icon } from './icon';
import css from './queryfield.module.css';

type Props = { label: string; q: string; onQuery: (q: string) => void; columns: { column: string; type: string }[]; valuesOf: (field: string) => string[]; said?: string | undefined; children?: ReactNode };

const REST = 250; // ms without a key after which the query is asked

export function QueryField({ label, q, onQuery, columns, valuesOf, said, children }: Props) {
  const [text, setText] = useState(q);
  const [caret, setCaret] = useState<number | null>(null);
  const [at, setAt] = useState(-1);
  const sent = useRef(q), input = useRef<HTMLInputElement>(null), back = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q;
    setText(q);
  }, [q]);
  const { tree, fault } = useMemo(() => parseQuery(text), [text]);
  useEffect(() => {
    if (text === sent.current || fault) return;
    const t = setTimeout(() => {
      sent.current = text;
      onQuery(text);
    }, REST);
    return () => clearTimeout(t);
  }, [text, fault, onQuery]);
  const short = useMemo(() => shortNames(columns), [columns]);
  const odd = (f: string) => !knownField(f) && !short.has(f);
  const unknown = fieldsOf(tree).find(odd);
  const hint = caret === null ? null : suggest(text, caret, columns, valuesOf);
  const open = !!hint;
  const take = (i: number) => {
    const item = hint?.items[i];
    if (!item) return;
    const next = text.slice(0, hint.from) + item.text + (item.text.endsWith('[') || text[hint.to] === ' ' ? '' : ' ') + text.slice(hint.to);
    const place = hint.from + item.text.length + (item.text.endsWith('[') ? 0 : 1);
    setText(next);
    setAt(-1);
    setCaret(place);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const wrong = fault ? `At character ${fault.at + 1}: ${fault.message}. The list shows the query before.` : said;
  return (
    <div className={css.query}>
      <div className={css.box}>
        <Icon name="search" small />
        <div className={css.write}>
          <div ref={back} className={css.paint} aria-hidden="true">
            {paint(text, fault?.at ?? -1, odd)}
          </div>
          <input
            ref={input}
            type="text"
            role="combobox"
            aria-label={label}
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            aria-autocomplete="list"
            aria-activedescendant={open && at >= 0 ? id + at : undefined}
            aria-invalid={wrong ? true : undefined}
            aria-describedby={wrong || unknown ? id + 'w' : undefined}
            placeholder="state:running and config.lr > 1e-3"
            spellCheck={false}
            autoComplete="off"
            data-slash=""
            value={text}
            onChange={(e) => (setText(e.target.value), setCaret(e.target.selectionStart), setAt(-1))}
            onScroll={() => back.current && (back.current.scrollLeft = input.current?.scrollLeft ?? 0)}
            onBlur={() => setCaret(null)}
            onKeyDown={(e) => {
              if (open && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
                e.preventDefault();
                setAt((n) => (n + (e.key === 'ArrowDown' ? 1 : -1) + (n < 0 && e.key === 'ArrowUp' ? 1 : 0) + hint.items.length) % hint.items.length);
              } else if (open && (e.key === 'Tab' || (e.key === 'Enter' && at >= 0)) && !e.shiftKey) {
                e.preventDefault();
                take(Math.max(0, at));
              } else if (e.key === 'Enter' && !fault) {
                setCaret(null);
                sent.current = text;
                onQuery(text);
              } else if (e.key === 'Escape' && open) {
                e.stopPropagation();
                e.preventDefault();
                setCaret(null);
              }
            }}
          />
        </div>
        {children}
        <kbd className={css.kbd}>/</kbd>
      </div>
      {open && (
        <div className={css.list} id={id} role="listbox" aria-label="What may follow">
          {hint.items.map((it, i) => (
            <div key={it.text} id={id + i} role="option" aria-selected={i === at} onPointerDown={(e) => (e.preventDefault(), take(i))}>
              <span>{it.text}</span>
              <i>{it.note}</i>
            </div>
          ))}
        </div>
      )}
      {(wrong || unknown) && (
        <div id={id + 'w'} className={css.said} data-soft={wrong ? undefined : ''} role="status">
          {wrong ?? `${unknown} is no field of a run, and none of the newest runs has it as a metric or setting.`}
        </div>
      )}
    </div>
  );
}

/** The text in colours; from the fault on it is underlined. */
function paint(text: string, fault: number, unknown: (field: string) => boolean): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const t of tokens(text)) {
    if (fault >= 0 && t.to > fault) break;
    if (t.from > at) out.push(text.slice(at, t.from));
    const word = text.slice(t.from, t.to), odd = t.kind === 'field' && unknown(word.replace(/^"|"$/g, ''));
    out.push(
      <span key={t.from} className={[css[t.kind], odd && css.unknown].filter(Boolean).join(' ')}>
        {word}
      </span>,
    );
    at = t.to;
  }
  const rest = text.slice(at);
  if (fault < 0) return [...out, rest];
  const cut = Math.max(0, fault - at);
  return [...out, rest.slice(0, cut), <span key="fault" className={css.fault}>{rest.slice(cut) || ' '}</span>];
}
