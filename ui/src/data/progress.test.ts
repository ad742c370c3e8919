import { describe, expect, test } from 'vitest';
import { clockAhead, progressOf, silence, timeLeft } from './progress';

describe('progressOf', () => {
  test.each([
    ['top level', { max_steps: 1000 }, 250, { total: 1000, source: 'config.max_steps', part: 0.25 }],
    ['one level deep', { train: { total_steps: 10 } }, 5, { total: 10, source: 'config.train.total_steps', part: 0.5 }],
    ['less than was done is not the total', { steps: 10 }, 500, null],
    ['no number', { max_steps: 'many' }, 5, null],
    ['nothing', {}, 5, null],
  ])('%s', (_n, config, steps, want) => expect(progressOf(config, steps)).toEqual(want));
});
test('time left at the rate so far', () => {
  expect(timeLeft({ total: 100, source: '', part: 0.25 }, 25, 100)).toBe(300);
  expect(timeLeft({ total: 100, source: '', part: 0 }, 0, 100)).toBeNull();
  expect(timeLeft(null, 25, 100)).toBeNull();
});
test('silence in words', () => {
  expect(silence(30)).toBeNull();
  expect(silence(185)).toBe('No heartbeat for 3 min, will count as crashed in 2 min.');
  expect(silence(400)).toBe('No heartbeat for 6 min.');
});

test('a clock that is ahead is told, one that is behind cannot be', () => {
  const heard = '2026-03-01T12:00:00Z', at = Date.parse(heard) / 1000;
  expect(clockAhead(at + 720, heard)).toBe(720);
  expect(clockAhead(at + 10, heard)).toBeNull();
  expect(clockAhead(at - 3600, heard)).toBeNull();
  expect(clockAhead('soon', heard)).toBeNull();
  expect(clockAhead(at, null)).toBeNull();
});
