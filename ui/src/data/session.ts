// Who is signed in, and the acts that change it.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { json } from './client';
import { queryClient } from './cache';

export type Session = {
  user: { name: string; email: string; fullName: string; admin: boolean; entity: string; teams: { name: string; role: string }[] } | null;
  setup: boolean;
  version: string;
  url: string;
  providers: { name: string; label: string }[];
};

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => json<Session>('/api/session', undefined, { signal }), staleTime: 5 * 60_000 });

export const useSession = () => useQuery(sessionQuery);
/** The signed-in person. Screens behind the gate always have one. */
export const useUser = () => useSession().data?.user ?? null;
/** The address that the SDK should be pointed at. */
export const useBase = () => (useSession().data?.url || location.origin).replace(/\/$/, '');

const adopt = (s: Session) => {
  // What the last person saw goes; the session itself stays, because screens that are open watch it.
  queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== sessionQuery.queryKey[0] });
  queryClient.setQueryData(sessionQuery.queryKey, s);
};

export const signIn = async (user: string, password: string) => adopt(await json<Session>('/api/session', { user, password }));
export async function setUp(form: { token: string; name: string; email: string; password: string }): Promise<void> {
  await json<unknown>('/api/setup', form);
  adopt(await json<Session>('/api/session'));
}
/** One of one's own sessions. */
export type OwnSession = { id: number; agent: string; created: string; lastUsed: string; expires: string; this: boolean };
export const sessionsQuery = queryOptions({ queryKey: ['sessions'], queryFn: ({ signal }) => json<OwnSession[]>('/api/sessions', undefined, { signal }) });
/** Ends one of one's own sessions, or without an id all but this one. */
export async function endSession(id?: number): Promise<void> {
  await json<void>(id === undefined ? '/api/sessions' : `/api/sessions/${id}`, undefined, { method: 'DELETE' });
  await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
}
/** Changes one's own name, or the password: the other sessions end then. */
export async function changeProfile(change: { fullName: string } | { password: string; old: string }): Promise<void> {
  await json<void>('/api/profile', change, { method: 'PUT' });
  await Promise.all([queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }), queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })]);
}
export async function signOut(): Promise<void> {
  const left = await json<{ url: string } | undefined>('/api/session', undefined, { method: 'DELETE' });
  location.assign(left?.url ?? '/login'); // a provider's own session ends there
}
