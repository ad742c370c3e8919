// Artifacts: what a run used and made, a project's collections, one version with its files. What is around a version is
// in lineage.ts.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
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

export type AliasEvent = { alias: string; given: boolean; at: string };
export type ArtifactDetail = Version & { digest: string; step: number | null; history: AliasEvent[]; description: string; metadata: { [k: string]: Json }; state: string; tags: string[]; createdBy: { run: string | null; user: string | null; entity: string; project: string; display: string } | null; usedBy: { name: string; display: string }[] };
type DetailNode = Node & { digest: string; historyStep: number | null; aliasHistory: AliasEvent[]; description: string | null; metadata: string | null; state: string; tags: { name: string }[]; createdBy: { __typename: string; name?: string; displayName?: string | null; username?: string | null; project?: { name: string; entityName: string } | null } | null; usedBy: { edges: { node: { name: string; displayName: string | null } | null }[] } };

/** One version by its collection and alias, "v3" or digest; null when it does not exist or may not be seen. */
export const artifactQuery = (entity: string, project: string, name: string) =>
  queryOptions({
    queryKey: ['artifact', entity, project, name],
    queryFn: async ({ signal }): Promise<ArtifactDetail | null> => {
      const d = await graphql<{ project: { artifact: DetailNode | null } | null }>(
        `query Artifact($entity: String!, $project: String!, $name: String!) { project(entityName: $entity, name: $project) { id artifact(name: $name) { ${NODE} digest historyStep aliasHistory { alias given at } description metadata state tags { id name }
          createdBy { __typename ... on Run { id name displayName project { id name entityName } } ... on User { id username } } usedBy { edges { node { id name displayName } } } } } }`,
        { entity, project, name },
        signal,
      );
      const n = d.project?.artifact;
      if (!n) return null;
      const by = n.createdBy;
      return {
        ...versionOf(n), digest: n.digest, step: n.historyStep === null ? null : Number(n.historyStep), history: n.aliasHistory, description: n.description ?? '', metadata: (parseLoose(n.metadata) as { [k: string]: Json } | undefined) ?? {}, state: n.state, tags: n.tags.map((t) => t.name),
        createdBy: by ? { run: by.__typename === 'Run' ? (by.name ?? null) : null, display: by.displayName || by.name || by.username || '', user: by.username ?? null, entity: by.project?.entityName ?? '', project: by.project?.name ?? '' } : null,
        usedBy: n.usedBy.edges.flatMap((e) => (e.node ? [{ name: e.node.name, display: e.node.displayName || e.node.name }] : [])),
      };
    },
    staleTime: 30_000,
  });

/** `digest` names the bytes; it is the reference's own for what is stored elsewhere. */
export type VersionFile = RunFile & { digest: string | null };

/** A version's files; references have no bytes here. At most 20,000. */
export const artifactFilesQuery = (id: string) =>
  queryOptions({
    queryKey: ['artifact-files', id],
    queryFn: async ({ signal }): Promise<VersionFile[]> => {
      const out: VersionFile[] = [];
      let after: string | null = null;
      for (let page = 0; page < 20; page++) {
        const d: { artifact: { files: { edges: { node: VersionFile | null }[] | null; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null } | null } = await graphql('query ArtifactFiles($id: ID!, $after: String) { artifact(id: $id) { id files(first: 1000, after: $after) { edges { node { id name sizeBytes digest mimetype updatedAt directUrl } } pageInfo { hasNextPage endCursor } } } }', { id, after }, signal);
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

export const collectionAddress = (entity: string, project: string, type: string, collection: string): string => '/' + [entity, project, 'artifacts', type, collection].map(encodeURIComponent).join('/');

/** A collection as the project's list knows it. Portfolios hold links and have no newest version of their own. */
export type Collection = { id: string; name: string; type: string; description: string; updatedAt: string | null; portfolio: boolean; latest: { version: number; size: number; fileCount: number } | null };
type CollectionNode = { __typename: string; id: string; name: string; description: string | null; updatedAt: string | null; latestArtifact?: { versionIndex: number | null; size: number; fileCount: number } | null };
const ASK_AGAIN = 30_000; // ms; the stream of changes tells of runs alone
const COLLECTIONS = 500; // of one type

/** The collections of a project by type, and whether a type has more of them. */
export const collectionsQuery = (entity: string, project: string) =>
  queryOptions({
    queryKey: ['collections', entity, project],
    queryFn: async ({ signal }): Promise<{ type: string; list: Collection[]; more: boolean }[] | null> => {
      const d = await graphql<{ project: { artifactTypes: { edges: { node: { name: string; artifactCollections: { edges: { node: CollectionNode | null }[]; pageInfo: { hasNextPage: boolean } } | null } | null }[] } } | null }>(
        `query Collections($entity: String!, $project: String!) { project(entityName: $entity, name: $project) { id artifactTypes(first: 100) { edges { node { id name artifactCollections(first: ${COLLECTIONS}) { edges { node { __typename id name description updatedAt ... on ArtifactSequence { latestArtifact { id versionIndex size fileCount } } } } pageInfo { hasNextPage } } } } } } }`,
        { entity, project },
        signal,
      );
      if (!d.project) return null;
      return d.project.artifactTypes.edges.flatMap(({ node: t }) => {
        const list = (t?.artifactCollections?.edges ?? []).flatMap(({ node: c }): Collection[] => (c ? [{ id: c.id, name: c.name, type: t!.name, description: c.description ?? '', updatedAt: c.updatedAt, portfolio: c.__typename === 'ArtifactPortfolio', latest: latestOf(c) }] : []));
        return list.length ? [{ type: t!.name, list, more: t!.artifactCollections!.pageInfo.hasNextPage }] : [];
      });
    },
    staleTime: 30_000,
    refetchInterval: ASK_AGAIN,
  });
const latestOf = (c: CollectionNode): Collection['latest'] => (c.latestArtifact?.versionIndex == null ? null : { version: c.latestArtifact.versionIndex, size: Number(c.latestArtifact.size), fileCount: c.latestArtifact.fileCount });

/** A version as its collection's list knows it. */
export type ListedVersion = { id: string; version: string; aliases: string[]; tags: string[]; size: number; fileCount: number; createdAt: string; step: number | null; metadata: { [k: string]: Json } };
export type CollectionDetail = { id: string; name: string; type: string; description: string; portfolio: boolean; total: number; versions: ListedVersion[] };
type ListedNode = { id: string; size: number; fileCount: number; createdAt: string; historyStep: number | null; metadata: string | null; aliases: { alias: string }[] | null; tags: { name: string }[] };
export const VERSIONS = 200;

/** A collection with its newest `most` versions; null when it does not exist or may not be seen. */
export const collectionQuery = (entity: string, project: string, name: string, most = VERSIONS) =>
  queryOptions({
    queryKey: ['collection', entity, project, name, most],
    queryFn: async ({ signal }): Promise<CollectionDetail | null> => {
      const d = await graphql<{ project: { artifactCollection: (CollectionNode & { defaultArtifactType: { name: string }; artifacts: { totalCount: number; edges: { version: string; node: ListedNode | null }[] } | null }) | null } | null }>(
        `query Collection($entity: String!, $project: String!, $name: String!, $most: Int) { project(entityName: $entity, name: $project) { id artifactCollection(name: $name) { __typename id name description updatedAt defaultArtifactType { id name }
          artifacts(first: $most) { totalCount edges { version node { id size fileCount createdAt historyStep metadata aliases { id alias } tags { id name } } } } } } }`,
        { entity, project, name, most },
        signal,
      );
      const c = d.project?.artifactCollection;
      if (!c) return null;
      return {
        id: c.id, name: c.name, type: c.defaultArtifactType.name, description: c.description ?? '', portfolio: c.__typename === 'ArtifactPortfolio', total: c.artifacts?.totalCount ?? 0,
        versions: (c.artifacts?.edges ?? []).flatMap(({ version, node: n }): ListedVersion[] => (n ? [{ id: n.id, version, aliases: (n.aliases ?? []).map((a) => a.alias), tags: n.tags.map((t) => t.name), size: Number(n.size), fileCount: n.fileCount, createdAt: n.createdAt, step: n.historyStep === null ? null : Number(n.historyStep), metadata: (parseLoose(n.metadata) as { [k: string]: Json } | undefined) ?? {} }] : [])),
      };
    },
    staleTime: 30_000,
    refetchInterval: ASK_AGAIN,
    placeholderData: (old) => old,
  });

const aliasInput = (v: Version, alias: string) => ({ input: { artifactID: v.id, aliases: [{ alias, artifactCollectionName: v.collection, entityName: v.entity, projectName: v.project }] } });
const aliasChanged = () => Promise.all(['artifact', 'collection', 'collections', 'lineage'].map((k) => queryClient.invalidateQueries({ queryKey: [k] })));

/** Gives an alias to a version; the version that had it loses it. */
export async function addAlias(v: Version, alias: string): Promise<void> {
  await graphql('mutation AddAlias($input: AddAliasesInput!) { addAliases(input: $input) { success } }', aliasInput(v, alias));
  await aliasChanged();
}
export async function removeAlias(v: Version, alias: string): Promise<void> {
  await graphql('mutation RemoveAlias($input: DeleteAliasesInput!) { deleteAliases(input: $input) { success } }', aliasInput(v, alias));
  await aliasChanged();
}
