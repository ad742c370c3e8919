// Where and how a run was started: the files that the SDK keeps about it (wandb-metadata.json, requirements.txt,
// diff.patch), read whole. And the run that another is measured against when nobody chose one.
import { queryOptions } from '@tanstack/react-query';
import { graphql, json } from './client';
import type { Machine } from './machine';
import type { RunPage } from './run';

const PATCH_MOST = 8 << 20;

type FileNode = { name: string; sizeBytes: number; updatedAt: string | null; directUrl: string };
type Answer = { project: { run: { files: { edges: { node: FileNode | null }[] } | null } | null } | null };
const QUERY = 'query Environment($entity: String!, $project: String!, $run: String!, $names: [String]) { project(entityName: $entity, name: $project) { id run(name: $run) { id files(names: $names, first: 10) { edges { node { id name sizeBytes updatedAt directUrl } } } } } }';

/** `patch` is the diff against the commit; `patchBytes` its size also where it is too long to be read here. */
export type Environment = { machine: (Machine & { host?: string; cudaVersion?: string; git?: { remote?: string; commit?: string } }) | null; packages: Map<string, string>; patch: string | null; patchBytes: number };

async function read(f: FileNode | undefined, signal: AbortSignal): Promise<string | null> {
  if (!f?.updatedAt) return null;
  const res = await fetch(f.directUrl, { signal });
  if (!res.ok) throw new Error(`The store answered ${res.status} for ${f.name}.`);
  return res.text();
}

/** Packages by name from lines as pip writes them: "torch==2.4.0", "name @ file:///…". */
export function packagesOf(text: string | null): Map<string, string> {
  const out = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const m = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:===?\s*|@\s*)(.+?)\s*$/.exec(line);
    if (m) out.set(m[1]!.toLowerCase().replaceAll('_', '-'), m[2]!);
  }
  return out;
}

export const environmentQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['environment', entity, project, run],
    queryFn: async ({ signal }): Promise<Environment> => {
      const d = await graphql<Answer>(QUERY, { entity, project, run, names: ['wandb-metadata.json', 'requirements.txt', 'diff.patch'] }, signal);
      const files = new Map((d.project?.run?.files?.edges ?? []).flatMap((e) => (e.node ? [[e.node.name, e.node] as const] : [])));
      const diff = files.get('diff.patch');
      const [machine, requirements, patch] = await Promise.all([read(files.get('wandb-metadata.json'), signal), read(files.get('requirements.txt'), signal), diff && diff.sizeBytes <= PATCH_MOST ? read(diff, signal) : null]);
      let parsed: Environment['machine'] = null;
      try {
        parsed = machine ? (JSON.parse(machine) as Environment['machine']) : null;
      } catch {
        // A script may have saved a file of this name.
      }
      return { machine: parsed, packages: packagesOf(requirements), patch, patchBytes: diff?.sizeBytes ?? 0 };
    },
    staleTime: 5 * 60_000,
  });

/** The run that was started before another in its project; null for the first. */
export const previousRunQuery = (entity: string, project: string, run: string, created: string) =>
  queryOptions({
    queryKey: ['runs', `${entity}/${project}`, 'before', run],
    queryFn: async ({ signal }) => {
      const page = await json<RunPage>('/api/runs', { project: `${entity}/${project}`, q: '', filter: { $and: [{ created_at: { $lt: created } }, { name: { $ne: run } }] }, order: ['-created_at'], columns: [], offset: 0, limit: 1 }, { signal });
      return page.rows[0] ?? null;
    },
    staleTime: Infinity,
  });

/** Runs whose name holds a text, newest first. */
export const findRunsQuery = (project: string, text: string) =>
  queryOptions({
    queryKey: ['runs', project, 'find', text],
    queryFn: ({ signal }) => json<RunPage>('/api/runs', { project, q: '', filter: text ? { $or: [{ display_name: { $regex: escaped(text) } }, { name: text }] } : null, order: ['-created_at'], columns: [], offset: 0, limit: 30 }, { signal }),
    staleTime: 15_000,
  });

/** A text as a pattern that finds it in either case. */
const escaped = (text: string): string => '(?i)' + text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
