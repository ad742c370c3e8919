import { afterEach, expect, test, vi } from 'vitest';
import { queryClient } from '../data/cache';
import { RUN_PAGE } from '../data/run';
import { Rows } from './rows';

const FOUND = 100_000;
const soon = (f: () => void) => vi.waitFor(f, 4000);
type Asked = { offset: number; answer: () => void };
let asked: Asked[] = [];

/** A table of many runs whose server answers when it is told to, and counts what is drawn for it. */
async function table(): Promise<{ rows: Rows; drawn: () => number }> {
  asked = [];
  let drawn = 0;
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    const { offset } = JSON.parse(init.body as string) as { offset: number };
    return new Promise((ok) => {
      const rows = Array.from({ length: RUN_PAGE }, (_, i) => ({ name: 'r' + (offset + i) }));
      asked.push({ offset, answer: () => ok(new Response(JSON.stringify({ total: FOUND, found: FOUND, ms: 1, running: 0, rows }))) });
    });
  });
  const rows = new Rows({ project: 'e/p', q: '', order: [], columns: [] }, [], () => void drawn++, null);
  await soon(() => expect(asked.length).toBe(1));
  asked[0]!.answer();
  await soon(() => expect(rows.size).toBe(FOUND));
  return { rows, drawn: () => drawn };
}
const nameAt = (rows: Rows, i: number) => {
  const r = rows.row(i);
  return r?.kind === 'run' ? r.run.name : null;
};
afterEach(() => {
  vi.unstubAllGlobals();
  queryClient.clear();
});

test('a jump waits for what is in sight alone, and the pages after it come without a draw', async () => {
  const { rows, drawn } = await table(), at = 300 * RUN_PAGE;
  rows.need(at, at + 30);
  await soon(() => expect(asked.length).toBe(2));
  expect(asked[1]!.offset).toBe(at);
  asked[1]!.answer();
  await soon(() => expect(nameAt(rows, at)).toBe('r' + at));
  rows.need(at, at + 30); // as the draw that follows asks
  await soon(() => expect(asked.map((a) => a.offset)).toEqual([0, at, at + RUN_PAGE, at + 2 * RUN_PAGE]));
  const before = drawn();
  asked[2]!.answer();
  asked[3]!.answer();
  await soon(() => expect(nameAt(rows, at + 3 * RUN_PAGE - 1)).toBe('r' + (at + 3 * RUN_PAGE - 1)));
  expect(drawn()).toBe(before);
});

test('a page that comes into sight before it is here is drawn when it comes', async () => {
  const { rows, drawn } = await table();
  rows.need(0, 30);
  await soon(() => expect(asked.length).toBe(3));
  rows.need(RUN_PAGE, RUN_PAGE + 30);
  const before = drawn();
  asked[1]!.answer();
  await soon(() => expect(nameAt(rows, RUN_PAGE)).toBe('r' + RUN_PAGE));
  expect(drawn()).toBe(before + 1);
});
