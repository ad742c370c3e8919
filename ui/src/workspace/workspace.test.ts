import { expect, it, vi } from 'vitest';
import { DEFAULTS } from '../chart/view';
import { FRESH } from '../panel/document';
import { fromAddress, overlaid, toAddress } from './address';
import { lentBy, owned, stillLent } from './lent';
import { draftKey, follows, keepDraft, readDraft } from './draft';
import { sooner, withColumns } from './Order';
import { guessMetric, metricValue } from '../runset/metric';
import { sizesOf } from '../runset/sizes';
import { sparkPath } from './sparks';
import { absent, AUTO, isVisible, only, toggle, toggleAll } from '../runset/visible';

it('draws the first twelve until a person switches', () => {
  expect([0, 11, 12].map((i) => isVisible(AUTO, 'r', i))).toEqual([true, true, false]);
  expect(isVisible(toggle(AUTO, 'r', true), 'r', 0)).toBe(false);
  expect(isVisible(toggle(AUTO, 'r', false), 'r', 99)).toBe(true);
  expect([isVisible(only('a'), 'a', 5), isVisible(only('a'), 'b', 0)]).toEqual([true, false]);
  expect(isVisible(toggleAll(3), 'a', 0)).toBe(false);
  expect(isVisible(toggleAll(0), 'a', 999)).toBe(true);
  expect([4, 5].map((i) => isVisible({ base: 'first', over: {}, first: 5 }, 'r', i))).toEqual([true, false]);
  expect(absent({ base: 'first', over: { a: true, b: false, c: true } }, new Set(['a']))).toEqual(['c']);
});
it('orders by several keys', () => {
  expect(withColumns(['+config.lr', '-created_at'], ['created_at', 'config.lr', 'state'])).toEqual(['+config.lr', '-created_at', '-state']);
  expect(withColumns(['+config.lr', '-created_at'], ['created_at'])).toEqual(['-created_at']);
  expect([sooner(['a', 'b', 'c'], 2), sooner(['a', 'b'], 0)]).toEqual([['a', 'c', 'b'], ['a', 'b']]);
});
it('counts the runs of the outermost groups', () => {
  const group = (value: unknown, runs: number) => ({ value, runs, values: {} });
  expect(Object.fromEntries(sizesOf([group('adam', 720), group(0.1, 5), group(null, 20)]))).toEqual({ 'group:["adam"]': 720, 'group:["0.1"]': 5, 'group:["(none)"]': 20 });
});
it('a draft is read as it was kept, and nothing else', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
  const key = draftKey('mira', { entity: 'e', project: 'p' }, 'v1');
  keepDraft(key, { spec: '{}', revision: 3 });
  expect(readDraft(key)).toEqual({ spec: '{}', revision: 3 });
  kept.set(key, '{"spec": 7}');
  expect(readDraft(key)).toBeNull();
  keepDraft(key, null);
  expect(kept.size).toBe(0);
  vi.unstubAllGlobals();
});
it('a draft is taken up on the revision it was made on, or when the save before it did not arrive', () => {
  expect([6, 7, 8, 9].filter((stored) => follows({ revision: 8 }, stored))).toEqual([7, 8]);
});
it('an address and a view are two faces of one state', () => {
  const settings = { ...DEFAULTS, x: 'epoch', smooth: 0.6, band: false }, zoom = { x: 'epoch', range: [10, 2000.5] as [number, number] };
  const a = toAddress(settings, zoom);
  expect(a).toEqual({ x: 'epoch', smooth: 0.6, band: false, zoom: '10..2000.5' });
  expect(fromAddress(a)).toEqual({ settings: { x: 'epoch', smooth: 0.6, band: false }, runs: {}, zoom });
  expect(fromAddress(toAddress(DEFAULTS, zoom))).toEqual({ settings: {}, runs: {}, zoom });
  const doc = { ...FRESH, cols: 4, runs: { ...FRESH.runs, query: 'lr>1', group: ['config.opt', 'group'], order: ['+config.lr'] } };
  const full = toAddress(settings, zoom, doc);
  expect(full).toMatchObject({ q: 'lr>1', group: 'config.opt,group', sort: '+config.lr', cols: 4 });
  expect(overlaid(FRESH, fromAddress(full))).toEqual({ ...doc, settings: { x: 'epoch', smooth: 0.6, band: false } });
  expect(toAddress(DEFAULTS, null)).toEqual({});
  expect(fromAddress({ zoom: '9..2', smooth: 7, smoothing: 'nonsense' })).toEqual({ settings: { smooth: 0.99 }, runs: {}, zoom: null });
});
it('what a link lends is stored only where a person changed it', () => {
  const own = { ...FRESH, cols: 3, settings: { smooth: 0.2 }, runs: { ...FRESH.runs, query: 'mine', group: ['config.opt'] } };
  const asked = fromAddress({ q: 'theirs', sort: '+config.lr', smooth: 0.9, band: false, cols: 5 });
  const opened = overlaid(own, asked);
  expect(opened.runs.query).toBe('theirs');
  const lent = stillLent(lentBy(asked), opened, opened);
  expect(owned(opened, lent, own)).toEqual(own);
  // A hidden run is stored, the lent filter beside it is not.
  const hid = { ...opened, runs: { ...opened.runs, visible: only('a') } };
  expect(owned(hid, stillLent(lent, hid, opened), own)).toEqual({ ...own, runs: { ...own.runs, visible: only('a') } });
  // What is typed is one's own from then on, also when it becomes the same again.
  const typed = { ...opened, cols: 2, runs: { ...opened.runs, query: 'theirs too' } }, after = stillLent(lent, typed, opened);
  expect(owned(typed, after, own)).toEqual({ ...own, cols: 2, runs: { ...own.runs, query: 'theirs too' } });
  expect(owned(opened, stillLent(after, opened, opened), own).runs.query).toBe('theirs');
});
it('guesses the metric of the list', () => {
  const k = (key: string) => ({ key, type: 'number', runs: 1, step: null, hidden: false });
  const c = (...keys: string[]) => ({ history: keys.map(k), events: [] });
  expect(guessMetric(c('lr', 'train/loss', 'val/loss', 'val/top1'))).toBe('val/top1');
  expect(guessMetric(c('lr', 'train/loss', 'val/loss'))).toBe('val/loss');
  expect(guessMetric(c('lr', '_step'))).toBe('lr');
  expect(guessMetric(c())).toBeNull();
  expect([metricValue(1), metricValue('NaN'), metricValue({ last: 2 }), metricValue('x'), metricValue(undefined)]).toEqual([1, NaN, 2, null, null]);
});
it('draws small lines inside their box', () => {
  expect(sparkPath(Float64Array.from([0, 10]), [5, 7], 0, 10)).toBe('M1.0 14.0L42.0 2.0');
  expect(sparkPath(Float64Array.from([0]), [5], 0, 10)).toBe('');
});
