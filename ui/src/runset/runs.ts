// The pages of the run list that are in sight, kept fresh by the live stream.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { queryClient } from '../data/cache';
import { useLive, type Signal } from '../data/live';
import { RUN_PAGE, runPageQuery, type RunAsk, type RunPage, type RunRow } from '../data/run';

export type RunList = { total: number; found: number; running: number; row: (i: number) => RunRow | undefined; loaded: RunRow[]; extra: RunRow[]; pins: RunRow[]; error: Error | null; pending: boolean; retry: () => void };

/** `pages` are the ones wanted; `names` are runs wanted wherever they stand, `pinned` also where the filter leaves them out. */
export function useRuns(ask: RunAsk, pages: number[], names: string[], pinned: string[] = []): RunList {
  const asked = useQueries({ queries: pages.map((p) => ({ ...runPageQuery(ask, p), placeholderData: keepPreviousData })) });
  const byName = useQuery({ ...runPageQuery({ ...ask, filter: { name: { $in: names } } }, 0), enabled: names.length > 0, placeholderData: keepPreviousData });
  const ofPins = useQuery({ ...runPageQuery({ ...ask, q: '', filter: { name: { $in: pinned } } }, 0), enabled: pinned.length > 0, placeholderData: keepPreviousData });
  const pinRows = ofPins.data?.rows;
  const first = asked.find((q) => q.data)?.data;
  const data = asked.map((q) => q.data);
  const extra = byName.data?.rows;
  return useMemo(() => {
    const by = new Map<number, RunPage>();
    pages.forEach((p, k) => data[k] && by.set(p, data[k]));
    const loaded = [...by.keys()].sort((a, b) => a - b).flatMap((p) => by.get(p)!.rows);
    const failed = asked.find((q) => q.isError);
    return {
      total: first?.total ?? 0,
      found: first?.found ?? 0,
      running: first?.running ?? loaded.filter((r) => r.state === 'running').length,
      row: (i: number) => by.get(Math.floor(i / RUN_PAGE))?.rows[i % RUN_PAGE],
      loaded,
      extra: names.length ? (extra ?? []) : [],
      pins: pinned.flatMap((n) => pinRows?.find((r) => r.name === n) ?? []),
      error: failed?.error ?? null,
      pending: !first && !failed,
      retry: () => void failed?.refetch(),
    };
    // The pages' contents decide; the array of queries is new on every draw.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [pages.join(), pinned.join(), ...data, extra, pinRows, first, asked.find((q) => q.isError)?.error]);
}

const LIST_EVERY = 1000; // a new or changed run shows within this
const VALUES_EVERY = 5000; // metrics in the list follow at this pace

/** Keeps the list fresh; returns nothing, tells `onRows` how many rows came for which run. */
export function useFreshRuns(project: string, onRows: (run: string, steps: number) => void): void {
  const timer = useRef<{ at: number; t: ReturnType<typeof setTimeout> } | null>(null);
  const last = useRef(0);
  const refresh = useCallback(
    (every: number) => {
      const at = Math.max(Date.now() + 50, last.current + every);
      if (timer.current && timer.current.at <= at) return;
      clearTimeout(timer.current?.t);
      timer.current = {
        at,
        t: setTimeout(() => {
          timer.current = null;
          last.current = Date.now();
          void queryClient.invalidateQueries({ queryKey: ['runs', project] });
        }, at - Date.now()),
      };
    },
    [project],
  );
  useEffect(() => () => clearTimeout(timer.current?.t), []);
  useLive(
    project,
    useCallback(
      (s: Signal) => {
        if (s.kind === 'reset') return refresh(LIST_EVERY);
        const by = new Map(s.change.runs.map((c) => [c.run, c]));
        let turned = false;
        queryClient.setQueriesData<Partial<RunPage>>({ queryKey: ['runs', project] }, (old) => {
          if (!old?.rows?.some((r) => by.has(r.name))) return old; // also what is no page of runs
          return {
            ...old,
            rows: old.rows.map((r) => {
              const c = by.get(r.name);
              if (!c || (c.state === r.state && c.steps === r.steps)) return r;
              turned ||= c.state !== r.state;
              return { ...r, state: c.state, steps: c.steps };
            }),
          };
        });
        for (const c of s.change.runs) onRows(c.run, c.steps);
        refresh(s.change.list || turned ? LIST_EVERY : VALUES_EVERY);
      },
      [project, refresh, onRows],
    ),
  );
}
