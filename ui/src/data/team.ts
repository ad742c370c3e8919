// A team's people, invitations and switches; and the public links of projects.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql, json } from './client';
import { sessionQuery } from './session';

export const ROLES = ['viewer', 'member', 'admin'] as const;
const e = encodeURIComponent;

/** What an owner allows. */
export type TeamSettings = { name: string; kind: 'user' | 'team' | 'org'; sharing: boolean };
export const teamQuery = (name: string) => queryOptions({ queryKey: ['team', name], queryFn: ({ signal }) => json<TeamSettings>(`/api/teams/${e(name)}`, undefined, { signal }) });
export async function setSharing(name: string, sharing: boolean): Promise<void> {
  queryClient.setQueryData(teamQuery(name).queryKey, await json<TeamSettings>(`/api/teams/${e(name)}`, { sharing }, { method: 'PUT' }));
}

const changed = (team: string) => Promise.all([queryClient.invalidateQueries({ queryKey: ['projects', team] }), queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })]);
export async function setMember(team: string, username: string, role: string): Promise<void> {
  await graphql('mutation SetMember($input: SetMemberInput!) { setMember(input: $input) { member { id } } }', { input: { entityName: team, username, role } });
  await changed(team);
}
export async function removeMember(team: string, username: string): Promise<void> {
  await graphql('mutation RemoveMember($input: RemoveMemberInput!) { removeMember(input: $input) { success } }', { input: { entityName: team, username } });
  await changed(team);
}
export async function createTeam(name: string): Promise<void> {
  await graphql('mutation CreateTeam($input: CreateTeamInput!) { createTeam(input: $input) { entity { id } } }', { input: { teamName: name } });
  await changed(name);
}
/** Makes a service account of a team and returns its first key, which is shown this once. */
export async function createServiceAccount(team: string, purpose: string): Promise<string> {
  const d = await graphql<{ createServiceAccount: { apiKey: { name: string } } }>('mutation CreateServiceAccount($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } apiKey { id name } } }', { input: { entityName: team, description: purpose } });
  await changed(team);
  return d.createServiceAccount.apiKey.name;
}
/** Another key of a service account. */
export async function createKeyOf(username: string, purpose: string): Promise<string> {
  const d = await graphql<{ generateApiKey: { apiKey: { name: string } } }>('mutation KeyOf($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { apiKey { id name } } }', { input: { username, description: purpose } });
  return d.generateApiKey.apiKey.name;
}

/** Bytes that an owner's projects take. */
export const storageQuery = (entity: string) =>
  queryOptions({
    queryKey: ['storage', entity],
    queryFn: async ({ signal }) => (await graphql<{ entity: { storageBytes: number } | null }>('query Storage($entity: String!) { entity(name: $entity) { id storageBytes } }', { entity }, signal)).entity?.storageBytes ?? null,
    staleTime: 60_000,
  });

/** An invitation; `url` only when it was just made. */
export type Invite = { id: number; role: string; creator: string; created: string; expires: string; url?: string };
export const invitesQuery = (team: string) => queryOptions({ queryKey: ['invites', team], queryFn: ({ signal }) => json<Invite[]>(`/api/invites/${e(team)}`, undefined, { signal }) });
export async function invite(team: string, role: string, days: number): Promise<Invite> {
  const made = await json<Invite>('/api/invites', { team, role, days });
  await queryClient.invalidateQueries({ queryKey: ['invites', team] });
  return made;
}
export async function takeInviteBack(team: string, id: number): Promise<void> {
  await json<void>(`/api/invites/${e(team)}/${id}`, undefined, { method: 'DELETE' });
  await queryClient.invalidateQueries({ queryKey: ['invites', team] });
}
/** What an invitation is to. */
export const seeInvite = (token: string) => queryOptions({ queryKey: ['invite', token], retry: false, staleTime: Infinity, queryFn: () => json<{ team: string; role: string; creator: string; expires: string }>('/api/invite', { token }) });
export async function acceptInvite(form: { token: string; name?: string; email?: string; password?: string }): Promise<string> {
  const { team } = await json<{ team: string }>('/api/invite/accept', form);
  await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  return team;
}

/** A public link; `run` is empty for the whole project, `view` names the saved view it shows, `url` only there when it was just made. */
export type Share = { id: number; run: string; view: string; creator: string; created: string; expires: string | null; url?: string };
export const sharesQuery = (entity: string, project: string) => queryOptions({ queryKey: ['shares', entity, project], queryFn: ({ signal }) => json<Share[]>(`/api/shares/${e(entity)}/${e(project)}`, undefined, { signal }) });
export async function share(project: string, what: { run?: string; view?: string }, days: number): Promise<Share> {
  const made = await json<Share>('/api/shares', { project, ...what, days });
  await queryClient.invalidateQueries({ queryKey: ['shares'] });
  return made;
}
export async function takeShareBack(entity: string, project: string, id: number): Promise<void> {
  await json<void>(`/api/shares/${e(entity)}/${e(project)}/${id}`, undefined, { method: 'DELETE' });
  await queryClient.invalidateQueries({ queryKey: ['shares'] });
}
