import { expect, it } from 'vitest';
import { shortcutOf } from '../keys';
import { rank, score } from './rank';

it('prefers starts of words, then runs of letters', () => {
  expect(score('acme/vit-pretrain', 'vit')).toBeGreaterThan(score('brevity', 'vit'));
  expect(score('workspace', 'wsp')).toBeGreaterThan(0);
  expect(score('workspace', 'xyz')).toBe(0);
  const items = [{ group: 'a', text: 'Logs' }, { group: 'b', text: 'vit-log' }, { group: 'a', text: 'Files' }];
  expect(rank(items, 'log').map((i) => i.text)).toEqual(['Logs', 'vit-log']);
});
it('knows shortcuts', () => {
  const e = (key: string, more = {}) => ({ key, metaKey: false, ctrlKey: false, altKey: false, shiftKey: false, ...more });
  expect(shortcutOf(e('k', { ctrlKey: true }), false)).toBe('palette');
  expect(shortcutOf(e('g'), false)).toBe('lead');
  expect(shortcutOf(e('w'), true)).toBe('go.workspace');
  expect(shortcutOf(e('V', { shiftKey: true }), false)).toBe('run.only');
  expect(shortcutOf(e('v'), false)).toBe('run.toggle');
  expect(shortcutOf(e('?', { shiftKey: true }), false)).toBe('help');
  expect(shortcutOf(e('m', { ctrlKey: true }), false)).toBeNull();
});
