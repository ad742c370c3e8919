// Choosing columns: search by text or expression, tick, pin. Virtual: five thousand keys are twenty rows.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { matcher, natural } from '../chart/sections';
import { int } from '../data/format';
import { RUN_FIELDS } from '../data/runquery';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Dialog } from '../parts/menu';
import { columnOf } from './columns';
import css from './table.module.css';

type Named = { column: string; type: string; runs: number };
type Props = { columns: Named[]; chosen: string[]; pins: number; read: number; onChosen: (l: string[]) => void; onPins: (n: number) => void; onClose: () => void };

export function Picker({ columns, chosen, pins, read, onChosen, onPins, onClose }: Props) {
  const all = useMemo(() => [...RUN_FIELDS.filter((f) => f !== 'display_name').map((column) => ({ column, type: 'run', runs: 0 })), ...columns], [columns]);
  return (
    <Dialog open onClose={onClose} title="Columns" width={560} foot={<Button kind="primary" onClick={onClose}>Done</Button>}>
      <FieldList columns={all} chosen={chosen} onToggle={(f, on) => onChosen(on ? [...chosen, f] : chosen.filter((x) => x !== f))} />
      <div className="row">
        <label>
          Pinned beside the name{' '}
          <select value={pins} onChange={(e) => onPins(Number(e.target.value))}>
            {Array.from({ length: Math.min(6, chosen.length + 1) }, (_, n) => (
              <option key={n} value={n}>
                {n === 0 ? 'none' : n === 1 ? columnOf(chosen[0]!, {}).title : `first ${n}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="dim small">Keys are those of the newest {int(read)} runs. Another one: write its name in full, such as config.lr.</p>
    </Dialog>
  );
}

export function FieldList({ columns, chosen, onToggle }: { columns: Named[]; chosen: string[]; onToggle: (field: string, on: boolean) => void }) {
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => {
    const match = matcher(text), is = new Set(chosen), named = new Set(columns.map((c) => c.column));
    const gone = chosen.filter((c) => !named.has(c)).map((column) => ({ column, type: 'not in the newest runs', runs: 0 }));
    const typed = /^(config|summary_metrics)\.\S+$/.test(text) && !named.has(text) && !is.has(text) ? [{ column: text, type: 'as written', runs: 0 }] : [];
    return [...typed, ...gone, ...columns.filter((c) => !match || match(c.column))].sort((a, b) => Number(is.has(b.column)) - Number(is.has(a.column)) || natural(a.column, b.column));
    // What is chosen moves to the top only when the list opens or the search changes, so that rows stay under the pointer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [columns, text]);
  const v = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => 30, overscan: 8 });
  return (
    <div className={css.picker}>
      <Search label="Search fields" placeholder="Search  .*" value={text} onValue={setText} />
      <div ref={box} className={css.cols} tabIndex={0} role="group" aria-label="Fields">
        <div style={{ height: v.getTotalSize(), position: 'relative' }}>
          {v.getVirtualItems().map((it) => {
            const c = rows[it.index]!;
            return (
              <label key={c.column} className={css.col} style={{ transform: `translateY(${it.start}px)` }} title={c.column}>
                <input type="checkbox" checked={chosen.includes(c.column)} onChange={(e) => onToggle(c.column, e.target.checked)} />
                <span className="cut">{c.type === 'run' ? `${columnOf(c.column, {}).title} (${c.column})` : c.column}</span>
                <span className="grow" />
                <span className="dim small">{c.type}{c.runs ? `, ${int(c.runs)} ${c.runs === 1 ? 'run' : 'runs'}` : ''}</span>
              </label>
            );
          })}
        </div>
        {rows.length === 0 && <p className="dim">No field matches.</p>}
      </div>
    </div>
  );
}
