// What the panels of one board share: which runs are drawn, smoothing, axis, zoom, the run in focus. Hover and zoom
// live here and in canvases, never in React state; tool bars read it through useView.
import type { RunBranch } from '../data/run';
import { useSyncExternalStore } from 'react';
import type { Stroke } from './colour';
import type { Range, XKey } from './axes';
import type { Smoothing } from './smooth';

/** Runs that are drawn as one line where a panel draws groups. `runs` are those of them that are visible. */
export type DrawnGroup = { name: string; display: string; stroke: Stroke; runs: string[]; live: boolean };
export type DrawnRun = { name: string; display: string; state: string; stroke: Stroke; steps: number; branches?: RunBranch[] };
/** How panels draw. The workspace has all of them, sections and panels what differs there. `null` in a range: by the data. */
export type Settings = {
  x: XKey;
  xMin: number | null;
  xMax: number | null;
  yMin: number | null;
  yMax: number | null;
  logX: boolean;
  logY: boolean;
  smooth: number;
  smoothing: Smoothing;
  band: boolean;
  ghost: boolean;
  clip: boolean;
  grouped: boolean; // lines of groups where the list is grouped
  agg: Agg;
  area: Area;
  max: number; // runs or groups drawn in a panel, from the top of the list
  legend: boolean;
  sync: boolean; // a zoom of x is one for all panels over that axis
};
export type Agg = 'mean' | 'median' | 'min' | 'max';
export type Area = 'minmax' | 'stddev' | 'stderr' | 'none';
export const MOST_RUNS = 1000;
export const DEFAULTS: Settings = { x: '_step', xMin: null, xMax: null, yMin: null, yMax: null, logX: false, logY: false, smooth: 0, smoothing: 'twema', band: true, ghost: true, clip: false, grouped: true, agg: 'mean', area: 'minmax', max: MOST_RUNS, legend: false, sync: true };
/** A stretch of one axis that is looked at closely, in all panels over that axis. */
export type Zoom = { x: XKey; range: Range };

/** The query of the list that the runs come from, and how to change it. */
export type Narrowing = { query: string; change: (query: string) => void };

/** How a panel hears of changes: `runs` and `zoom` need new data, `draw` a redraw, `focus` only the overlay. */
export type Aspect = 'runs' | 'draw' | 'focus' | 'zoom' | 'theme';
type Ear = (a: Aspect) => void;

export class View {
  runs: DrawnRun[] = [];
  /** Groups of the runs, where the list is grouped. */
  groups: DrawnGroup[] | null = null;
  /** Visible runs that are not among those, since a thousand is the most. */
  beyond = 0;
  zoom: Zoom | null = null;
  focus: string | null = null;
  hovered: object | null = null;
  /** New rows that came while the view stood still. */
  fresh = 0;
  /** Null where the runs come from no list: a run's page, a public link. */
  narrowing: Narrowing | null = null;
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
    const looks = same && runs.every((r, i) => { const o = this.runs[i]!; return o.state === r.state && o.display === r.display && o.stroke.colour === r.stroke.colour && o.stroke.dash === r.stroke.dash && (o.branches?.length ?? 0) === (r.branches?.length ?? 0); });
    this.runs = runs;
    if (!same) {
      this.spans.clear();
      this.tell('runs');
    } else if (!looks) this.tell('draw');
  }
  setGroups(groups: DrawnGroup[] | null): void {
    const was = JSON.stringify(this.groups), now = JSON.stringify(groups);
    this.groups = groups;
    if (was !== now) this.tell('runs');
  }
  setBeyond(n: number): void {
    if (n === this.beyond) return;
    this.beyond = n;
    this.tell('draw');
  }
  /** What a panel draws lines of: runs, or groups of them. */
  lines(grouped: boolean): DrawnRun[] {
    return grouped && this.groups ? this.groups.map((g) => ({ name: g.name, display: g.display, state: g.live ? 'running' : 'finished', stroke: g.stroke, steps: 0 })) : this.runs;
  }
  setNarrowing(n: Narrowing | null): void {
    this.narrowing = n;
    this.changed();
  }
  setZoom(z: Zoom | null): void {
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
