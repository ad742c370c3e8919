// Short words about what was done; with an act (Undo) where there is one. Errors stay until read.
import { useSyncExternalStore } from 'react';
import css from './surface.module.css';

type Toast = { id: number; text: string; act?: { label: string; run: () => void } | undefined; stay?: boolean | undefined };
let now: Toast | null = null;
let next = 1;
let timer: ReturnType<typeof setTimeout> | undefined;
const ears = new Set<() => void>();
const set = (t: Toast | null) => {
  now = t;
  for (const f of ears) f();
};

/** Shows one line; a new one takes the place of the old. */
export function toast(text: string, act?: Toast['act'], stay?: boolean): void {
  clearTimeout(timer);
  const id = next++;
  set({ id, text, act, stay });
  if (!stay) timer = setTimeout(() => now?.id === id && set(null), act ? 8000 : 2400);
}

export function ToastPlace() {
  const t = useSyncExternalStore(
    (f) => (ears.add(f), () => ears.delete(f)),
    () => now,
  );
  return (
    <div role="status" aria-live="polite">
      {t && (
        <div className={css.toast}>
          <span>{t.text}</span>
          {t.act && (
            <button
              type="button"
              onClick={() => {
                t.act?.run();
                set(null);
              }}
            >
              {t.act.label}
            </button>
          )}
          {t.stay && (
            <button type="button" onClick={() => set(null)}>
              Close
            </button>
          )}
        </div>
      )}
    </div>
  );
}
