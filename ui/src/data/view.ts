// Saved views of a project's workspace: their list, one by name, storing and removing.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql } from './client';

export type SavedView = { id: string; name: string; displayName: string; spec: string; revision: number; readOnly: boolean; updatedAt: string; user: { username: string } | null; editor: { username: string } | null };
export type ViewEntry = Omit<SavedView, 'spec'>;

const ENTRY = 'id name displayName revision readOnly updatedAt user { id username } editor { id username }';
const TYPE = 'project-view';

/** The name of a view in the store, and in addresses. */
export const viewName = (nw: string): string => `nw-${nw}-v`;
export const nwOf = (name: string): string => name.replace(/^nw-/, '').replace(/-v$/, '');
export const personalNw = (user: string): string => 'nwuser' + user;

/** A view as a screen opened it. `opened` changes when somebody else's revision came, not with one's own saves. */
export type OpenView = { view: SavedView | null; readOnly: boolean; opened: number };

/** What is known stays when it is as new as what came: one's own save may have overtaken the answer. */
export const newer = (known: OpenView | undefined, came: OpenView): OpenView => (known && (known.view?.revision ?? 0) >= (came.view?.revision ?? 0) && (known.view === null) === (came.view === null) ? { ...known, readOnly: came.readOnly } : came);

/** Notes what was just stored, so that coming back to the screen begins with it. */
export const stored = (entity: string, project: string, nw: string, view: SavedView): void => {
  queryClient.setQueryData<OpenView>(['view', entity, project, nw], (old) => old && { ...old, view });
};

/** One view; null when there is none of that name. */
export const viewQuery = (entity: string, project: string, nw: string) =>
  queryOptions({
    queryKey: ['view', entity, project, nw],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ project: { readOnly: boolean | null; allViews: { edges: { node: SavedView | null }[] } | null } | null }>(
        `query View($entity: String!, $project: String!, $name: String!) { project(entityName: $entity, name: $project) { id readOnly allViews(viewType: "${TYPE}", viewName: $name, first: 1) { edges { node { ${ENTRY} spec } } } } }`,
        { entity, project, name: viewName(nw) },
        signal,
      );
      return newer(queryClient.getQueryData<OpenView>(['view', entity, project, nw]), { view: d.project?.allViews?.edges[0]?.node ?? null, readOnly: d.project?.readOnly ?? true, opened: Date.now() });
    },
    staleTime: 0, // looked at again whenever the screen is opened; meanwhile what is known is shown
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The saved views of a project that are nobody's own, the newest first. */
export const viewsQuery = (entity: string, project: string) =>
  queryOptions({
    queryKey: ['views', entity, project],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ project: { allViews: { edges: { node: ViewEntry | null }[] } | null } | null }>(
        `query Views($entity: String!, $project: String!) { project(entityName: $entity, name: $project) { id allViews(viewType: "${TYPE}", first: 500) { edges { node { ${ENTRY} } } } } }`,
        { entity, project },
        signal,
      );
      return (d.project?.allViews?.edges ?? []).flatMap((e) => (e.node && !/^nw-nwuser/.test(e.node.name) ? [e.node] : []));
    },
    staleTime: 10_000,
  });

type Input = { id?: string; entityName?: string; projectName?: string; name?: string; displayName?: string; spec?: string; revision?: number };

/** Stores a view. With a revision it fails (409) when somebody stored another meanwhile. */
export async function storeView(input: Input): Promise<ViewEntry> {
  const d = await graphql<{ upsertView: { view: ViewEntry } }>(`mutation StoreView($input: UpsertViewInput!) { upsertView(input: $input) { inserted view { ${ENTRY} } } }`, { input: { ...input, ...(input.id ? {} : { type: TYPE }), createdUsing: 'APP' } }, undefined, true);
  void queryClient.invalidateQueries({ queryKey: ['views'] });
  return d.upsertView.view;
}
export async function removeView(id: string): Promise<void> {
  await graphql('mutation RemoveView($input: DeleteViewInput!) { deleteView(input: $input) { success } }', { input: { id } });
  void queryClient.invalidateQueries({ queryKey: ['views'] });
}
