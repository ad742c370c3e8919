// How many runs a group has in all: the list makes its groups of the first thousand runs, the server counts them all.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { json } from '../data/client';
import type { RunAsk } from '../data/run';
import { NONE, valueText } from './groups';

type Counted = { groups?: { values: unknown[]; runs: number }[] };

/** Runs by the id of their group, for groups and the groups around them. */
export function sizesOf(groups: { values: unknown[]; runs: number }[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const g of groups) {
    const path = g.values.map((v) => valueText(v) || NONE);
    path.forEach((_, i) => {
      const id = 'group:' + JSON.stringify(path.slice(0, i + 1));
      out.set(id, (out.get(id) ?? 0) + g.runs);
    });
  }
  return out;
}

const NOTHING = new Map<string, number>();

/** The sizes of the groups of all runs that are found; empty where `on` is false or they are not known yet. */
export function useGroupSizes(ask: RunAsk, by: string[], on: boolean): Map<string, number> {
  const { data } = useQuery({
    queryKey: ['runs', ask.project, 'sizes', ask.q, ask.filter, by],
    queryFn: ({ signal }) => json<Counted>('/api/runs', { project: ask.project, q: ask.q, filter: ask.filter ?? null, order: ask.order, columns: [], offset: 0, limit: 1, groupBy: by }, { signal }),
    enabled: on && by.length > 0,
    staleTime: 10_000,
  });
  return useMemo(() => (data?.groups ? sizesOf(data.groups) : NOTHING), [data]);
}
