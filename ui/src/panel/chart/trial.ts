// One worker tries charts one after the other; what does not end is ended, and the next gets a new worker.
import type { Spec as VegaSpec } from 'vega';
import type { Spec } from './preset';
import type { TryAnswer, TryAsk } from './try.worker';

const PATIENCE = 6000; // ms for one chart; the first also loads Vega
export type Tried = { vega: VegaSpec; svg: string; said: string[] };

let worker: Worker | null = null;
let line: Promise<unknown> = Promise.resolve();
let count = 0;

/** Compiles and runs a spec once. Rejects with words when it is wrong or does not end. */
export function tryChart(spec: Spec, config: Spec, rows: Record<string, unknown>[], signal: AbortSignal): Promise<Tried> {
  const turn = line.then(() => (signal.aborted ? Promise.reject(new DOMException('left', 'AbortError')) : one({ n: ++count, spec, config, rows }, signal)));
  line = turn.catch(() => undefined);
  return turn;
}

function one(ask: TryAsk, signal: AbortSignal): Promise<Tried> {
  const w = (worker ??= new Worker(new URL('./try.worker.ts', import.meta.url), { type: 'module' }));
  return new Promise((ok, no) => {
    const end = (why: Error) => {
      w.terminate();
      if (worker === w) worker = null;
      no(why);
    };
    const timer = setTimeout(() => end(new Error(`The chart did not come to an end within ${PATIENCE / 1000} seconds and was stopped. A signal or a transform in it goes on for ever, or makes too much.`)), PATIENCE);
    const left = () => end(new DOMException('left', 'AbortError'));
    signal.addEventListener('abort', left);
    w.onerror = (e) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', left);
      end(new Error(e.message ? `The chart could not be tried: ${e.message}` : 'The chart needs more memory than there is, or could not be tried.'));
    };
    w.onmessage = (e: MessageEvent<TryAnswer>) => {
      if (e.data.n !== ask.n) return;
      clearTimeout(timer);
      signal.removeEventListener('abort', left);
      if (e.data.vega) ok({ vega: e.data.vega, svg: e.data.svg ?? '', said: e.data.said });
      else no(new Error(e.data.error ?? 'The spec is wrong.'));
    };
    w.postMessage(ask);
  });
}
