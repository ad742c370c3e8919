// The series of a panel: one subscription for each metric, and what waits while the view stands still.
import type { PanelAsk } from '../data/asking';
import type { RunSeries } from '../data/panel';
import { subscribe, type PanelState } from '../data/series';
import type { Range } from './axes';

export class Feed {
  private states: (PanelState | undefined)[] = [];
  private leaves: (() => void)[] = [];
  private pending: { k: number; s: PanelState }[] = [];

  /** `still` says whether news have to wait; `tell` hears of each change, `live` of mere growth. */
  constructor(
    private readonly still: () => boolean,
    private readonly tell: (live: boolean) => void,
  ) {}

  /** Asks for other series; the old ones stay until the new are here. `anew` forgets them at once. */
  ask(each: PanelAsk[], anew: boolean): void {
    const before = this.leaves;
    if (anew || each.length === 0) this.states = [];
    this.states.length = Math.min(this.states.length, each.length);
    this.leaves = each.map((a, k) => subscribe(a, (s) => this.receive(k, s)));
    for (const f of before) f();
  }
  private receive(k: number, s: PanelState): void {
    this.pending = this.pending.filter((p) => p.k !== k);
    if (s.live && this.still()) {
      this.pending.push({ k, s });
      return;
    }
    this.states[k] = s;
    this.tell(s.live);
  }
  /** Takes what waited. */
  catchUp(): void {
    const all = this.pending;
    this.pending = [];
    for (const p of all) this.receive(p.k, { ...p.s, live: false });
  }
  stop(): void {
    for (const f of this.leaves) f();
    this.leaves = [];
  }

  get some(): boolean {
    return this.states.some((s) => s?.panel);
  }
  /** The axis of what has come. */
  get x(): string | null {
    return this.states.find((s) => s?.panel)?.panel?.x ?? null;
  }
  get loading(): boolean {
    return this.states.some((s) => s?.loading);
  }
  get error(): Error | null {
    return this.states.find((s) => s?.error)?.error ?? null;
  }
  /** The runs of metric k. */
  runs(k: number): Map<string, RunSeries> {
    return new Map(this.states[k]?.panel?.runs.map((r) => [r.run, r]));
  }
  /** What cannot be read, by run. */
  damaged(): Map<string, string> {
    return new Map(this.states.flatMap((s) => s?.panel?.runs.flatMap((r): [string, string][] => (r.damaged ? [[r.run, r.damaged]] : [])) ?? []));
  }
  /** The span of x of all that has come. */
  span(): Range | null {
    let lo = Infinity, hi = -Infinity;
    for (const s of this.states) {
      if (!s?.panel || s.panel.max < s.panel.min) continue;
      lo = Math.min(lo, s.panel.min);
      hi = Math.max(hi, s.panel.max);
    }
    return hi >= lo ? [lo, hi] : null;
  }
  /** Points of the longest run. */
  longest(): number {
    return Math.max(0, ...this.states.flatMap((t) => t?.panel?.runs.map((r) => r.total) ?? []));
  }
}
