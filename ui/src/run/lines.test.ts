import { expect, test } from 'vitest';
import type { LogAsk, LogPage } from '../data/log';
import { Lines, PAGE } from './lines';

/** A log on a pretended server; `size` and `text` may change meanwhile. */
function server(size: number) {
  const s = {
    size,
    text: (n: number) => 'line ' + n,
    asks: [] as LogAsk[],
    ask: async (_e: string, _p: string, _r: string, a: LogAsk): Promise<LogPage> => {
      s.asks.push(a);
      const from = a.tail !== undefined ? Math.max(0, s.size - a.tail) : (a.from ?? 0);
      const n = a.tail ?? a.n ?? 0;
      const lines = [];
      for (let i = from; i < Math.min(s.size, from + n); i++) lines.push({ n: i, t: null, level: null, label: null, text: s.text(i) });
      return { total: s.size, lines };
    },
  };
  return s;
}
const settle = () => new Promise((r) => setTimeout(r, 1));

test('opens at the end, then fetches what comes into view', async () => {
  const s = server(10_000);
  const l = new Lines('e', 'p', 'r', () => undefined, s.ask);
  l.refresh();
  await settle();
  expect(l.total).toBe(10_000);
  expect(l.line(9_999)?.text).toBe('line 9999');
  expect(l.line(10)).toBeUndefined();
  l.want(0, 40);
  await settle();
  expect(l.line(10)?.text).toBe('line 10');
});

test('follows new lines and rewritten ones', async () => {
  const s = server(1_200);
  const l = new Lines('e', 'p', 'r', () => undefined, s.ask);
  l.refresh();
  await settle();
  s.size = 1_300;
  s.text = (n) => (n === 1_199 ? 'progress 100%' : 'line ' + n);
  l.refresh();
  await settle();
  expect(l.total).toBe(1_300);
  expect(l.line(1_199)?.text).toBe('progress 100%');
  expect(l.line(1_299)?.text).toBe('line 1299');
});

test('asks once at a time for the end', async () => {
  const s = server(10);
  const l = new Lines('e', 'p', 'r', () => undefined, s.ask);
  for (let i = 0; i < 20; i++) l.refresh();
  expect(s.asks.length).toBe(1);
  await settle();
  expect(s.asks.length).toBe(2);
});

test('a failure is kept for the viewer and cleared by the next answer', async () => {
  let fail = true;
  const s = server(PAGE * 3);
  const l = new Lines('e', 'p', 'r', () => undefined, async (e, p, r, a) => { if (fail) throw new Error('down'); return s.ask(e, p, r, a); });
  l.refresh();
  await settle();
  expect((l.error as Error).message).toBe('down');
  fail = false;
  l.refresh();
  await settle();
  expect(l.error).toBeNull();
  expect(l.known).toBe(true);
});

test('with a filter, rows are places among what passes', async () => {
  const asks: LogAsk[] = [];
  const every = 7, size = 9_000;
  const found = Math.ceil(size / every);
  const l = new Lines('e', 'p', 'r', () => undefined, async (_e, _p, _r, a) => {
    asks.push(a);
    const from = a.tail !== undefined ? Math.max(0, found - a.tail) : (a.from ?? 0);
    const lines = [];
    for (let i = from; i < Math.min(found, from + (a.tail ?? a.n ?? 0)); i++) lines.push({ n: i * every, t: null, level: 'error', label: null, text: 'line ' + i * every });
    return { total: size, found, lines };
  }, { level: 'error' });
  l.refresh();
  await settle();
  expect(asks[0]).toMatchObject({ level: 'error', only: true, tail: PAGE });
  expect(l.total).toBe(found);
  expect(l.line(found - 1)?.n).toBe((found - 1) * every);
  l.want(0, 10);
  await settle();
  expect(l.line(3)?.text).toBe('line 21');
});
