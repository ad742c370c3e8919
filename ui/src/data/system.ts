// The settings that admins change while the server runs, and the tests of what they lead to.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { json } from './client';

export type Setting = { name: string; env: string; type: string; help: string; value: string; default: string; source: string; locked: boolean; secret: boolean };
export type Section = { name: string; title: string; settings: Setting[] };
export type Revision = { id: number; actor: string; made: string; state: 'trial' | 'kept' | 'reverted'; reason?: string; changes: { name: string; was: string; now: string }[] };
export type System = { revision: number; state: '' | Revision['state']; sections: Section[]; start: Setting[]; log: Revision[]; users: { name: string; email: string; admin: boolean }[] };

export type Fix = { where: string; text: string };
export type Step = { name: string; ok: boolean; text?: string; millis: number; fix?: Fix };
export type Tested = { steps: Step[]; object?: string; put?: string; get?: string; headers?: string[]; cors?: Fix };
export type Values = Record<string, string>;

const ADMIN = { 'Use-Admin-Privileges': 'true' };

/** Asked again while a change is being tried. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => json<System>('/api/system', undefined, { signal, headers: ADMIN }),
  refetchInterval: (q) => (q.state.data?.state === 'trial' ? 1000 : false),
});

export async function updateSettings(revision: number, values: Values): Promise<void> {
  await json<unknown>('/api/system', { revision, values }, { method: 'PUT', headers: ADMIN });
  await queryClient.invalidateQueries({ queryKey: systemQuery.queryKey });
}

const ask = (part: string, values: Values, object?: string) => json<Tested>('/api/system/test', { part, values, object }, { headers: ADMIN });

/** Performs a section's operations, and tells the steps so far after each part: the server's, this browser's, the end. */
export async function testSettings(part: string, values: Values, tell: (steps: Step[]) => void): Promise<void> {
  const first = await ask(part, values);
  let steps = first.steps;
  tell(steps);
  if (first.object === undefined) return;
  steps = [...steps, await fromHere(first)];
  tell(steps);
  steps = [...steps, ...(await ask(part, values, first.object)).steps];
  tell(steps);
}

const TEXT = 'Written by a browser for a test of the settings.\n';

/** Puts and gets the test's object from this page, as screens and people's browsers do. */
async function fromHere(t: Tested): Promise<Step> {
  const name = 'Put and get from this browser', begun = performance.now();
  const end = (ok: boolean, text?: string): Step => ({ name, ok, millis: Math.round(performance.now() - begun), ...(text ? { text } : {}), ...(!ok && t.cors ? { fix: t.cors } : {}) });
  try {
    const headers = Object.fromEntries((t.headers ?? []).map((h) => [h.slice(0, h.indexOf(':')), h.slice(h.indexOf(':') + 1)]));
    const put = await fetch(t.put!, { method: 'PUT', body: TEXT, headers });
    if (!put.ok) return end(false, `The bucket refused the browser's PUT: ${put.status}.`);
    const got = await fetch(t.get!, { headers: { Range: 'bytes=0-6' } });
    if (!got.ok || !(await got.text()).startsWith('Written')) return end(false, `The bucket answered the browser's GET with ${got.status} and other bytes.`);
    return end(true);
  } catch {
    return end(false, `The browser at ${location.origin} was not let through: the bucket's CORS configuration does not allow it, or the bucket cannot be reached from here.`);
  }
}
