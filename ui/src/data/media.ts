// What runs logged that is no number: media by step, pages of tables, and where their bytes are.
import { queryOptions } from '@tanstack/react-query';
import { json } from './client';

export type MediaValue = { step: number; value: unknown };
export type MediaRun = { run: string; missing: boolean; total: number; values: MediaValue[] };
export const MEDIA_RUNS = 100; // of one question

export const mediaQuery = (project: string, runs: string[], key: string, live: boolean) =>
  queryOptions({
    queryKey: ['media', project, runs, key],
    queryFn: ({ signal }) => json<{ runs: MediaRun[] }>('/api/media', { project, runs: runs.slice(0, MEDIA_RUNS), key }, { signal }).then((d) => d.runs),
    enabled: runs.length > 0 && key !== '',
    staleTime: 20_000,
    refetchInterval: live ? 10_000 : false,
  });

/** The address of a run's file. */
export const fileUrl = (project: string, run: string, path: string): string => '/files/' + [...project.split('/'), run, ...path.split('/')].map(encodeURIComponent).join('/');

/** Reads a file as text, in words when it is not there or too long. */
export async function fileText(url: string, most = 32 << 20, signal?: AbortSignal): Promise<string> {
  return new TextDecoder().decode(await fileBytes(url, most, signal));
}
export async function fileBytes(url: string, most = 128 << 20, signal?: AbortSignal): Promise<ArrayBuffer> {
  let res: Response;
  try {
    res = await fetch(url, { credentials: 'same-origin', ...(signal ? { signal } : {}) });
  } catch (e) {
    if ((e as Error).name === 'AbortError') throw e;
    throw new Error('The file could not be fetched. Is the network up?');
  }
  if (res.status === 404) throw new Error('The file is not there. It is still being uploaded, or was deleted.');
  if (!res.ok) throw new Error(`The store answered ${res.status}.`);
  if (Number(res.headers.get('Content-Length') ?? 0) > most) throw new Error(`The file has ${Math.round(Number(res.headers.get('Content-Length')) / 2 ** 20)} MB; up to ${most >> 20} MB are shown here. Download it instead.`);
  return res.arrayBuffer();
}

export type TableColumn = { name: string; type: string };
export type Cell = unknown;
export type TablePage = { columns: TableColumn[]; total: number; found: number; rows: Cell[][]; index: number[]; links: Record<string, string> };
export type TableOrder = { column: string; desc: boolean };
export type TableTest = { column: string; op: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches' | 'null' | 'not-null'; value?: unknown };
/** Which table: the run, its file, and the artifact that holds it whole. */
export type TableName = { run: string; path: string; artifact: string };
/** `more` tables, each with a label, are shown with the first as one: under each other, or joined on a column. */
export type LabelledTable = TableName & { label: string };
export type TableAsk = { project: string; table: TableName & { label?: string }; more?: LabelledTable[]; join?: string; sort: TableOrder[]; text: string; where: TableTest[] };

export const TABLES_TOGETHER = 20; // of one question
export const TABLE_PAGE = 100;
export const tablePageQuery = (ask: TableAsk, page: number, size = TABLE_PAGE) =>
  queryOptions({
    queryKey: ['table', ask, page, size],
    queryFn: ({ signal }) => json<TablePage>('/api/table', { project: ask.project, ...ask.table, ...(ask.more?.length ? { more: ask.more, join: ask.join ?? '' } : {}), sort: ask.sort, text: ask.text, where: ask.where, offset: page * size, limit: size }, { signal }),
    staleTime: 300_000, // stored tables never change, links are good for an hour
  });

/** The table that a logged value names; null when it is none. */
export function tableOf(run: string, value: unknown): TableName | null {
  const v = value as { _type?: string; path?: string; artifact_path?: string } | null;
  if (!v || typeof v !== 'object' || !/(^|-)table(-file)?$/.test(v._type ?? '')) return null;
  return { run, path: v.path ?? '', artifact: v.artifact_path ?? '' };
}
