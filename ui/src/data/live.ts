// What changed, as it happens. One stream a project and browser, held by a leading tab and passed on to the
// others; it names what changed and never carries data. A lost stream falls back to asking every 15 s, and says so.
import { shareOpen } from './share';
import { useEffect, useSyncExternalStore } from 'react';

export type RunChange = { run: string; rev: number; ver: number; state: string; steps: number };
export type Change = { runs: RunChange[]; list: boolean };
/** `reset` asks for everything anew: the stream was away, changes may have been missed. */
export type Signal = { kind: 'change'; change: Change } | { kind: 'reset' };
/** Why the server puts requests of runs off: its store fails, is slower than what comes, or is late; '' when it does not. */
export type Strain = '' | 'failing' | 'full' | 'slow';
export type LiveState = { kind: 'off' | 'connecting' | 'live' | 'reconnecting' | 'polling' | 'paused'; since: number; strain: Strain };

const PAUSE_AFTER = 10 * 60_000;
export const POLL = 15_000; // ms between two looks where there is no stream
const SLOTS = 4; // streams of one browser; six connections to an origin are all it has over HTTP/1.1

/** A project's stream in this tab: leads or follows, and tells its listeners. */
class Channel {
  private readonly ears = new Set<(s: Signal) => void>();
  private readonly bus: BroadcastChannel | null;
  private source: EventSource | null = null;
  private letGo: (() => void) | null = null;
  private abort: AbortController | null = null;
  private timers: { poll?: ReturnType<typeof setInterval> | undefined; pause?: ReturnType<typeof setTimeout>; quiet?: ReturnType<typeof setInterval> } = {};
  private heard = 0;
  private running = false;

  constructor(private readonly project: string) {
    this.bus = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('ballast-live:' + project);
    if (this.bus)
      this.bus.onmessage = (e: MessageEvent<{ signal?: Signal; state?: LiveState['kind']; strain?: Strain; ask?: true }>) => {
        if (e.data.ask) {
          if (this.source) this.bus?.postMessage({ state: state.kind, strain: state.strain });
          return;
        }
        if (this.source) return; // we lead: this is our own echo of another leader's end
        if (e.data.signal) this.tell(e.data.signal);
        if (e.data.state) this.setKind(e.data.state);
        if (e.data.strain !== undefined) setState({ ...state, strain: e.data.strain });
      };
  }

  listen(f: (s: Signal) => void): () => void {
    this.ears.add(f);
    if (this.ears.size === 1) this.start();
    return () => {
      this.ears.delete(f);
      if (this.ears.size === 0) this.stop();
    };
  }

  private readonly onVisible = () => {
    clearTimeout(this.timers.pause);
    if (document.hidden) this.timers.pause = setTimeout(() => (this.leave(), this.setKind('paused')), PAUSE_AFTER);
    else if (state.kind === 'paused') {
      this.tell({ kind: 'reset' });
      this.join();
    }
  };

  private start(): void {
    this.running = true;
    document.addEventListener('visibilitychange', this.onVisible);
    this.join();
  }
  private stop(): void {
    this.running = false;
    document.removeEventListener('visibilitychange', this.onVisible);
    clearTimeout(this.timers.pause);
    this.leave();
    setState({ kind: 'off', since: Date.now(), strain: '' });
  }

  /** Waits for its turn to lead; meanwhile follows whoever does. */
  private join(): void {
    this.setKind('connecting');
    const locks = navigator.locks as LockManager | undefined;
    if (!locks || !this.bus) {
      this.open(); // a plain http address has no locks: each tab for itself
      return;
    }
    this.bus.postMessage({ ask: true });
    const abort = (this.abort = new AbortController());
    locks
      .request('ballast-live:' + this.project, { signal: abort.signal }, () => this.lead(locks))
      .catch(() => undefined); // aborted: this tab left
  }

  private async lead(locks: LockManager): Promise<void> {
    if (!this.running) return;
    for (let i = 0; i < SLOTS; i++) {
      const held = await locks.request(`ballast-live-slot:${i}`, { ifAvailable: true }, async (lock) => {
        if (!lock || !this.running) return false;
        this.open();
        await new Promise<void>((done) => (this.letGo = done));
        return true;
      });
      if (held) return;
    }
    this.poll();
    await new Promise<void>((done) => (this.letGo = done));
  }

  private leave(): void {
    this.abort?.abort();
    this.source?.close();
    this.source = null;
    clearInterval(this.timers.poll);
    clearInterval(this.timers.quiet);
    this.timers.poll = undefined;
    this.letGo?.();
    this.letGo = null;
  }

  private open(): void {
    let lost = false;
    const s = (this.source = new EventSource('/api/live?project=' + encodeURIComponent(this.project)));
    s.onopen = () => {
      this.heard = Date.now();
      this.unpoll();
      if (lost) this.pass({ kind: 'reset' });
      lost = false;
      this.setKind('live', true);
    };
    s.addEventListener('change', (e) => {
      this.heard = Date.now();
      this.pass({ kind: 'change', change: JSON.parse((e as MessageEvent<string>).data) as Change });
      if (state.kind !== 'live') this.setKind('live', true);
    });
    s.addEventListener('strain', (e) => {
      this.heard = Date.now();
      const { why } = JSON.parse((e as MessageEvent<string>).data) as { why: Strain };
      this.bus?.postMessage({ strain: why });
      setState({ ...state, strain: why });
    });
    s.onerror = () => {
      lost = true;
      this.setKind('reconnecting', true);
      this.poll();
      // The browser gives up for good on some answers (a proxy's page, 5xx): then the stream is ours to reopen.
      if (s.readyState === EventSource.CLOSED) setTimeout(() => this.source === s && (s.close(), this.open()), 3000 + Math.random() * 2000);
    };
  }

  private poll(): void {
    if (this.timers.poll) return;
    this.timers.poll = setInterval(() => {
      if (document.hidden) return;
      this.pass({ kind: 'reset' });
      if (state.kind !== 'live') this.setKind('polling', true);
    }, POLL);
  }
  private unpoll(): void {
    clearInterval(this.timers.poll);
    this.timers.poll = undefined;
  }

  private pass(s: Signal): void {
    this.bus?.postMessage({ signal: s });
    this.tell(s);
  }
  private tell(s: Signal): void {
    for (const f of this.ears) f(s);
  }
  private setKind(kind: LiveState['kind'], share = false): void {
    if (share) this.bus?.postMessage({ state: kind });
    if (state.kind === kind) return;
    // A stream that was just opened says at once whether there is a strain; without one nobody knows.
    setState({ kind, since: kind === 'reconnecting' && this.heard ? this.heard : Date.now(), strain: '' });
  }
}

let state: LiveState = { kind: 'off', since: 0, strain: '' };
const watchers = new Set<() => void>();
function setState(s: LiveState): void {
  state = s;
  for (const f of watchers) f();
}
const channels = new Map<string, Channel>();

/** A public link has no stream of changes: all of it is asked for anew while the page is in sight. */
function asked(f: (s: Signal) => void): () => void {
  const t = setInterval(() => !document.hidden && f({ kind: 'reset' }), POLL);
  return () => clearInterval(t);
}

/** Listens to a project ("entity/project"); returns how to stop. */
export function listen(project: string, f: (s: Signal) => void): () => void {
  if (shareOpen()) return asked(f);
  let c = channels.get(project);
  if (!c) channels.set(project, (c = new Channel(project)));
  return c.listen(f);
}

export const liveState = (): LiveState => state;
export const useLiveState = (): LiveState => useSyncExternalStore((f) => (watchers.add(f), () => watchers.delete(f)), liveState);

/** Listens while the component is there. `f` must be stable. */
export function useLive(project: string | null, f: (s: Signal) => void): void {
  useEffect(() => (project ? listen(project, f) : undefined), [project, f]);
}
