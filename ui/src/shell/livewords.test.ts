import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen, liveState } from '../data/live';
import { liveWords } from './livewords';

/** A stream that the test speaks for. */
class Stream extends EventTarget {
  static last: Stream;
  static readonly CLOSED = 2;
  readyState = 0;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  constructor() {
    super();
    Stream.last = this;
  }
  close(): void {
    this.readyState = Stream.CLOSED;
  }
  say(kind: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('document', new EventTarget());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('says in words that rows are put off, why, and no longer than it holds', () => {
  const stop = listen('me/strained', () => undefined);
  const text = (): string => liveWords(liveState()).text;
  Stream.last.onopen();
  expect(text()).toBe('Live');
  Stream.last.say('strain', { why: 'full' });
  expect(text()).toBe('Rows put off: store too slow');
  Stream.last.say('change', { runs: [], list: false });
  expect(text()).toBe('Rows put off: store too slow');
  Stream.last.say('strain', { why: 'failing' });
  expect(text()).toContain('database refuses');
  Stream.last.say('strain', { why: '' });
  expect(text()).toBe('Live');
  Stream.last.say('strain', { why: 'slow' });
  expect(text()).toBe('Rows late: slow store');
  Stream.last.onerror(); // what was said is old
  expect(text()).toContain('Reconnecting');
  Stream.last.onopen();
  expect(text()).toBe('Live');
  stop();
  expect(liveState().kind).toBe('off');
});
