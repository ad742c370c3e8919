// Questions for panels wait in one line. Four requests are under way at a time (a browser has six connections over
// HTTP/1.1); many that wait are asked together, and each is answered as it comes. Leaving the view cancels.
import { ApiError, send, transient, whole } from './client';
import { decodeGroups, type GroupAsk, type GroupBand, type GroupLine } from './group';
import { decodePanel, type Panel } from './panel';
import { Parts } from './parts';
import { shareOpen } from './share';

/** With `groups` the answer has one line for each of them; `runs` are then all their members. */
export type PanelAsk = { project: string; runs: string[]; key: string; x: string; stream: 'history' | 'events'; min: number | null; max: number | null; buckets: number; groups?: GroupAsk[]; line?: GroupLine; band?: GroupBand };

type Job = { ask: PanelAsk; signal: AbortSignal; alone: boolean; ok: (p: Panel) => void; no: (e: unknown) => void };

const AT_ONCE = 4;
const TOGETHER = 16; // as many as the server allows

const waiting: Job[] = [];
let under = 0;

/** One panel from the server, in its turn. */
export function fetchPanel(ask: PanelAsk, signal: AbortSignal): Promise<Panel> {
  return new Promise((ok, no) => {
    signal.addEventListener('abort', () => no(new DOMException('left the view', 'AbortError')), { once: true });
    waiting.push({ ask, signal, alone: false, ok, no });
    // The next frame starts the line, so that panels that come into view together keep their order.
    requestAnimationFrame(pump);
  });
}

function pump(): void {
  while (under < AT_ONCE) {
    const jobs = next();
    if (jobs.length === 0) return;
    under++;
    void (jobs.length === 1 ? single(jobs[0]!) : several(jobs)).finally(() => {
      under--;
      pump();
    });
  }
}

/** The next in line, with those behind it that can share its request: a fair part of the line for each request. */
function next(): Job[] {
  const here = waiting.filter((j) => !j.signal.aborted), most = Math.min(TOGETHER, Math.ceil(here.length / (AT_ONCE - under)));
  let n = Math.min(1, here.length);
  while (n < most && together(here[0]!, here[n]!)) n++;
  waiting.splice(0, waiting.length, ...here.slice(n));
  return here.slice(0, n);
}

function together(a: { ask: PanelAsk; alone: boolean }, b: { ask: PanelAsk; alone: boolean }): boolean {
  if (a.alone || b.alone || a.ask.groups || b.ask.groups || a.ask.project !== b.ask.project || shareOpen()) return false;
  return a.ask.runs.length === b.ask.runs.length && a.ask.runs.every((r, i) => r === b.ask.runs[i]);
}

const post = (body: unknown, signal: AbortSignal) => send('/api/panel', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });

async function single({ ask, signal, ok, no }: Job): Promise<void> {
  try {
    const { groups, line, band, runs, ...rest } = ask;
    const body = await whole((await post(groups ? { ...rest, groups } : { ...rest, runs }, signal)).arrayBuffer());
    ok(groups ? decodeGroups(body, line ?? 'mean', band ?? 'minmax') : decodePanel(body));
  } catch (e) {
    no(e);
  }
}

/** Asks for panels of the same runs; what does not come, or may come when it is asked for again, is asked for alone. */
async function several(jobs: Job[]): Promise<void> {
  const left = new AbortController(); // when nobody waits for any of them
  let wanted = jobs.length;
  for (const j of jobs) j.signal.addEventListener('abort', () => --wanted === 0 && left.abort(), { once: true });
  const { project, runs } = jobs[0]!.ask;
  let res: Response;
  try {
    res = await post({ project, runs, panels: jobs.map(({ ask: { key, x, stream, min, max, buckets } }) => ({ key, x, stream, min, max, buckets })) }, left.signal);
  } catch (e) {
    for (const j of jobs) j.no(e);
    return;
  }
  const missing = [...jobs], again: Job[] = [], request = res.headers.get('X-Request-Id') ?? undefined;
  const parts = new Parts((status, body) => {
    const j = missing.shift()!;
    try {
      if (status !== 200) throw refusal(status, body, request);
      j.ok(decodePanel(body));
    } catch (e) {
      if (transient(e)) again.push(j);
      else j.no(e);
    }
  });
  try {
    const reader = res.body!.getReader();
    for (let r = await reader.read(); !r.done; r = await reader.read()) parts.push(r.value);
  } catch {
    // It broke off, or is no such answer. What is missing is asked for alone, and says then what is wrong.
    left.abort();
  }
  waiting.unshift(...[...again, ...missing].map((j) => ({ ...j, alone: true })));
}

function refusal(status: number, body: ArrayBuffer, request: string | undefined): ApiError {
  const said = JSON.parse(new TextDecoder().decode(body)) as { error: string };
  return new ApiError(said.error, status, request);
}
