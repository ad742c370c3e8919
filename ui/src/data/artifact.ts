// Artifacts: what a run used and made, one version with its files.
import { queryOptions } from '@tanstack/react-query';
import { graphql } from './client';
import { parseLoose, type Json } from './json';
import type { RunFile } from './run';

/** A version as lists know it: "v3" of a collection of a type, in the project that it was made in. */
export type Version = { id: string; type: string; collection: string; version: string; aliases: string[]; size: number; fileCount: number; createdAt: string; entity: string; project: string };
type Node = { id: string; versionIndex: number | null; size: number; fileCount: number; createdAt: string; aliases: { alias: string }[] | null; artifactType: { name: string }; artifactSequence: { name: string; project: { name: string; entity: { name: string } } | null } };
const NODE = 'id versionIndex size fileCount createdAt aliases { id alias } artifactType { id name } artifactSequence { id name project { id name entity { id name } } }';
const versionOf = (n: Node): Version => ({
  id: n.id, type: n.artifactType.name, collection: n.artifactSequence.name, version: n.versionIndex === null ? 'draft' : `v${n.versionIndex}`, aliases: (n.aliases ?? []).map((a) => a.alias), size: Number(n.size), fileCount: n.fileCount, createdAt: n.createdAt,
  entity: n.artifactSequence.project?.entity.name ?? '', project: n.artifactSequence.project?.name ?? '',
});

export type RunArtifacts = { used: Version[]; made: Version[] };
type Edges = { edges: { node: Node | null }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null;
const PAGES = 10;

async function all(entity: string, project: string, run: string, field: 'inputArtifacts' | 'outputArtifacts', signal: AbortSignal): Promise<Version[]> {
  const out: Version[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const d: { project: { run: Record<string, Edges> | null } | null } = await graphql(`query RunArtifacts($entity: String!, $project: String!, $run: String!, $after: String) { project(entityName: $entity, name: $project) { id run(name: $run) { id ${field}(first: 100, after: $after) { edges { node { ${NODE} } } pageInfo { hasNextPage endCursor } } } } }`, { entity, project, run, after }, signal);
    const c: Edges = d.project?.run?.[field] ?? null;
    for (const e of c?.edges ?? []) if (e.node) out.push(versionOf(e.node));
    if (!c?.pageInfo.hasNextPage) break;
    after = c.pageInfo.endCursor;
  }
  return out;
}

/** What a run used and made, up to a thousand versions of each. */
export const runArtifactsQuery = (entity: string, project: string, run: string) =>
  queryOptions({
    queryKey: ['artifacts', entity, project, run],
    queryFn: async ({ signal }): Promise<RunArtifacts> => {
      const [used, made] = await Promise.all([all(entity, project, run, 'inputArtifacts', signal), all(entity, project, run, 'outputArtifacts', signal)]);
      return { used, made };
    },
    staleTime: 30_000,
  });

export type ArtifactDetail = Version & { digest: string; description: string; metadata: { [k: string]: Json }; state: string; tags: string[]; createdBy: { run: string | null; user: string | null; entity: string; project: string; display: string } | null; usedBy: { name: string; display: string }[] };
type DetailNode = Node & { digest: string; description: string | null; metadata: string | null; state: string; tags: { name: string }[]; createdBy: { __typename: string; name?: string; displayName?: string | null; username?: string | null; project?: { name: string; entityName: string } | null } | null; usedBy: { edges: { node: { name: string; displayName: string | null } | null }[] } };

/** One version by its collection and alias, "v3" or digest; null when it does not exist or may not be seen. */
export const artifactQuery = (entity: string, project: string, name: string) =>
  queryOptions({
    queryKey: ['artifact', entity, project, name],
    queryFn: async ({ signal }): Promise<ArtifactDetail | null> => {
      const d = await graphql<{ project: { artifact: DetailNode | null } | null }>(
        `query Artifact($entity: String!, $project: String!, $name: String!) { project(entityName: $entity, name: $project) { id artifact(name: $name) { ${NODE} digest description metadata state tags { id name }
          createdBy { __typename ... on Run { id name displayName project { id name entityName } } ... on User { id username } } usedBy { edges { node { id name displayName } } } } } }`,
        { entity, project, name },
        signal,
      );
      const n = d.project?.artifact;
      if (!n) return null;
      const by = n.createdBy;
      return {
        ...versionOf(n), digest: n.digest, description: n.description ?? '', metadata: (parseLoose(n.metadata) as { [k: string]: Json } | undefined) ?? {}, state: n.state, tags: n.tags.map((t) => t.name),
        createdBy: by ? { run: by.__typename === 'Run' ? (by.name ?? null) : null, display: by.displayName || by.name || by.username || '', user: by.username ?? null, entity: by.project?.entityName ?? '', project: by.project?.name ?? '' } : null,
        usedBy: n.usedBy.edges.flatMap((e) => (e.node ? [{ name: e.node.name, display: e.node.displayName || e.node.name }] : [])),
      };
    },
    staleTime: 30_000,
  });

/** A version's files; references have no bytes here. At most 20,000. */
export const artifactFilesQuery = (id: string) =>
  queryOptions({
    queryKey: ['artifact-files', id],
    queryFn: async ({ signal }): Promise<RunFile[]> => {
      const out: RunFile[] = [];
      let after: string | null = null;
      for (let page = 0; page < 20; page++) {
        const d: { artifact: { files: { edges: { node: RunFile | null }[] | null; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null } | null } = await graphql('query ArtifactFiles($id: ID!, $after: String) { artifact(id: $id) { id files(first: 1000, after: $after) { edges { node { id name sizeBytes mimetype updatedAt directUrl } } pageInfo { hasNextPage endCursor } } } }', { id, after }, signal);
        const c = d.artifact?.files;
        for (const e of c?.edges ?? []) if (e.node) out.push({ ...e.node, sizeBytes: Number(e.node.sizeBytes) });
        if (!c?.pageInfo.hasNextPage) break;
        after = c.pageInfo.endCursor;
      }
      return out;
    },
    staleTime: 10 * 60_000, // a version never changes; links are good for an hour
  });

export const artifactAddress = (v: Version): string => '/' + [v.entity, v.project, 'artifacts', v.type, v.collection, v.version].map(encodeURIComponent).join('/');
