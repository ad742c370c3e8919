// Choosing keys of a catalogue: search by text or expression, tick. Virtual: five thousand keys are twenty rows.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { matcher, natural } from '../chart/sections';
import { int } from '../data/format';
import type { CatalogueKey } from '../data/run';
import { Search } from '../parts/field';
import css from './panel.module.css';

type Props = { label: string; keys: CatalogueKey[]; chosen: string[]; onChosen: (keys: string[]) => void; one?: boolean; tall?: boolean; onSearch?: (text: string) => void };

export function KeyPicker({ label, keys, chosen, onChosen, one, tall, onSearch }: Props) {
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => {
    const match = matcher(text);
    const is = new Set(chosen);
    const named = new Map(keys.map((k) => [k.key, k]));
    const gone = chosen.filter((k) => !named.has(k)).map((key): CatalogueKey => ({ key, type: 'not logged by runs in view', runs: 0, step: null, hidden: false }));
    return [...gone, ...keys.filter((k) => !match || match(k.key))].sort((a, b) => Number(is.has(b.key)) - Number(is.has(a.key)) || natural(a.key, b.key));
    // What is chosen moves to the top only when the picker opens or the search changes, so that rows stay under the pointer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [keys, text]);
  const v = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => 28, overscan: 8 });
  const set = (key: string, on: boolean) => onChosen(one ? (on ? [key] : []) : on ? [...chosen, key] : chosen.filter((k) => k !== key));
  return (
    <fieldset className={css.picker}>
      <legend>
        {label} <span className="dim num">{chosen.length ? `${int(chosen.length)} of ` : ''}{int(keys.length)}</span>
      </legend>
      <Search label={`Search ${label.toLowerCase()}`} placeholder="Search  .*" value={text} onValue={(v) => (setText(v), onSearch?.(v))} />
      <div ref={box} className={[css.keys, tall && css.tall].filter(Boolean).join(' ')} tabIndex={0} role="group" aria-label={label}>
        <div style={{ height: v.getTotalSize(), position: 'relative' }}>
          {v.getVirtualItems().map((it) => {
            const k = rows[it.index]!, on = chosen.includes(k.key);
            return (
              <label key={k.key} className={css.keyrow} style={{ transform: `translateY(${it.start}px)` }} title={k.key}>
                <input type={one ? 'radio' : 'checkbox'} checked={on} onChange={(e) => set(k.key, e.target.checked)} />
                <span className="cut">{k.key}</span>
                <span className="dim small">{k.type === 'number' ? '' : k.type.replace(/^media:/, '')}</span>
              </label>
            );
          })}
        </div>
        {rows.length === 0 && <p className={css.none}>No key matches.</p>}
      </div>
    </fieldset>
  );
}
