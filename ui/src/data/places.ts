// What a project has to go to besides its runs: collections of artifacts, reports, saved views. One request, for the palette.
import { queryOptions } from '@tanstack/react-query';
import { graphql } from './client';
import { nwOf } from './view';

export type Places = { artifacts: { type: string; name: string }[]; reports: { id: string; title: string }[]; views: { nw: string; title: string }[] };
type Views = { edges: { node: { id: string; name: string; displayName: string | null } | null }[] } | null;
type Answer = { project: { artifactTypes: { edges: { node: { name: string; artifactCollections: { edges: { node: { name: string } | null }[] } | null } | null }[] } | null; reports: Views; views: Views } | null };

const VIEW = 'edges { node { id name displayName } }';
const some = <T>(c: { edges: { node: T | null }[] } | null | undefined): T[] => (c?.edges ?? []).flatMap((e) => (e.node ? [e.node] : []));

export const placesQuery = (entity: string, project: string) =>
  queryOptions({
    queryKey: ['places', entity, project],
    queryFn: async ({ signal }): Promise<Places> => {
      const d = await graphql<Answer>(
        `query Places($entity: String!, $project: String!) { project(entityName: $entity, name: $project) { id
          artifactTypes(first: 50) { edges { node { id name artifactCollections(first: 100) { edges { node { id name } } } } } }
          reports: allViews(viewType: "runs", first: 200) { ${VIEW} } views: allViews(viewType: "project-view", first: 200) { ${VIEW} } } }`,
        { entity, project },
        signal,
      );
      return {
        artifacts: some(d.project?.artifactTypes).flatMap((t) => some(t.artifactCollections).map((c) => ({ type: t.name, name: c.name }))),
        reports: some(d.project?.reports).map((r) => ({ id: r.id, title: r.displayName || r.name })),
        views: some(d.project?.views).filter((v) => !v.name.startsWith('nw-nwuser')).map((v) => ({ nw: nwOf(v.name), title: v.displayName || v.name })),
      };
    },
    staleTime: 30_000,
  });
