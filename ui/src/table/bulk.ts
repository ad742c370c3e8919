// What is done to many runs: the acts, how to take them back, and the selection as a file or as code.
import { queryClient } from '../data/cache';
import { graphql, json } from '../data/client';
import { deleteRun, stopRun, undeleteRun, type RunAsk, type RunPage } from '../data/run';
import { NAME, valueOf } from './columns';

/** Some runs by name, or all that are found but some. */
export type Selection = { all: boolean; names: Set<string> };
export const NONE: Selection = { all: false, names: new Set() };
export const has = (s: Selection, run: string): boolean => s.all !== s.names.has(run);
export const count = (s: Selection, found: number): number => (s.all ? Math.max(0, found - s.names.size) : s.names.size);
export function flip(s: Selection, runs: string[], on: boolean): Selection {
  const names = new Set(s.names);
  for (const r of runs) if (on !== s.all) names.add(r);
  else names.delete(r);
  return { all: s.all, names };
}

export const ACT_MOST = 1000; // runs changed at once
export const FILE_MOST = 100_000; // rows of a file
const PAGE = 5000;

/** The rows that are selected, page by page, in the order of the table. */
export async function selectedRows(ask: RunAsk, s: Selection, most: number): Promise<RunPage['rows']> {
  const rows: RunPage['rows'] = [];
  const filter = s.all ? ask.filter : { name: { $in: [...s.names] } };
  for (let at = 0; rows.length < most; at += PAGE) {
    const page = await json<RunPage>('/api/runs', { project: ask.project, q: s.all ? ask.q : '', filter: filter ?? null, order: ask.order, columns: ask.columns, offset: at, limit: PAGE });
    rows.push(...page.rows.filter((r) => has(s, r.name)));
    if (at + PAGE >= page.found) break;
  }
  return rows.slice(0, most);
}

/** Storage ids, which changes want, with tags and group as they are. */
export type Known = { id: string; name: string; tags: string[]; group: string; state: string };
export async function known(project: string, names: string[]): Promise<Known[]> {
  const [entity, name] = project.split('/');
  const out: Known[] = [];
  for (let i = 0; i < names.length; i += 500) {
    const d = await graphql<{ project: { runs: { edges: { node: { id: string; name: string; tags: string[] | null; group: string | null; state: string } | null }[] } } | null }>(
      'query Known($entity: String!, $project: String!, $filters: JSONString) { project(entityName: $entity, name: $project) { id runs(filters: $filters, first: 500) { edges { node { id name tags group state } } } } }',
      { entity, project: name, filters: JSON.stringify({ name: { $in: names.slice(i, i + 500) } }) },
    );
    for (const e of d.project?.runs.edges ?? []) if (e.node) out.push({ id: e.node.id, name: e.node.name, tags: e.node.tags ?? [], group: e.node.group ?? '', state: e.node.state });
  }
  return out;
}

/** Does one thing to each, a few at a time; throws the first failure after all were tried, and says how many were done. */
async function each(runs: Known[], act: (r: Known) => Promise<unknown>): Promise<void> {
  let next = 0, done = 0, failed: unknown = null;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while (next < runs.length) {
        const r = runs[next++]!;
        await act(r).then(() => done++, (e: unknown) => (failed ??= e));
      }
    }),
  );
  void queryClient.invalidateQueries({ queryKey: ['runs'] });
  if (failed) throw new Error(`${done} of ${runs.length} done. ${(failed as Error).message}`);
}

const edit = (id: string, change: Record<string, unknown>) => graphql('mutation EditRun($input: UpsertBucketInput!) { upsertBucket(input: $input) { bucket { id } } }', { input: { id, ...change } });

export const addTag = (runs: Known[], tag: string) => each(runs.filter((r) => !r.tags.includes(tag)), (r) => edit(r.id, { tags: [...r.tags, tag] }));
export const putBackTags = (runs: Known[]) => each(runs, (r) => edit(r.id, { tags: r.tags }));
export const setGroup = (runs: Known[], group: string) => each(runs, (r) => edit(r.id, { groupName: group }));
export const putBackGroups = (runs: Known[]) => each(runs, (r) => edit(r.id, { groupName: r.group }));
export const stopAll = (runs: Known[]) => each(runs.filter((r) => r.state === 'running'), (r) => stopRun(r.id));
export const deleteAll = (runs: Known[]) => each(runs, (r) => deleteRun(r.id));
export const undeleteAll = (runs: Known[]) => each(runs, (r) => undeleteRun(r.id));
export async function moveAll(runs: Known[], to: string): Promise<void> {
  await graphql('mutation Move($input: MoveRunsInput!) { moveRuns(input: $input) { runs { id } } }', { input: { runs: runs.map((r) => r.id), projectName: to } });
  await queryClient.invalidateQueries({ queryKey: ['runs'] });
}

/** A value of a CSV file. What a spreadsheet would take for a formula gets an apostrophe. */
export function csvCell(v: unknown): string {
  let s = v === undefined || v === null ? '' : typeof v === 'string' ? v : Array.isArray(v) && v.every((x) => typeof x === 'string') ? v.join(' ') : JSON.stringify(v);
  if (typeof v !== 'number' && /^[=+\-@\t\r]/.test(s) && !/^-?(Infinity|\d)/.test(s)) s = "'" + s;
  return /[",\r\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s;
}
export function csv(rows: RunPage['rows'], fields: string[]): string {
  const all = ['name', NAME, ...fields.filter((f) => f !== NAME && f !== 'name')];
  return [all.map(csvCell).join(','), ...rows.map((r) => all.map((f) => csvCell(valueOf(r, f))).join(','))].join('\r\n') + '\r\n';
}

/** The same question for Python. `filter` is the query in the Mongo-style language. */
export function apiCode(project: string, filter: unknown, order: string[]): string {
  const py = (v: unknown): string => (v === null ? 'None' : v === true ? 'True' : v === false ? 'False' : Array.isArray(v) ? `[${v.map(py).join(', ')}]` : typeof v === 'object' ? `{${Object.entries(v as object).map(([k, x]) => `${JSON.stringify(k)}: ${py(x)}`).join(', ')}}` : JSON.stringify(v));
  return `import wandb\n\nruns = wandb.Api().runs(\n    ${JSON.stringify(project)},\n    filters=${py(filter)},\n    order=${JSON.stringify(order[0] ?? '-created_at')},\n)\nfor run in runs:\n    print(run.id, run.name, run.state, dict(run.summary))\n`;
}
