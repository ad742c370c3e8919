import { afterEach, expect, test, vi } from 'vitest';
import { graphql, json, transient } from './client';

afterEach(() => vi.unstubAllGlobals());

const failing = async (status: number, body: unknown): Promise<unknown> => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(body), { status }));
  return json('/api/keys').then(() => undefined, (e: unknown) => e);
};

test('what is damaged is not asked for again; an overload, an outage and a fault are', async () => {
  expect(transient(await failing(500, { error: 'rows 5 to 9 are damaged', kind: 'damaged' }))).toBe(false);
  expect(transient(await failing(500, { error: 'internal error', kind: 'internal' }))).toBe(true);
  expect(transient(await failing(503, {}))).toBe(true);
  expect(transient(await failing(429, {}))).toBe(true);
  expect(transient(await failing(404, { error: 'no such run', kind: 'not found' }))).toBe(false);
});

test('a fault of the server within an answer to GraphQL is asked again; a refusal and what is damaged are not', async () => {
  const refused = async (code: string): Promise<unknown> => {
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ errors: [{ message: 'no', extensions: { code } }], data: null })));
    return graphql('query { viewer { id } }').then(() => undefined, (e: unknown) => e);
  };
  expect(transient(await refused('INTERNAL'))).toBe(true);
  for (const code of ['DAMAGED', 'NOT_FOUND', 'DENIED', 'INVALID', 'CONFLICT']) expect(transient(await refused(code))).toBe(false);
});

test('an answer that breaks off is asked for again', async () => {
  vi.stubGlobal('fetch', async () => new Response('{"total": 1, "ro'));
  const e = await json('/api/runs', {}).then(() => undefined, (err: unknown) => err);
  expect(transient(e)).toBe(true);
});
