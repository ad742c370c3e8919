import { afterEach, expect, test, vi } from 'vitest';
import { json, transient } from './client';

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
