import { expect, it } from 'vitest';
import { newer, nwOf, personalNw, viewName, type OpenView, type SavedView } from './view';

const view = (revision: number): SavedView => ({ id: 'v', name: 'nw-x-v', displayName: 'X', spec: '{}', revision, readOnly: false, updatedAt: '', user: null, editor: null });
const open = (revision: number | null, opened: number): OpenView => ({ view: revision === null ? null : view(revision), readOnly: false, opened });

it('a view stays open as it is until somebody else’s revision comes', () => {
  expect(newer(undefined, open(1, 7)).opened).toBe(7);
  expect(newer(open(2, 1), open(2, 7)).opened).toBe(1);
  expect(newer(open(3, 1), open(2, 7))).toEqual(open(3, 1)); // one's own save overtook the answer
  expect(newer(open(2, 1), open(3, 7)).opened).toBe(7);
  expect(newer(open(2, 1), open(null, 7)).view).toBeNull(); // it was removed
  expect(newer(open(null, 1), open(1, 7)).opened).toBe(7);
  expect(newer(open(2, 1), { ...open(2, 7), readOnly: true }).readOnly).toBe(true);
});
it('names views as addresses do', () => {
  expect(nwOf(viewName('a1b2'))).toBe('a1b2');
  expect(viewName(personalNw('mira'))).toBe('nw-nwusermira-v');
});
