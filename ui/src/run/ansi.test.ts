import { describe, expect, test } from 'vitest';
import { marked, plain, spans } from './ansi';

const ESC = '\x1b';

describe('spans', () => {
  test.each([
    ['plain', 'loss=1', [{ text: 'loss=1' }]],
    ['empty', '', [{ text: '' }]],
    ['colour and reset', `a${ESC}[31mred${ESC}[0mb`, [{ text: 'a' }, { text: 'red', colour: 'var(--ansi-red)' }, { text: 'b' }]],
    ['bold survives a colour', `${ESC}[1m${ESC}[32mok${ESC}[39m!`, [{ text: 'ok', bold: true, colour: 'var(--ansi-green)' }, { text: '!', bold: true }]],
    ['bright', `${ESC}[94mb`, [{ text: 'b', colour: 'var(--ansi-blue)' }]],
    ['256 colours', `${ESC}[38;5;196mx`, [{ text: 'x', colour: 'rgb(255 0 0)' }]],
    ['true colour', `${ESC}[38;2;1;2;3mx`, [{ text: 'x', colour: 'rgb(1 2 3)' }]],
    ['background is dropped', `${ESC}[48;5;10;31mx`, [{ text: 'x', colour: 'var(--ansi-red)' }]],
    ['cursor moves and titles are dropped', `a${ESC}[2K${ESC}[1Gb${ESC}]0;title\x07c`, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]],
    ['an unfinished escape is text', `a${ESC}[3`, [{ text: `a${ESC}[3` }]],
    ['markup stays text', '<b>&amp;', [{ text: '<b>&amp;' }]],
  ])('%s', (_name, line, want) => {
    expect(spans(line)).toEqual(want);
  });
});

test('plain text is what is searched', () => {
  expect(plain(`${ESC}[31mlo${ESC}[0mss`)).toBe('loss');
});

test('a match across colours is marked in both parts', () => {
  expect(marked(spans(`x${ESC}[31mlo${ESC}[0mss y`), /loss/g)).toEqual([
    { text: 'x' },
    { text: 'lo', colour: 'var(--ansi-red)', hit: true },
    { text: 'ss', hit: true },
    { text: ' y' },
  ]);
});

test('a search without a match leaves the parts alone', () => {
  const parts = spans('abc');
  expect(marked(parts, /z/g)).toBe(parts);
});
