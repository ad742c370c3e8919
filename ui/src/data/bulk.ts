// What is done to many runs: the selection, the acts and how to take them back, and the selection as a file.
import { queryClient } from './cache';
import { graphql, json, send } from './client';
import { deleteRun, stopRun, undeleteRun, type RunAsk, type RunPage } from './run';
import { statsQuery } from './runtable';

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

/** The question that finds what is selected. */
export function askOf(ask: RunAsk, s: Selection): RunAsk {
  if (!s.all) return { ...ask, q: '', filter: { name: { $in: [...s.names] } } };
  const but = s.names.size ? { name: { $nin: [...s.names] } } : null;
  return { ...ask, filter: ask.filter && but ? { $and: [ask.filter, but] } : (ask.filter ?? but) };
}

/** The names that are selected. */
export async function selectedNames(ask: RunAsk, s: Selection, most: number): Promise<string[]> {
  if (!s.all) return [...s.names].slice(0, most);
  const { project, q, filter, order } = askOf(ask, s);
  const page = await json<RunPage>('/api/runs', { project, q, filter: filter ?? null, order, columns: [], offset: 0, limit: most });
  return page.rows.map((r) => r.name);
}

export type FileFormat = 'csv' | 'parquet';
/** Saves what is selected as a file that the server writes. */
export async function saveRuns(ask: RunAsk, s: Selection, columns: string[], format: FileFormat): Promise<void> {
  const { project, q, filter, order } = askOf(ask, s);
  const res = await send('/api/runs/export', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ project, q, filter: filter ?? null, order, columns, format }) });
  const url = URL.createObjectURL(await res.blob()), a = document.createElement('a');
  a.href = url;
  a.download = `${project.replace('/', '-')}-runs.${format}`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The filter of a selection in the language of the public API. */
export async function filterOf(ask: RunAsk, s: Selection): Promise<unknown> {
  const { project, q, filter } = askOf(ask, s);
  if (!q) return filter ?? {};
  const text = (await queryClient.fetchQuery(statsQuery({ project, q, columns: [] }))).filter;
  return filter ? { $and: [text, filter] } : text;
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
