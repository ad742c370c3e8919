// The start page in one answer, its pins and visits; and what a project adds up to.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { json } from './client';
import type { Json } from './json';
import type { Project } from './project';

export type HomeRun = { project: string; name: string; display: string; state: string; user: string; mine: boolean; created: string; heartbeat: string; ended: string | null; exitCode: number; steps: number; config: { [k: string]: Json } | null };
export type HomeProject = Project & { pinned: boolean };
export type HomePage = { since: string; running: HomeRun[]; total: number; failed: HomeRun[]; projects: HomeProject[] };

export const homeQuery = queryOptions({ queryKey: ['home'], queryFn: ({ signal }) => json<HomePage>('/api/home', undefined, { signal }) });

const put = (body: Record<string, unknown>) => json<void>('/api/home', body, { method: 'PUT' });
const changed = () => Promise.all([queryClient.invalidateQueries({ queryKey: homeQuery.queryKey }), queryClient.invalidateQueries({ queryKey: ['totals'] })]);

/** Says that the start page was opened: what failed before the last visit is not told again. */
export const visitHome = (): void => void put({ visit: true }).catch(() => undefined); // it is only about what is told next time
export async function seenFailures(): Promise<void> {
  await put({ seen: true });
  await changed();
}
/** Pins a project ("entity/name") or takes its pin away. */
export async function pinProject(project: string, on: boolean): Promise<void> {
  await put(on ? { pin: project } : { unpin: project });
  await changed();
}

export type Bytes = { history: number; console: number; files: number; artifacts: number };
export type GoneRun = { id: string; name: string; display: string; state: string; user: string; deleted: string; until: string; mine: boolean };
export type Totals = { states: Record<string, number>; computeSeconds: number; bytes: Bytes; people: { name: string; runs: number; last: string }[]; firstDay: string; days: number[]; deleted: GoneRun[]; pinned: boolean };
export const totalsQuery = (entity: string, project: string) =>
  queryOptions({ queryKey: ['totals', entity, project], queryFn: ({ signal }) => json<Totals>(`/api/projects/${encodeURIComponent(entity)}/${encodeURIComponent(project)}`, undefined, { signal }), staleTime: 60_000 });
