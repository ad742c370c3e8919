// What the panels of one board share: which runs are drawn, smoothing, axis, zoom, the run in focus. Hover and zoom
// live here and in canvases, never in React state; tool bars read it through useView.
import { useSyncExternalStore } from 'react';
import type { Stroke } from './colour';
import type { Range, XKey } from './axes';
import type { Smoothing } from './smooth';

export type DrawnRun = { name: string; display: string; state: string; stroke: Stroke; steps: number };
export type Settings = { x: XKey; smooth: number; smoothing: Smoothing; band: boolean; ghost: boolean; clip: boolean; logX: boolean };
export const DEFAULTS: Settings = { x: '_step', smooth: 0, smoothing: 'twema', band: true, ghost: true, clip: false, logX: false };

/** How a panel hears of changes: `runs` and `ask` need new data, `draw` a redraw, `focus` only the overlay. */
export type Aspect = 'runs' | 'ask' | 'draw' | 'focus' | 'zoom' | 'theme';
type Ear = (a: Aspect) => void;

export class View {
  runs: DrawnRun[] = [];
  settings: Settings = { ...DEFAULTS };
  zoom: Range | null = null;
  focus: string | null = null;
  hovered: object | null = null;
  /** New rows that came while the view stood still. */
  fresh = 0;
  private readonly ears = new Set<Ear>();
  private readonly spans = new Map<string, { data: Range; live: boolean }>();
  private readonly watchers = new Set<() => void>();
  version = 0;

  constructor(readonly project: string) {}

  on(f: Ear): () => void {
    this.ears.add(f);
    return () => this.ears.delete(f);
  }
  watch = (f: () => void): (() => void) => {
    this.watchers.add(f);
    return () => this.watchers.delete(f);
  };
  tell(a: Aspect): void {
    for (const f of [...this.ears]) f(a);
    if (a === 'focus') return;
    this.changed();
  }
  private changed(): void {
    this.version++;
    for (const f of this.watchers) f();
  }

  setRuns(runs: DrawnRun[]): void {
    const same = runs.length === this.runs.length && runs.every((r, i) => r.name === this.runs[i]!.name);
    const looks = same && runs.every((r, i) => { const o = this.runs[i]!; return o.state === r.state && o.display === r.display && o.stroke.colour === r.stroke.colour && o.stroke.dash === r.stroke.dash; });
    this.runs = runs;
    if (!same) {
      this.spans.clear();
      this.tell('runs');
    } else if (!looks) this.tell('draw');
  }
  set(change: Partial<Settings>): void {
    const old = this.settings;
    this.settings = { ...old, ...change };
    if (old.x !== this.settings.x) {
      this.zoom = null;
      this.spans.clear();
      this.tell('ask');
    } else this.tell('draw');
  }
  setZoom(z: Range | null): void {
    this.zoom = z;
    if (!z) this.fresh = 0;
    this.tell('zoom');
  }
  setFocus(run: string | null): void {
    if (this.focus === run) return;
    this.focus = run;
    this.tell('focus');
  }
  hover(p: object | null): void {
    this.hovered = p;
    if (!p) {
      this.setFocus(null);
      if (this.fresh && !this.zoom) {
        this.fresh = 0;
        this.tell('zoom');
      }
    }
  }
  get still(): boolean {
    return this.zoom !== null || this.hovered !== null;
  }
  addFresh(n: number): void {
    if (n <= 0) return;
    this.fresh += n;
    this.changed();
  }

  /** The span of x that panels over this axis have shown so far; all of them use the widest. */
  span(x: XKey): Range | null {
    return this.spans.get(x)?.data ?? null;
  }
  widen(x: XKey, data: Range): boolean {
    const old = this.spans.get(x);
    if (data[1] < data[0]) return false;
    if (!old) {
      this.spans.set(x, { data, live: false });
      return true;
    }
    if (data[0] >= old.data[0] && data[1] <= old.data[1]) return false;
    old.data = [Math.min(old.data[0], data[0]), Math.max(old.data[1], data[1])];
    return true;
  }
}

/** Redraws the component when the view changes (never on hover). */
export const useView = (v: View): number => useSyncExternalStore(v.watch, () => v.version);
