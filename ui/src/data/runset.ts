// Values of drawn runs: columns of the run table for charts of one mark per run, whole documents for comparing.
import { queryOptions } from '@tanstack/react-query';
import { graphql, json } from './client';
import { configOf, parseLoose, type Json } from './json';
import type { RunPage, RunRow } from './run';

export const RUNSET_MOST = 1000;

/** Columns of these runs, in the order of `runs`. */
export const runValuesQuery = (project: string, runs: string[], columns: string[], live: boolean) =>
  queryOptions({
    queryKey: ['runs', project, 'values', runs, columns],
    queryFn: async ({ signal }) => {
      const page = await json<RunPage>('/api/runs', { project, q: '', filter: { name: { $in: runs } }, order: ['-created_at'], columns, offset: 0, limit: Math.max(1, Math.min(RUNSET_MOST, runs.length)) }, { signal });
      const by = new Map(page.rows.map((r) => [r.name, r]));
      return runs.flatMap((n): RunRow[] => (by.has(n) ? [by.get(n)!] : []));
    },
    enabled: runs.length > 0,
    staleTime: 10_000,
    refetchInterval: live ? 10_000 : false,
  });

export type RunDoc = { name: string; display: string; state: string; user: string; created: string; duration: number | null; group: string; jobType: string; tags: string[]; notes: string; host: string; commit: string; program: string; python: string; os: string; gpu: string; config: { [k: string]: Json }; summary: { [k: string]: Json }; raw: string };

type Node = { name: string; displayName: string | null; state: string; createdAt: string; duration: number | null; group: string | null; jobType: string | null; tags: string[] | null; notes: string | null; host: string | null; commit: string | null; program: string | null; config: string | null; summaryMetrics: string | null; user: { username: string | null } | null; runInfo: { python: string | null; os: string | null; gpu: string | null } | null };

export const DOCS_MOST = 100;
/** Whole documents of up to a hundred runs, in the order of `runs`. */
export const runDocsQuery = (project: string, runs: string[], live = false) =>
  queryOptions({
    queryKey: ['runs', project, 'docs', runs],
    queryFn: async ({ signal }): Promise<RunDoc[]> => {
      const [entity, name] = project.split('/');
      const d = await graphql<{ project: { runs: { edges: { node: Node | null }[] } } | null }>(
        `query Docs($entity: String!, $project: String!, $filters: JSONString, $first: Int) { project(entityName: $entity, name: $project) { id runs(filters: $filters, first: $first) { edges { node {
          id name displayName state createdAt duration group jobType tags notes host commit program config summaryMetrics user { id username } runInfo { python os gpu } } } } } }`,
        { entity, project: name, filters: JSON.stringify({ name: { $in: runs.slice(0, DOCS_MOST) } }), first: Math.max(1, Math.min(DOCS_MOST, runs.length)) },
        signal,
      );
      const by = new Map((d.project?.runs.edges ?? []).flatMap((e) => (e.node ? [[e.node.name, e.node] as const] : [])));
      return runs.flatMap((n): RunDoc[] => (by.has(n) ? [docOf(by.get(n)!)] : []));
    },
    enabled: runs.length > 0,
    staleTime: 20_000,
    refetchInterval: live ? 15_000 : false,
  });

function docOf(n: Node): RunDoc {
  return {
    name: n.name, display: n.displayName || n.name, state: n.state, user: n.user?.username ?? '', created: n.createdAt, duration: n.duration, group: n.group ?? '', jobType: n.jobType ?? '', tags: n.tags ?? [], notes: n.notes ?? '',
    host: n.host ?? '', commit: n.commit ?? '', program: n.program ?? '', python: n.runInfo?.python ?? '', os: n.runInfo?.os ?? '', gpu: n.runInfo?.gpu ?? '',
    config: configOf(n.config), summary: (parseLoose(n.summaryMetrics) as { [k: string]: Json } | undefined) ?? {}, raw: n.config ?? '',
  };
}

/** A document's leaves by dotted path; lists are leaves. A dot within a key is escaped, as the run table wants it. */
export function leaves(doc: { [k: string]: Json }, before = ''): [string, Json][] {
  return Object.entries(doc).flatMap(([k, v]): [string, Json][] => {
    const path = before + k.replaceAll('\\', '\\\\').replaceAll('.', '\\.');
    return v && typeof v === 'object' && !Array.isArray(v) && !('_type' in v) && Object.keys(v).length ? leaves(v, path + '.') : [[path, v]];
  });
}
