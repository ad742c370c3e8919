// What a person set for a project's table, for the next visit in this browser. An address comes before it.
import { useCallback, useState } from 'react';

export type TableSettings = { widths: Record<string, number>; fields?: string[]; pins?: number; tall?: number };
const FRESH: TableSettings = { widths: {} };

function read(key: string): TableSettings {
  try {
    const s = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<TableSettings> | null;
    const widths = Object.fromEntries(Object.entries(s?.widths ?? {}).filter(([, w]) => typeof w === 'number' && w >= 40 && w <= 1000));
    const fields = Array.isArray(s?.fields) && s.fields.every((f) => typeof f === 'string') ? { fields: s.fields } : {};
    return { widths, ...fields, ...(typeof s?.pins === 'number' ? { pins: s.pins } : {}), ...(typeof s?.tall === 'number' ? { tall: s.tall } : {}) };
  } catch {
    return FRESH;
  }
}

export function useTableSettings(project: string): [TableSettings, (change: (old: TableSettings) => TableSettings) => void] {
  const key = 'table:' + project;
  const [state, set] = useState(() => ({ key, s: read(key) }));
  const s = state.key === key ? state.s : read(key);
  const change = useCallback(
    (f: (old: TableSettings) => TableSettings) =>
      set((old) => {
        const next = f(old.key === key ? old.s : read(key));
        try {
          localStorage.setItem(key, JSON.stringify(next));
        } catch {
          // Storage is full or closed: it lasts as long as the page.
        }
        return { key, s: next };
      }),
    [key],
  );
  return [s, change];
}
