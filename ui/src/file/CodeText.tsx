// Code to read: coloured, numbered, only the lines in sight.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { int } from '../data/format';
import { highlight, languageOf, type Token } from '../parts/highlight';
import css from './code.module.css';

const ROW = 20;
const KIND: Record<Token['kind'], string | undefined> = { word: css.word, text: css.string, number: css.number, note: css.note, name: css.name, in: css.in, out: css.out, head: css.fhead, '': undefined };

/** One piece of a line; what is beyond what anybody reads is counted. */
const cut = (t: string) => (t.length > 4000 ? `${t.slice(0, 4000)}… and ${int(t.length - 4000)} more characters` : t);

export function CodeText({ name, text, line }: { name: string; text: string; line?: number | undefined }) {
  const lines = useMemo(() => highlight(text.replace(/\n$/, ''), languageOf(name)), [name, text]);
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 20 });
  useEffect(() => {
    if (line !== undefined) v.scrollToIndex(Math.min(line, lines.length) - 1, { align: 'center' });
    else box.current?.scrollTo({ top: 0, left: 0 });
  }, [name, line, lines.length, v]);
  const wide = useMemo(() => lines.reduce((n, l) => Math.max(n, l.reduce((m, t) => m + t.text.length, 0)), 0), [lines]);
  return (
    <div ref={box} className={css.text} tabIndex={0} role="region" aria-label={`Contents of ${name}`}>
      <div className={css.sizer} style={{ height: v.getTotalSize(), minWidth: `calc(${Math.min(wide, 4000)}ch + 84px)` }}>
        {v.getVirtualItems().map((it) => {
          const l = lines[it.index]!;
          const whole = l.length === 1 ? l[0]!.kind : '';
          return (
            <div key={it.index} className={[css.line, whole === 'in' && css.lin, whole === 'out' && css.lout, line === it.index + 1 && css.lit].filter(Boolean).join(' ')} style={{ transform: `translateY(${it.start}px)` }}>
              <span className={css.no} data-no={it.index + 1} aria-hidden="true" />
              <code>{l.map((t, i) => (t.kind ? <span key={i} className={KIND[t.kind]}>{cut(t.text)}</span> : cut(t.text)))}{'\n'}</code>
            </div>
          );
        })}
      </div>
    </div>
  );
}
