// How many runs a group has in all: the list makes its groups of the first thousand runs, the server counts them all.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { json } from '../data/client';
import type { RunAsk } from '../data/run';
import type { TableGroups } from '../data/runtable';
import { NONE, valueText } from './groups';

/** Runs by the id of their outermost group. */
export const sizesOf = (groups: TableGroups['groups']): Map<string, number> => new Map(groups.map((g) => ['group:' + JSON.stringify([valueText(g.value) || NONE]), g.runs]));

const NOTHING = new Map<string, number>();
const AGAIN = 15_000; // ms; counting ten thousand runs is not for each change of one of them

/** The sizes of the outermost groups of all runs that are found; empty where `on` is false or they are not known yet. */
export function useGroupSizes({ project, q, filter, order }: RunAsk, by: string[], on: boolean): Map<string, number> {
  const { data } = useQuery({
    queryKey: ['sizes', project, q, filter ?? null, by[0]],
    queryFn: ({ signal }) => json<TableGroups>('/api/runs/groups', { project, q, filter: filter ?? null, order, columns: [], by: by[0] }, { signal }),
    enabled: on && by.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN,
  });
  return useMemo(() => (data ? sizesOf(data.groups) : NOTHING), [data]);
}
