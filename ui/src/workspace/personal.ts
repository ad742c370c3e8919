// What a person set in a project's workspace, remembered on this machine. What a link should carry is in the address.
import { useCallback, useState } from 'react';
import { FRESH as FRESH_DOC, type ViewDoc } from '../panel/document';

export type Personal = { doc: ViewDoc; metric: string | null; width: number; closed: boolean };
const FRESH: Personal = { doc: FRESH_DOC, metric: null, width: 330, closed: false };

function read(key: string): Personal {
  try {
    return { ...FRESH, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Personal>) };
  } catch {
    return FRESH;
  }
}

export function usePersonal(project: string): [Personal, (change: Partial<Personal>) => void] {
  const key = 'workspace:' + project;
  const [state, set] = useState<{ key: string; p: Personal }>(() => ({ key, p: read(key) }));
  const p = state.key === key ? state.p : read(key);
  const change = useCallback(
    (c: Partial<Personal>) =>
      set((old) => {
        const next = { ...(old.key === key ? old.p : read(key)), ...c };
        try {
          localStorage.setItem(key, JSON.stringify(next));
        } catch {
          // Storage is full or closed: it lasts as long as the page.
        }
        return { key, p: next };
      }),
    [key],
  );
  return [p, change];
}
