// Series: kept as typed arrays outside React and Query, asked for by panels in view, refreshed by their tails.
import { queryOptions } from '@tanstack/react-query';
import { fetchPanel, type PanelAsk } from './asking';
import { listen, type Signal } from './live';
import { mergeTail, tailFrom, type Panel } from './panel';

export type PanelState = { panel: Panel | null; error: Error | null; loading: boolean; live: boolean };

const LIMIT = 128 << 20;
const EVERY = 1000; // ms between two tails of a panel, at least
const GROUPS_EVERY = 5000; // groups have no tail: all of them is asked for again

type Entry = {
  ask: PanelAsk;
  panel: Panel | null;
  error: Error | null;
  busy: AbortController | null;
  subs: Set<(s: PanelState) => void>;
  stale: boolean; // the whole has to be asked for again
  changed: Set<string>; // runs with new points
  at: number; // last answer
  used: number;
  timer: ReturnType<typeof setTimeout> | undefined;
};

const entries = new Map<string, Entry>();

/** A run's last value of a metric at or before a step; null when it has none. */
export const valueAtQuery = (project: string, run: string, key: string, step: number) =>
  queryOptions({
    queryKey: ['value-at', project, run, key, step],
    queryFn: async ({ signal }) => {
      const s = (await fetchPanel({ project, runs: [run], key, x: '_step', stream: 'history', min: null, max: step, buckets: 8 }, signal)).runs[0];
      return s && s.last.length ? s.last[s.last.length - 1]! : null;
    },
    staleTime: 60_000,
  });

const tell = (e: Entry, live = false) => {
  const s: PanelState = { panel: e.panel, error: e.error, loading: e.busy !== null, live };
  for (const f of e.subs) f(s);
};

async function load(e: Entry): Promise<void> {
  e.busy?.abort();
  const me = (e.busy = new AbortController());
  e.stale = false;
  e.changed.clear();
  try {
    const live = e.panel !== null;
    const p = await fetchPanel(e.ask, me.signal);
    if (e.busy !== me) return;
    e.panel = p;
    e.error = null;
    e.busy = null;
    e.at = Date.now();
    tell(e, live);
  } catch (err) {
    if (e.busy !== me) return;
    e.busy = null;
    if ((err as Error).name === 'AbortError') {
      e.stale = true;
      return;
    }
    e.error = err as Error;
    e.at = Date.now();
    tell(e);
  }
  trim();
}

/** Fetches what the changed runs have since, or the whole where that does not fit. */
async function refresh(e: Entry): Promise<void> {
  const p = e.panel;
  if (!p || e.stale || e.error || e.ask.groups) return load(e);
  const runs = p.runs.filter((r) => e.changed.has(r.run));
  e.changed.clear();
  if (runs.length === 0) return;
  const froms = runs.map((r) => tailFrom(p, r));
  const fresh = runs.filter((_, i) => froms[i] === null);
  if (p.runs.some((r) => r.mode === 'buckets')) return load(e);
  const me = (e.busy = new AbortController());
  try {
    if (fresh.length) {
      // Runs without a value of this key until now: look whether they have one, cheaply, before asking for all.
      const probe = await fetchPanel({ ...e.ask, runs: fresh.map((r) => r.run), buckets: 8 }, me.signal);
      if (probe.runs.some((r) => r.x.length > 0 || r.odd.length > 0)) return load(e);
    }
    const rest = runs.filter((_, i) => froms[i] !== null);
    if (rest.length) {
      const from = Math.min(...froms.filter((f) => f !== null));
      const tail = await fetchPanel({ ...e.ask, runs: rest.map((r) => r.run), min: from }, me.signal);
      if (e.busy !== me) return;
      const points = p.runs.every((r) => r.mode === 'points');
      const merged = mergeTail(p, tail, from, points ? 1000 : e.ask.buckets * 1.5);
      if (!merged) return load(e);
      e.panel = merged;
    }
    e.busy = null;
    e.at = Date.now();
    tell(e, true);
  } catch (err) {
    if (e.busy === me) e.busy = null;
    if ((err as Error).name !== 'AbortError') for (const r of runs) e.changed.add(r.run); // the next change tries again; old lines stay
  }
}

function schedule(e: Entry): void {
  if (e.timer || e.subs.size === 0 || document.hidden) return;
  const tick = () => {
    e.timer = undefined;
    if (e.busy) {
      e.timer = setTimeout(tick, 120);
      return;
    }
    if (e.subs.size && (e.stale || e.changed.size)) void refresh(e);
  };
  e.timer = setTimeout(tick, Math.max(0, (e.ask.groups ? GROUPS_EVERY : EVERY) - (Date.now() - e.at)));
}

/** New points or a stream that was away: marks what it touches. */
function onSignal(project: string, s: Signal): void {
  for (const e of entries.values()) {
    if (e.ask.project !== project) continue;
    if (e.ask.max !== null && e.panel) continue; // a zoomed view stands still
    if (s.kind === 'reset') e.stale = true;
    else {
      const names = new Set(e.ask.runs);
      for (const c of s.change.runs) if (names.has(c.run)) e.changed.add(c.run);
    }
    if (e.stale || e.changed.size) schedule(e);
  }
}

const listening = new Map<string, { stop: () => void; n: number }>();
function hold(project: string): () => void {
  let l = listening.get(project);
  if (!l) listening.set(project, (l = { n: 0, stop: listen(project, (s) => onSignal(project, s)) }));
  l.n++;
  return () => {
    if (--l.n > 0) return;
    l.stop();
    listening.delete(project);
    for (const e of entries.values()) if (e.ask.project === project) e.stale = true;
  };
}
if (typeof document !== 'undefined') document.addEventListener('visibilitychange', () => !document.hidden && entries.forEach(schedule));

/** Drops the longest unused series beyond the limit. */
function trim(): void {
  let sum = 0;
  for (const e of entries.values()) sum += e.panel?.bytes ?? 0;
  if (sum <= LIMIT && entries.size < 2000) return;
  for (const [k, e] of [...entries].filter(([, e]) => e.subs.size === 0).sort((a, b) => a[1].used - b[1].used)) {
    entries.delete(k);
    sum -= e.panel?.bytes ?? 0;
    if (sum <= LIMIT * 0.8 && entries.size < 1500) return;
  }
}

/** Keeps a panel's series fresh while it is in view. Returns how to leave. */
export function subscribe(ask: PanelAsk, f: (s: PanelState) => void): () => void {
  const id = JSON.stringify(ask);
  let e = entries.get(id);
  if (!e) entries.set(id, (e = { ask, panel: null, error: null, busy: null, subs: new Set(), stale: true, changed: new Set(), at: 0, used: 0, timer: undefined }));
  const entry = e;
  entry.subs.add(f);
  entry.used = Date.now();
  const release = hold(ask.project);
  if (entry.panel || entry.error) f({ panel: entry.panel, error: entry.error, loading: entry.busy !== null, live: false });
  if (!entry.panel || entry.stale || entry.changed.size) {
    if (!entry.busy) void (entry.stale || !entry.panel ? load(entry) : refresh(entry));
  }
  return () => {
    entry.subs.delete(f);
    entry.used = Date.now();
    if (entry.subs.size === 0) {
      clearTimeout(entry.timer);
      entry.timer = undefined;
      entry.busy?.abort();
      entry.busy = null;
      if (!entry.panel) entry.stale = true;
    }
    release();
  };
}

/** Asks again after a failure. */
export function retry(ask: PanelAsk): void {
  const e = entries.get(JSON.stringify(ask));
  if (e) void load(e);
}
