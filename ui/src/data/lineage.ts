// What is around a version of an artifact: the runs and versions that it came of and that came of it.
import { queryOptions } from '@tanstack/react-query';
import { graphql } from './client';

export type LineageNode = { id: string; isRun: boolean; entityName: string; projectName: string; name: string; displayName: string; type: string; state: string | null; versionIndex: number | null; aliases: string[]; size: number | null; createdAt: string };
/** An edge goes from the run to the version where it logged it (`output`), else from the version to the run. */
export type LineageEdge = { run: string; artifact: string; output: boolean };
/** `more`: there is more beyond these. */
export type Lineage = { nodes: LineageNode[]; edges: LineageEdge[]; more: boolean };

/** The edges that "direct" goes away from the version: its run, the run's other artifacts, its users and theirs. */
const DIRECT = 2;

export const lineageQuery = (id: string, whole: boolean) =>
  queryOptions({
    queryKey: ['lineage', id, whole],
    queryFn: async ({ signal }): Promise<Lineage> => {
      const d = await graphql<{ artifact: { lineage: Lineage } | null }>(
        'query Lineage($id: ID!, $hops: Int) { artifact(id: $id) { id lineage(hops: $hops) { nodes { id isRun entityName projectName name displayName type state versionIndex aliases size createdAt } edges { run artifact output } more } } }',
        { id, hops: whole ? null : DIRECT },
        signal,
      );
      return d.artifact?.lineage ?? { nodes: [], edges: [], more: false };
    },
    staleTime: 30_000,
    placeholderData: (old) => old,
  });
