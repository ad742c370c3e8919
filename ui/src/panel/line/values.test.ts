import { expect, test } from 'vitest';
import { damages, damageWords } from '../../chart/status';
import { summary } from '../../chart/words';
import { lineTable } from './values';

const line = { run: 'a', colour: 0, first: 1, last: 2, min: 1, max: 3, points: 4 };

test('a damaged run has its words in the table, and there is no such column without one', () => {
  expect(lineTable([line], [])).toEqual({ head: ['Run', 'First', 'Last', 'Least', 'Most', 'Points'], rows: [['a', 1, 2, 1, 3, 4]] });
  expect(lineTable([line], [{ run: 'b', words: 'the steps 0 to 9' }])).toEqual({
    head: ['Run', 'First', 'Last', 'Least', 'Most', 'Points', 'Damaged'],
    rows: [['a', 1, 2, 1, 3, 4, null], ['b', null, null, null, null, null, 'the steps 0 to 9']],
  });
});

test('of the damaged runs those in view are told, by the names people know, eight of them', () => {
  const found = new Map([['r1', 'broken'], ['gone', 'broken']]);
  expect(damages(found, [{ name: 'r0', display: 'fine' }, { name: 'r1', display: 'tall tree' }])).toEqual([{ run: 'tall tree', words: 'broken' }]);
  const many = Array.from({ length: 10 }, (_, i) => ({ run: `r${i}`, words: 'w' }));
  expect(damageWords(many).split('\n').slice(7)).toEqual(['r7: w', "2 more: see the panel's table"]);
  expect(summary('loss', '_step', [], [{ run: 'a', words: 'broken' }])).toContain('1 run damaged. a: broken');
});
