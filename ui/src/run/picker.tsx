// Choosing another run: a text finds runs of the project by name; a whole path opens any run.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { colourOf, paint } from '../chart/colour';
import { findRunsQuery } from '../data/environment';
import { ago } from '../data/format';
import { Icon } from '../parts/icon';
import { useTheme } from '../parts/usetheme';
import css from './diff.module.css';

export type Choice = { value: string; name: string; ordinal: number | null; note: string };
const PATH = /^[^/\s]+\/[^/\s]+\/(?:runs\/)?[^/\s]+$/;

/** `not` is left out: a run is not compared with itself. */
export function RunPicker({ label, project, not, value, onValue }: { label: string; project: string; not: string; value: string; onValue: (v: string) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const find = useDeferredValue(text);
  const { data, error } = useQuery({ ...findRunsQuery(project, find.trim()), enabled: open, placeholderData: (old) => old });
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useTheme();
  const [now] = useState(Date.now);
  const path = PATH.test(text.trim()) ? text.trim().replace('/runs/', '/') : null;
  const found: Choice[] = [
    ...(path ? [{ value: path, name: path, ordinal: null, note: 'another project' }] : []),
    ...(data?.rows ?? []).filter((r) => r.name !== not).map((r) => ({ value: r.name, name: r.display || r.name, ordinal: r.ordinal, note: `${r.state}, ${ago(Date.parse(r.created), now)}` })),
  ];
  useEffect(() => {
    if (!open) return;
    const away = (e: PointerEvent) => !box.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const choose = (c: Choice | undefined) => {
    if (!c) return;
    setOpen(false);
    setText('');
    onValue(c.value);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      setOpen(true);
      setAt((n) => Math.max(0, Math.min(found.length - 1, n + (e.key === 'ArrowDown' ? 1 : -1))));
    } else if (e.key === 'Enter') {
      e.preventDefault();
      choose(found[Math.min(at, found.length - 1)]);
    } else if (e.key === 'Escape' && open) {
      e.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div className={css.picker} ref={box} onBlur={(e) => { if (!e.currentTarget.contains(e.relatedTarget)) setOpen(false); }}>
      <Icon name="search" small />
      <input role="combobox" aria-label={label} aria-expanded={open} aria-controls={id} aria-autocomplete="list" aria-activedescendant={open && found[at] ? `${id}-${at}` : undefined} value={open ? text : value} placeholder="Name of a run, or entity/project/run" spellCheck={false} autoComplete="off"
        onFocus={() => setOpen(true)} onClick={() => setOpen(true)} onChange={(e) => { setText(e.target.value); setAt(0); setOpen(true); }} onKeyDown={onKey} />
      <ul role="listbox" id={id} aria-label={label} hidden={!open}>
        {open && found.map((c, i) => (
          <li key={c.value} id={`${id}-${i}`} role="option" aria-selected={i === at} onPointerDown={(e) => { e.preventDefault(); choose(c); }} onPointerMove={() => setAt(i)}>
            {c.ordinal !== null && <i style={{ background: paint(colourOf(c.ordinal)) }} aria-hidden="true" />}
            <span className="cut">{c.name}</span>
            <span className="dim small">{c.note}</span>
          </li>
        ))}
        {open && found.length === 0 && <li role="option" aria-selected={false} aria-disabled="true" className="dim">{error ? 'The runs could not be read.' : data ? 'No run of this name. A path, entity/project/run, opens any.' : 'Looking'}</li>}
      </ul>
    </div>
  );
}
