import { expect, test } from 'vitest';
import { readFormula } from './formula';

const known = ['loss', 'val/loss', 'val', 'val-loss x', 'a.b'];
const ask = (t: string) => {
  const f = readFormula(t, known);
  return 'text' in f ? f.text : `${f.at}: ${f.message}`;
};

test('names are written plainly where they are known, else in ${ }', () => {
  expect(ask('loss*2')).toBe('loss * 2');
  expect(ask('val/loss / val')).toBe('${val/loss} / val');
  expect(ask('val / loss')).toBe('val / loss');
  expect(ask('val-loss x - 1e-3')).toBe('${val-loss x} - 1e-3');
  expect(ask('lossy + ${val/loss}**-.5')).toBe('lossy + ${val/loss} ** - .5');
  expect(ask('-(a.b % 3) ** 2')).toBe('- ( a.b % 3 ) ** 2');
  expect(readFormula('loss + loss * val', known)).toMatchObject({ names: ['loss', 'val'] });
});
test('a fault is where it stands', () => {
  expect(['loss +', 'loss ? 2', '(loss', 'loss val', '2x', '', '${', '1 + 1', 'loss ** ', '('.repeat(150)].map(ask)).toEqual([
    '6: a value is missing', '5: an operator is missing', '5: a ) is missing', '5: an operator is missing', '0: this is not a number', '0: a value is missing', '0: a name in ${ } is missing', '0: it names no metric', '8: a value is missing', '100: there are too many brackets within each other',
  ]);
});
