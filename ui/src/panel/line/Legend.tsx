// The legend of a line panel: below it, with the values at the crosshair. A click hides a line, with ⇧ all others.
import { useCallback, useEffect, useRef } from 'react';
import { paint } from '../../chart/colour';
import { num } from '../../data/format';
import css from '../panel.module.css';

export type LegendRow = { label: string; colour: number; last: number };
type Props = { title: string; rows: LegendRow[]; hidden: ReadonlySet<string>; onHidden: (h: ReadonlySet<string>) => void; box: React.RefObject<HTMLElement | null>; here: () => (number | null)[] };

/** What is hidden after a click: one more or less; with ⇧ all but this one, or nothing when it stood alone. */
export function afterClick(all: string[], hidden: ReadonlySet<string>, label: string, only: boolean): ReadonlySet<string> {
  const others = all.filter((l) => l !== label);
  if (only) return others.every((l) => hidden.has(l)) && !hidden.has(label) ? new Set() : new Set(others);
  const next = new Set(hidden);
  if (!next.delete(label)) next.add(label);
  return next.size >= all.length ? new Set() : next; // nothing drawn is nothing to click on
}

export function Legend({ title, rows, hidden, onHidden, box, here }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const now = useRef({ rows, hidden, here });
  // The crosshair moves sixty times a second: the values are written past React, which knows none of them.
  const write = useCallback(() => {
    const at = now.current.here(), drawn = now.current.rows.filter((r) => !now.current.hidden.has(r.label));
    list.current?.querySelectorAll('output').forEach((o, i) => (o.textContent = num(at[i] ?? drawn[i]?.last ?? NaN)));
  }, []);
  useEffect(() => {
    now.current = { rows, hidden, here };
    write();
  });
  useEffect(() => {
    const plot = box.current;
    plot?.addEventListener('cursor', write);
    return () => plot?.removeEventListener('cursor', write);
  }, [box, write]);
  const sorted = [...rows.filter((r) => !hidden.has(r.label)), ...rows.filter((r) => hidden.has(r.label))];
  const all = sorted.map((r) => r.label);
  return (
    <div ref={list} className={css.legend} role="group" aria-label={`Legend of ${title}`}>
      {sorted.map((r) => (
        <button key={r.label} type="button" aria-pressed={!hidden.has(r.label)} title={`${r.label}\nHide or show; with ⇧ only this`} onClick={(e) => onHidden(afterClick(all, hidden, r.label, e.shiftKey))}>
          <i style={{ background: paint(r.colour) }} />
          <span className="cut" dir="auto">{r.label}</span>
          {!hidden.has(r.label) && <output className="num" />}
        </button>
      ))}
    </div>
  );
}
