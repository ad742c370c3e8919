// Reports: views of type "runs", as the package wandb-workspaces writes them, and drafts of them.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql } from './client';

export type ReportEntry = { id: string; displayName: string | null; description: string | null; type: string | null; createdAt: string; updatedAt: string; user: { username: string } | null; readOnly: boolean };
export type Report = ReportEntry & { spec: string; project: { name: string; entityName: string } | null };

const ENTRY = 'id displayName description type createdAt updatedAt readOnly user { id username }';

/** The last part of a report's address: its title, and its id without the = at its end. */
export const reportSlug = (r: { id: string; displayName: string | null }): string => `${(r.displayName || 'report').replace(/[\s/]+/g, '-')}--${r.id.replace(/=+$/, '')}`;
/** The id in such a part; null when there is none. */
export function reportID(slug: string): string | null {
  const id = /--([A-Za-z0-9+/]+)=*$/.exec(slug)?.[1];
  return id ? id + '='.repeat((4 - (id.length % 4)) % 4) : null;
}

/** A project's reports and drafts, the newest first; null when the project does not exist or may not be seen. */
export const reportsQuery = (entity: string, project: string) =>
  queryOptions({
    queryKey: ['reports', entity, project],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ project: Record<'published' | 'drafts', { edges: { node: ReportEntry | null }[] } | null> | null }>(
        `query Reports($entity: String!, $project: String!) { project(entityName: $entity, name: $project) { id
          published: allViews(viewType: "runs", first: 500) { edges { node { ${ENTRY} } } } drafts: allViews(viewType: "runs/draft", first: 100) { edges { node { ${ENTRY} } } } } }`,
        { entity, project },
        signal,
      );
      if (!d.project) return null;
      return [...(d.project.published?.edges ?? []), ...(d.project.drafts?.edges ?? [])].flatMap((e) => (e.node ? [e.node] : [])).sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
    },
  });

/** One report; null when it does not exist, may not be seen, or is no report. */
export const reportQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['report', id],
    queryFn: async ({ signal }) => {
      if (id === null) return null;
      const d = await graphql<{ view: Report | null }>(`query Report($id: ID!) { view(id: $id) { ${ENTRY} spec project { id name entityName } } }`, { id }, signal);
      return d.view?.type?.startsWith('runs') ? d.view : null;
    },
    staleTime: 60_000,
  });

export async function removeReport(id: string): Promise<void> {
  await graphql('mutation RemoveReport($input: DeleteViewInput!) { deleteView(input: $input) { success } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['reports'] });
}
