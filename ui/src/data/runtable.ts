// The run table as a whole: ranges and histograms of columns, groups, and what can be a column.
import { queryOptions } from '@tanstack/react-query';
import { json } from './client';
import type { RunAsk } from './run';

/** Times are milliseconds since 1970. `bins` go from min to max, equal in the logarithm where `log`. */
export type ColumnStat = { column: string; count: number; odd: number; min: number; max: number; mean: number; log?: boolean; time?: boolean; bins?: number[]; texts?: { text: string; runs: number }[] };
/** `filter` is the query in the language of the public API. */
export type TableStats = { found: number; ms: number; columns: ColumnStat[]; filter: unknown };
export type GroupValue = { count: number; mean: number; min: number; max: number };
export type TableGroup = { value: unknown; runs: number; values: Record<string, GroupValue> };
export type TableGroups = { found: number; total: number; ms: number; groups: TableGroup[] };
export type RunColumn = { column: string; type: string; runs: number };
export type RunColumns = { read: number; found: number; more: boolean; columns: RunColumn[] };

export const statsQuery = (ask: Omit<RunAsk, 'order'>) =>
  queryOptions({
    queryKey: ['runs', ask.project, 'stats', ask.q, ask.filter ?? null, ask.columns],
    queryFn: ({ signal }) => json<TableStats>('/api/runs/stats', { project: ask.project, q: ask.q, filter: ask.filter ?? null, columns: ask.columns }, { signal }),
    staleTime: 30_000,
  });
export const groupsQuery = (ask: RunAsk, by: string) =>
  queryOptions({
    queryKey: ['runs', ask.project, 'groups', ask, by],
    queryFn: ({ signal }) => json<TableGroups>('/api/runs/groups', { project: ask.project, q: ask.q, filter: ask.filter ?? null, order: ask.order, columns: ask.columns, by }, { signal }),
    staleTime: 30_000,
  });
/** Keys of config and summary that the newest thousand runs have. */
export const runColumnsQuery = (project: string) =>
  queryOptions({
    queryKey: ['runcolumns', project],
    queryFn: ({ signal }) => json<RunColumns>('/api/runs/columns', { project, q: '', filter: null }, { signal }),
    staleTime: 60_000,
  });
