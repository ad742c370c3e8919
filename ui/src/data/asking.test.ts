import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchPanel, type PanelAsk } from './asking';

type Sent = { body: { key?: string; runs?: string[]; panels?: { key: string }[] }; signal: AbortSignal };
let sent: Sent[] = [];
let answer: (s: Sent) => Response | Promise<Response>;

/** A panel without runs, whose x is named after its key. */
function packed(key: string): Uint8Array<ArrayBuffer> {
  const meta = new TextEncoder().encode(JSON.stringify({ grid: { start: 0, width: 1, n: 0 }, x: key, min: 0, max: -1, runs: [] }).padEnd(128));
  const out = new Uint8Array(8 + meta.length);
  out.set([66, 80, 78, 49, meta.length]);
  out.set(meta, 8);
  return out;
}
function parts(n: number, all: [status: number, body: Uint8Array][]): Uint8Array<ArrayBuffer> {
  const out = [66, 80, 83, 49, n, 0, 0, 0];
  for (const [status, body] of all) out.push(status & 255, status >> 8, 0, 0, body.length, 0, 0, 0, ...body);
  return Uint8Array.from(out);
}
const said = (text: string) => new TextEncoder().encode(JSON.stringify({ error: text, kind: 'invalid' }));
const right = (s: Sent) => new Response(s.body.panels ? parts(s.body.panels.length, s.body.panels.map((p) => [200, packed(p.key)])) : packed(s.body.key!));
const ask = (key: string, runs = ['a', 'b']): PanelAsk => ({ project: 'e/p', runs, key, x: '_step', stream: 'history', min: null, max: null, buckets: 100 });
const keys = (n: number) => Array.from({ length: n }, (_, i) => 'k' + i);
const never = new AbortController().signal;

beforeEach(() => {
  sent = [];
  answer = right;
  vi.stubGlobal('requestAnimationFrame', (f: () => void) => setTimeout(f));
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    const s = { body: JSON.parse(init.body as string) as Sent['body'], signal: init.signal! };
    sent.push(s);
    return Promise.resolve(answer(s));
  });
});
afterEach(() => void vi.unstubAllGlobals());

test('what waits together is asked together, and each gets its own answer', async () => {
  const got = await Promise.all(keys(40).map((k) => fetchPanel(ask(k), never)));
  expect(got.map((p) => p.x)).toEqual(keys(40));
  expect(sent.length).toBe(4);
  expect(Math.max(...sent.map((s) => s.body.panels!.length))).toBeLessThanOrEqual(16);
  expect(sent[0]!.body.runs).toEqual(['a', 'b']);
});

test('panels of other runs have requests of their own', async () => {
  await Promise.all(keys(8).map((k, i) => fetchPanel(ask(k, i % 2 ? ['c'] : ['c', 'd']), never)));
  expect(sent.map((s) => s.body.key)).toEqual(keys(8));
});

test('one that is refused fails alone; what broke off or may come later is asked for alone', async () => {
  answer = (s) => (s.body.panels?.some((p) => p.key === 'k0') ? new Response(parts(s.body.panels.length, [[400, said('no such key')], [503, said('busy')], [200, packed('k2')]])) : right(s));
  const got = await Promise.allSettled(keys(20).map((k) => fetchPanel(ask(k), never)));
  expect(got[0]).toMatchObject({ status: 'rejected', reason: { message: 'no such key', status: 400 } });
  expect(got.slice(1).map((g) => (g.status === 'fulfilled' ? g.value.x : g.reason))).toEqual(keys(20).slice(1));
  expect(sent.filter((s) => !s.body.panels).map((s) => s.body.key).sort()).toEqual(['k1', 'k3', 'k4']);
});

test('a request ends when nobody waits for any of it, not before', async () => {
  const each = keys(8).map(() => new AbortController());
  answer = (s) => new Promise((_ok, no) => s.signal.addEventListener('abort', () => no(new DOMException('', 'AbortError'))));
  const all = Promise.allSettled(keys(8).map((k, i) => fetchPanel(ask(k), each[i]!.signal)));
  await vi.waitFor(() => expect(sent.length).toBe(4));
  each[0]!.abort();
  expect(sent[0]!.signal.aborted).toBe(false);
  each.forEach((c) => c.abort());
  expect(sent.every((s) => s.signal.aborted)).toBe(true);
  expect((await all).every((g) => g.status === 'rejected' && (g.reason as Error).name === 'AbortError')).toBe(true);
});
