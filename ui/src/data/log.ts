// Console lines, by range; search runs on the server.
import { json } from './client';

export type LogLine = { n: number; t: string | null; level: string | null; label: string | null; text: string };
export type LogPage = { total: number; lines: LogLine[]; matches?: number[]; more?: boolean };
export type LogAsk = { from?: number; n?: number; tail?: number; search?: string; regex?: boolean; matchCase?: boolean; level?: string };

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
  return json<LogPage>(`${path(entity, project, run)}?${p.toString()}`, undefined, signal ? { signal } : {});
}
export const logDownload = (entity: string, project: string, run: string) => path(entity, project, run) + '/download';
