// Console lines, by range; search runs on the server.
import { queryOptions } from '@tanstack/react-query';
import { json } from './client';

/** `row` is its place among the lines that passed a filter, `updates` how often its text was replaced. */
export type LogLine = { n: number; row?: number; t: string | null; level: string | null; label: string | null; text: string; updates?: number };
export type LogPage = { total: number; found?: number; lines: LogLine[]; matches?: number[]; more?: boolean };
export type LogAsk = { from?: number; n?: number; tail?: number; search?: string; regex?: boolean; matchCase?: boolean; level?: string; label?: string; only?: boolean };
export type LogCounts = { levels: Record<string, number>; labels: Record<string, number> };

const path = (entity: string, project: string, run: string) => '/api/logs/' + [entity, project, run].map(encodeURIComponent).join('/');

export function logs(entity: string, project: string, run: string, ask: LogAsk, signal?: AbortSignal): Promise<LogPage> {
  const p = new URLSearchParams();
  if (ask.tail !== undefined) p.set('tail', String(ask.tail));
  else p.set('from', String(ask.from ?? 0));
  if (ask.n !== undefined) p.set('n', String(ask.n));
  if (ask.search) p.set('search', ask.search);
  if (ask.regex) p.set('regex', '1');
  if (ask.matchCase) p.set('case', '1');
  if (ask.level) p.set('level', ask.level);
  if (ask.label) p.set('label', ask.label);
  if (ask.only) p.set('only', '1');
  return json<LogPage>(`${path(entity, project, run)}?${p.toString()}`, undefined, signal ? { signal } : {});
}
/** What a log is made of. The server reads all of it, so this is asked for seldom. */
export const logCountsQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['log-counts', entity, project, run],
    queryFn: ({ signal }) => json<LogCounts>(`${path(entity, project, run)}?counts=1`, undefined, { signal }),
    staleTime: 60_000,
  });
/** The numbers of the lines of a level, up to ten thousand. */
export const logLevelQuery = (entity: string, project: string, run: string, level: string) =>
  queryOptions({
    queryKey: ['log-level', entity, project, run, level],
    queryFn: ({ signal }) => logs(entity, project, run, { from: 0, n: 1, level }, signal).then((p) => p.matches ?? []),
    staleTime: 60_000,
  });
export const logDownload = (entity: string, project: string, run: string) => path(entity, project, run) + '/download';
