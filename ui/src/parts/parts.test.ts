import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lastView, noteView } from './lastview';
import { look, rowHeight, setLook } from './look';

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) });
});
afterEach(() => vi.unstubAllGlobals());

test.each([
  ['/mira/vit/overview', 'overview'],
  ['/mira/vit/table', 'table'],
  ['/mira/vit/runs/overview', 'workspace'], // a run of that name
  ['/mira/vit/settings', 'workspace'],
  ['/mira/a%2Fb/overview', 'workspace'],
])('after %s the project opens in its %s', (path, want) => {
  noteView(path);
  expect(lastView('mira', 'vit')).toBe(want);
});

test('a look that is none is the usual one', () => {
  expect(rowHeight()).toBe(32);
  setLook('density', 'low');
  expect(rowHeight()).toBe(26);
  localStorage.setItem('density', 'enormous');
  expect(look('density')).toBe('normal');
});

test('closed storage: everything is as usual', () => {
  const closed = () => {
    throw new Error('closed');
  };
  vi.stubGlobal('localStorage', { getItem: closed, setItem: closed });
  setLook('dashes', 'all');
  noteView('/mira/vit/overview');
  expect([look('dashes'), lastView('mira', 'vit')]).toEqual(['shared', 'workspace']);
});
