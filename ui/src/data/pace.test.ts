import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from './pace';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('runs at once, then rarely, and never loses the last call', () => {
  let n = 0;
  const p = paced(() => n++, () => 100);
  p.call();
  expect(n).toBe(1);
  p.call();
  p.call();
  vi.advanceTimersByTime(99);
  expect(n).toBe(1);
  vi.advanceTimersByTime(1);
  expect(n).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(n).toBe(2);
  p.call();
  expect(n).toBe(3);
});

test('stops what still waits', () => {
  let n = 0;
  const p = paced(() => n++, () => 100);
  p.call();
  p.call();
  p.stop();
  vi.advanceTimersByTime(1000);
  expect(n).toBe(1);
});
