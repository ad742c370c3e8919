// How many runs a group has in all: the list makes its groups of the first thousand runs, the server counts them all.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunAsk } from '../data/run';
import { groupsQuery, type TableGroups } from '../data/runtable';
import { NONE, valueText } from './groups';

/** Runs by the id of their outermost group. */
export const sizesOf = (groups: TableGroups['groups']): Map<string, number> => new Map(groups.map((g) => ['group:' + JSON.stringify([valueText(g.value) || NONE]), g.runs]));

const NOTHING = new Map<string, number>();

/** The sizes of the outermost groups of all runs that are found; empty where `on` is false or they are not known yet. */
export function useGroupSizes(ask: RunAsk, by: string[], on: boolean): Map<string, number> {
  const { data } = useQuery({ ...groupsQuery({ ...ask, columns: [] }, by[0] ?? ''), enabled: on && by.length > 0 });
  return useMemo(() => (data ? sizesOf(data.groups) : NOTHING), [data]);
}
