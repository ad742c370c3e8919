// The rows of a custom chart: what its query asks of each run, joined and flattened to one table (PRODUCT 2.6).
import { queryOptions } from '@tanstack/react-query';
import { graphql, json } from '../../data/client';
import type { DrawnRun } from '../../chart/view';
import type { MediaRun, TablePage } from '../../data/media';
import { tableOf } from '../../data/media';
import { leaves, type RunDoc } from '../../data/runset';
import { parseLoose } from '../../data/json';
import { valueAt } from '../media/items';

export const ROWS_MOST = 10_000; // of all runs together
export const CHART_RUNS = 50;

type Arg = { name?: string; value?: unknown };
type QueryField = { name?: string; args?: Arg[]; fields?: QueryField[]; alias?: string };
export type UserQuery = { queryFields?: QueryField[] };
export type Wanted = { tables: { key: string; history: boolean; columns: string[] | null }[]; config: boolean; summary: string[]; history: string[] };

const list = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []);

/** What a query asks of each run. */
export function wanted(query: UserQuery | undefined): Wanted {
  const out: Wanted = { tables: [], config: false, summary: [], history: [] };
  const visit = (fields: QueryField[] | undefined) => {
    for (const f of fields ?? []) {
      const arg = (name: string) => f.args?.find((a) => a.name === name)?.value;
      if (f.name === 'summaryTable' || f.name === 'historyTable') {
        const key = arg('tableKey'), columns = list(arg('tableColumns'));
        if (typeof key === 'string' && key) out.tables.push({ key, history: f.name === 'historyTable', columns: columns.length ? columns : null });
      } else if (f.name === 'config') out.config = true;
      else if (f.name === 'summary') out.summary.push(...list(arg('keys')));
      else if (f.name === 'history') out.history.push(...list(arg('keys')));
      else visit(f.fields);
    }
  };
  visit(query?.queryFields);
  return out;
}

export type Row = Record<string, unknown>;
export type Rows = { rows: Row[]; cut: boolean; said: string[] };

/** Joins the parts of one run: each row of its tables, with the values of its documents beside them. */
export function joinRun(run: DrawnRun, order: number, w: Wanted, doc: RunDoc | undefined, tables: TablePage[], history: Row[]): Row[] {
  const base: Row = { run_name: run.display, run_id: run.name, name: run.display, id: run.name, _defaultColorIndex: order };
  if (w.config && doc) for (const [k, v] of leaves(doc.config)) base[k.replaceAll('\\.', '.')] = v;
  if (w.summary.length && doc) for (const k of w.summary) base[k] = doc.summary[k] ?? null;
  const parts = [...tables.map((t) => t.rows.map((r) => Object.fromEntries(t.columns.map((c, i) => [c.name, special(r[i])])))), ...(history.length ? [history] : [])];
  if (parts.length === 0) return w.tables.length || w.history.length ? [] : [base];
  return parts.flat().map((r) => ({ ...base, ...r, run_name: run.display, run_id: run.name }));
}

const special = (v: unknown) => (v === 'NaN' ? NaN : v === 'Infinity' ? Infinity : v === '-Infinity' ? -Infinity : v);

async function wholeTable(project: string, run: string, value: unknown, most: number, signal: AbortSignal): Promise<TablePage | null> {
  const table = tableOf(run, value);
  if (!table) return null;
  let out: TablePage | null = null;
  for (let offset = 0; offset < most; ) {
    const p: TablePage = await json<TablePage>('/api/table', { project, ...table, sort: [], text: '', where: [], offset, limit: Math.min(1000, most - offset) }, { signal });
    if (!out) out = p;
    else out.rows.push(...p.rows);
    offset += p.rows.length;
    if (p.rows.length === 0 || offset >= p.found) break;
  }
  return out;
}

async function sampled(project: string, run: string, keys: string[], signal: AbortSignal): Promise<Row[]> {
  const [entity, name] = project.split('/');
  const d = await graphql<{ project: { run: { sampledHistory: unknown[] } | null } | null }>(
    'query Sampled($entity: String!, $project: String!, $run: String!, $specs: [JSONString!]!) { project(entityName: $entity, name: $project) { id run(name: $run) { id sampledHistory(specs: $specs) } } }',
    { entity, project: name, run, specs: [JSON.stringify({ keys: ['_step', ...keys.filter((k) => k !== '_step')], samples: 500 })] },
    signal,
  );
  const first = d.project?.run?.sampledHistory[0];
  const rows = typeof first === 'string' ? parseLoose(first) : first;
  return Array.isArray(rows) ? (rows as Row[]) : [];
}

/** All rows of a chart. A run whose table cannot be read is said and left out. */
export const chartRowsQuery = (project: string, runs: DrawnRun[], w: Wanted, docs: RunDoc[], media: MediaRun[][], step: number | null) =>
  queryOptions({
    queryKey: ['chartrows', project, runs.map((r) => [r.name, r.display]), w, step, media.map((m) => m.map((r) => [r.run, r.total])), docs.map((d) => d.name)],
    queryFn: async ({ signal }): Promise<Rows> => {
      const out: Rows = { rows: [], cut: false, said: [] };
      const most = Math.max(100, Math.floor(ROWS_MOST / Math.max(1, runs.length)));
      for (const [i, run] of runs.entries()) {
        try {
          const tables: TablePage[] = [];
          for (const [t, want] of w.tables.entries()) {
            const values = media[t]?.find((m) => m.run === run.name)?.values ?? [];
            const at = valueAt(values, want.history && step !== null ? step : Infinity);
            const table = at ? await wholeTable(project, run.name, at.value, most, signal) : null;
            if (!table) continue;
            out.cut ||= table.found > table.rows.length;
            tables.push(table);
          }
          const history = w.history.length ? await sampled(project, run.name, w.history, signal) : [];
          out.rows.push(...joinRun(run, i, w, docs.find((d) => d.name === run.name), tables, history));
        } catch (e) {
          if ((e as Error).name === 'AbortError') throw e;
          out.said.push(`${run.display}: ${(e as Error).message}`);
        }
      }
      if (out.rows.length === 0 && out.said.length) throw new Error(out.said.slice(0, 3).join(' '));
      return out;
    },
    staleTime: 60_000,
  });
