// Where a run runs: what the SDK found out about the machine and keeps in the run's file wandb-metadata.json.
import { queryOptions } from '@tanstack/react-query';
import { graphql } from './client';

/** Fields that an SDK may have written; each may be missing. Memory is in bytes. */
export type Machine = { os?: string; python?: string; executable?: string; program?: string; codePath?: string; args?: string[]; cpu_count?: number; gpu?: string; gpu_count?: number; memory?: { total?: string | number } };

const QUERY = 'query Machine($entity: String!, $project: String!, $run: String!) { project(entityName: $entity, name: $project) { id run(name: $run) { id files(names: ["wandb-metadata.json"], first: 1) { edges { node { id updatedAt directUrl } } } } } }';

type Answer = { project: { run: { files: { edges: { node: { updatedAt: string | null; directUrl: string } | null }[] } | null } | null } | null };

/** The machine of a run; null while its file is not there, or when it holds no JSON. */
export const machineQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['machine', entity, project, run],
    queryFn: async ({ signal }): Promise<Machine | null> => {
      const file = (await graphql<Answer>(QUERY, { entity, project, run }, signal)).project?.run?.files?.edges[0]?.node;
      if (!file?.updatedAt) return null;
      const res = await fetch(file.directUrl, { signal });
      if (!res.ok) return null;
      try {
        return (await res.json()) as Machine;
      } catch {
        return null; // a script may have saved a file of this name
      }
    },
    staleTime: 5 * 60_000,
  });

/** The hardware in a few words: "8 × H100, 192 CPU, 2.0 TiB". */
export function hardware(m: Machine | null | undefined, bytes: (n: number) => string): string {
  const memory = Number(m?.memory?.total);
  return [m?.gpu && (m.gpu_count && m.gpu_count > 1 ? `${m.gpu_count} × ${m.gpu}` : m.gpu), m?.cpu_count && `${m.cpu_count} CPU`, memory > 0 && bytes(memory)].filter(Boolean).join(', ');
}

/** The command that started the run, as far as it is known. */
export const command = (m: Machine | null | undefined, program: string | null): string =>
  [m?.executable?.split('/').pop(), m?.codePath ?? m?.program ?? program, ...(m?.args ?? [])].filter(Boolean).join(' ');
