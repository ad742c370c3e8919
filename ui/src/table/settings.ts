// What a person set for a project's table and a link need not carry: widths of columns.
import { useCallback, useState } from 'react';

function read(key: string): Record<string, number> {
  try {
    const w = JSON.parse(localStorage.getItem(key) ?? '{}') as unknown;
    return w && typeof w === 'object' ? Object.fromEntries(Object.entries(w).filter((e): e is [string, number] => typeof e[1] === 'number' && e[1] >= 40 && e[1] <= 1000)) : {};
  } catch {
    return {};
  }
}

export function useWidths(project: string): [Record<string, number>, (field: string, w: number) => void] {
  const key = 'table:' + project;
  const [state, set] = useState(() => ({ key, w: read(key) }));
  const w = state.key === key ? state.w : read(key);
  const change = useCallback(
    (field: string, width: number) =>
      set((old) => {
        const next = { ...(old.key === key ? old.w : read(key)), [field]: width };
        try {
          localStorage.setItem(key, JSON.stringify(next));
        } catch {
          // Storage is full or closed: it lasts as long as the page.
        }
        return { key, w: next };
      }),
    [key],
  );
  return [w, change];
}
