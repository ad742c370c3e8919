// Projects and their owners.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql } from './client';

export type Project = { id: string; name: string; entityName: string; description: string | null; createdAt: string; lastActive: string | null; runCount: number | null; running: number | null };

const FIELDS = 'id name entityName description createdAt lastActive runCount running: runCount(filters: "{\\"state\\":\\"running\\"}")';

/** The projects of one owner, newest activity first; null when the owner does not exist or may not be seen. */
export const projectsQuery = (entity: string) =>
  queryOptions({
    queryKey: ['projects', entity],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ entity: { name: string; isTeam: boolean; viewerRole: string | null; members: Member[]; projects: { edges: { node: Project }[] } | null } | null }>(
        `query Projects($entity: String!) { entity(name: $entity) { id name isTeam viewerRole members { id name username role accountType } projects(first: 500) { edges { node { ${FIELDS} } } } } }`,
        { entity },
        signal,
      );
      if (!d.entity) return null;
      const list = (d.entity.projects?.edges ?? []).map((e) => e.node);
      list.sort((a, b) => (b.lastActive ?? b.createdAt).localeCompare(a.lastActive ?? a.createdAt));
      return { ...d.entity, projects: list };
    },
  });

export type Member = { id: string | null; name: string; username: string | null; role: string | null; accountType: string | null };

/** One project; null when it does not exist or may not be seen. */
export const projectQuery = (entity: string, project: string) =>
  queryOptions({
    queryKey: ['project', entity, project],
    queryFn: async ({ signal }) => {
      const d = await graphql<{ project: (Project & { user: { username: string | null } | null; access: string | null; readOnly: boolean | null; updatedAt: string | null }) | null }>(
        `query Project($entity: String!, $project: String!) { project(entityName: $entity, name: $project) { ${FIELDS} access readOnly updatedAt user { id username } } }`,
        { entity, project },
        signal,
      );
      return d.project;
    },
  });

export async function describeProject(entity: string, project: string, description: string): Promise<void> {
  await graphql('mutation Describe($input: UpsertModelInput!) { upsertModel(input: $input) { inserted } }', { input: { entityName: entity, name: project, description } });
}

/** Gives a project another name; the old one leads to it. */
export async function renameProject(entity: string, project: string, to: string): Promise<void> {
  await graphql('mutation RenameProject($input: RenameProjectInput!) { renameProject(input: $input) { project { id } } }', { input: { entityName: entity, oldProjectName: project, newProjectName: to } });
  await queryClient.invalidateQueries({ queryKey: ['projects'] });
  await queryClient.invalidateQueries({ queryKey: ['home'] });
}

/** Deletes a project with its runs. */
export async function deleteProject(id: string): Promise<void> {
  await graphql('mutation DeleteProject($input: DeleteModelInput!) { deleteModel(input: $input) { success } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['projects'] });
}
