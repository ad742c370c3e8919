// Runs: pages of the list, one run with its config and summary, and what a person does to a run.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql, json } from './client';

/** A run as lists know it. */
export type RunRow = {
  name: string;
  display: string;
  state: string;
  created: string;
  heartbeat: string;
  runtime: number;
  user: string;
  group: string;
  jobType: string;
  tags: string[];
  ordinal: number;
  steps: number;
  stop: boolean;
  branches?: RunBranch[];
  values: Record<string, unknown>;
};
/** Where a run began again: a fork, or a rewind of its own. `from` is null or absent when that run is in another project. */
export type RunBranch = { from?: string | null; display?: string | null; gone?: boolean; rewind?: boolean; step: number };
export type RunPage = { total: number; found: number; ms: number; running?: number; rows: RunRow[] };

export type RunAsk = { project: string; q: string; filter?: unknown; order: string[]; columns: string[] };
export const RUN_PAGE = 200;

export const runPageQuery = (ask: RunAsk, page: number) =>
  queryOptions({
    queryKey: ['runs', ask.project, ask, page],
    queryFn: ({ signal }) => json<RunPage>('/api/runs', { project: ask.project, q: ask.q, filter: ask.filter ?? null, order: ask.order, columns: ask.columns, offset: page * RUN_PAGE, limit: RUN_PAGE }, { signal }),
    staleTime: 30_000,
  });

export type RunDetail = {
  id: string;
  name: string;
  displayName: string | null;
  state: string;
  exitcode: number | null;
  shouldStop: boolean | null;
  group: string | null;
  jobType: string | null;
  notes: string | null;
  tags: string[] | null;
  commit: string | null;
  repo: string | null;
  host: string | null;
  program: string | null;
  sweepName: string | null;
  readOnly: boolean | null;
  createdAt: string;
  heartbeatAt: string | null;
  revision: number;
  ordinal: number;
  duration: number | null;
  config: string | null;
  summaryMetrics: string | null;
  historyLineCount: number | null;
  logLineCount: number | null;
  fileCount: number | null;
  gaps: number;
  branches: RunBranch[];
  user: { username: string | null; name: string } | null;
  runInfo: { program: string | null; args: string[] | null; os: string | null; python: string | null; executable: string | null; cpuCount: number | null; gpuCount: number | null; gpu: string | null; git: { remote: string | null; commit: string | null } | null } | null;
};

const FIELDS = `id name displayName state exitcode shouldStop group jobType notes tags commit repo host program sweepName readOnly
  createdAt heartbeatAt revision ordinal duration config summaryMetrics historyLineCount logLineCount fileCount gaps branches { from: runName display: displayName gone rewind step }
  user { id username name } runInfo { program args os python executable cpuCount gpuCount gpu git { remote commit } }`;

/** One run; null when it does not exist or may not be seen. */
export const runQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['run', entity, project, run],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ project: { run: RunDetail | null } | null }>(`query Run($entity: String!, $project: String!, $run: String!) { project(entityName: $entity, name: $project) { id run(name: $run) { ${FIELDS} } } }`, { entity, project, run }, signal);
      return d.project?.run ?? null;
    },
    staleTime: 10_000,
  });

/** Changes what a person may change of a run; what is not given stays. */
export async function editRun(run: { id: string }, change: { displayName?: string; notes?: string; tags?: string[]; groupName?: string; jobType?: string }): Promise<void> {
  await graphql('mutation EditRun($input: UpsertBucketInput!) { upsertBucket(input: $input) { bucket { id revision } } }', { input: { id: run.id, ...change } });
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['run'] }), queryClient.invalidateQueries({ queryKey: ['runs'] })]);
}
export async function stopRun(id: string): Promise<void> {
  await graphql('mutation StopRun($input: StopRunInput!) { stopRun(input: $input) { success } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['run'] });
}
export async function deleteRun(id: string): Promise<void> {
  await graphql('mutation DeleteRun($input: DeleteRunInput!) { deleteRun(input: $input) { success } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['runs'] });
}
export async function undeleteRun(id: string): Promise<void> {
  await graphql('mutation UndeleteRun($input: UndeleteRunInput!) { undeleteRun(input: $input) { run { id } } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['runs'] });
}

/** Moves a run to another project of its owner. */
export async function moveRun(id: string, to: string): Promise<void> {
  await graphql('mutation MoveRun($input: MoveRunsInput!) { moveRuns(input: $input) { runs { id } } }', { input: { runs: [id], projectName: to } });
  await queryClient.invalidateQueries({ queryKey: ['runs'] });
}

/** Whether a run's process may still be at work. */
export const alive = (state: string): boolean => state === 'running' || state === 'preempting';

export type RunFile = { id: string; name: string; sizeBytes: number; mimetype: string | null; updatedAt: string | null; directUrl: string };
export const filesQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['files', entity, project, run],
    queryFn: async ({ signal }) => {
      const out: RunFile[] = [];
      let after: string | null = null;
      for (let page = 0; page < 20; page++) {
        const d: { project: { run: { files: { edges: { node: RunFile | null }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null } | null } | null } = await graphql(
          'query Files($entity: String!, $project: String!, $run: String!, $after: String) { project(entityName: $entity, name: $project) { id run(name: $run) { id files(first: 500, after: $after) { edges { node { id name sizeBytes mimetype updatedAt directUrl } } pageInfo { hasNextPage endCursor } } } } }',
          { entity, project, run, after },
          signal,
        );
        const c = d.project?.run?.files;
        if (!c) return page === 0 ? null : out;
        for (const e of c.edges) if (e.node) out.push(e.node);
        if (!c.pageInfo.hasNextPage) break;
        after = c.pageInfo.endCursor;
      }
      return out;
    },
    staleTime: 60_000, // links are signed for a while only
  });

export type CatalogueKey = { key: string; type: string; runs: number; step: string | null; hidden: boolean };
export type Catalogue = { history: CatalogueKey[]; events: CatalogueKey[] };
export const catalogueQuery = (project: string, runs: string[]) =>
  queryOptions({
    queryKey: ['catalogue', project, runs],
    queryFn: ({ signal }) => json<Catalogue>('/api/keys', { project, runs }, { signal }),
    staleTime: 30_000,
  });
