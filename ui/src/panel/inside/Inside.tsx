// What the kinds of panels share: words for what is not there, the size of the inside, fields of editors.
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '../../parts/button';
import { useView, type DrawnRun, type View } from '../../chart/view';
import css from './inside.module.css';

/** Words in the middle of a panel. */
export const Said = ({ children, bad, action }: { children: ReactNode; bad?: boolean; action?: ReactNode }) => (
  <div className={css.said} role={bad ? 'alert' : undefined}>
    <div>{children}</div>
    {action}
  </div>
);

/** What cannot be shown, with the server's words and a way to try again. */
export const SaidFailed = ({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) => (
  <Said bad action={retry && <Button small onClick={retry}>Retry</Button>}>
    <b>{what}</b> {(error as { message?: string } | null)?.message ?? ''}
  </Said>
);

/** Unseen for the first 400 ms. */
export const SaidWaiting = ({ what }: { what: string }) => (
  <div className={css.wait} role="status" aria-label={what}>
    <i />
    <i />
    <i />
  </div>
);

/** The size of an element, 0 until it is known. */
export function useSize(el: HTMLElement | null): [number, number] {
  const [size, set] = useState<[number, number]>([0, 0]);
  useEffect(() => {
    if (!el) return;
    const ro = new ResizeObserver(() => set((old) => (old[0] === el.clientWidth && old[1] === el.clientHeight ? old : [el.clientWidth, el.clientHeight])));
    ro.observe(el);
    return () => ro.disconnect();
  }, [el]);
  return size;
}

/** The drawn runs, at most `most`, and whether any of them still runs. Redraws with the view. */
export function useDrawn(view: View, most: number): { runs: DrawnRun[]; names: string[]; left: number; live: boolean; version: number } {
  const version = useView(view);
  const runs = view.runs.slice(0, most);
  return { runs, names: runs.map((r) => r.name), left: Math.max(0, view.runs.length - most), live: runs.some((r) => r.state === 'running'), version };
}

/** The run in focus, which no React state of others knows: redraws this component only. */
export function useFocus(view: View): string | null {
  const [focus, set] = useState(view.focus);
  useEffect(() => view.on((a) => a === 'focus' && set(view.focus)), [view]);
  return focus;
}

/** A labelled row of an editor. */
export const EditRow = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className={css.row} role="group" aria-label={label}>
    <span className="mid">{label}</span>
    <span className={css.controls}>{children}</span>
  </div>
);
export const EditText = ({ label, value, onValue, placeholder }: { label: string; value: string; onValue: (v: string) => void; placeholder?: string }) => <input type="text" className={css.input} aria-label={label} value={value} placeholder={placeholder} onChange={(e) => onValue(e.target.value)} spellCheck={false} />;
export const EditCheck = ({ label, on, onChange }: { label: string; on: boolean; onChange: (v: boolean) => void }) => (
  <label className={css.check}>
    <input type="checkbox" checked={on} onChange={(e) => onChange(e.target.checked)} />
    {label}
  </label>
);
export const EditChoice = ({ label, value, options, onValue }: { label: string; value: string; options: readonly { value: string; label: string }[]; onValue: (v: string) => void }) => (
  <select className={css.input} aria-label={label} value={value} onChange={(e) => onValue(e.target.value)}>
    {options.map((o) => (
      <option key={o.value} value={o.value}>
        {o.label}
      </option>
    ))}
  </select>
);
