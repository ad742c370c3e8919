// One line panel over uPlot. Lines go through the (smoothed) last value of each bucket; the band shows the bucket's
// true minimum and maximum, so a spike can never be sampled away.
import uPlot from 'uplot';
import { num, ticks } from '../data/format';
import { subscribe, type PanelAsk, type PanelState } from '../data/series';
import type { Panel } from '../data/panel';
import { align, nearest } from './align';
import { growX, logTicks, TIME_STEPS, xLabels, yRange, type Range, type XKey } from './axes';
import { clicks } from './clicks';
import { DASH, paint, token } from './colour';
import { focusOn, ODD, over, under, type Drawn, type Scene } from './paint';
import type { PanelSpec } from './sections';
import { smooth } from './smooth';
import { hideTip, showTip } from './tip';
import { boards } from './roster';
import { lineRows, summary, type LineRow } from './words';
import type { Aspect, View } from './view';
import css from './chart.module.css';

export type PanelStatus = { kind: 'waiting' } | { kind: 'empty' } | { kind: 'failed'; error: Error } | { kind: 'drawn'; every: boolean; buckets: number; per: number; hidden: number; cut: boolean; raw: boolean; unplaced: number; stale: Error | null };
export type PanelOptions = { log: boolean; buckets?: number; alone?: boolean };

const NO_SMOOTH = /(^|[/._-])(lr|learning_rate)([/._-]|$)/i;
const SPARSE = 50; // points of the longest run below which a metric is left as it is

export class LinePanel {
  private u: uPlot | null = null;
  private state: PanelState = { panel: null, error: null, loading: true, live: false };
  private drawn: Drawn[] = [];
  private leave: (() => void) | null = null;
  private readonly off: () => void;
  private readonly size: ResizeObserver;
  private held: Range | null = null; // y while live: grows at once, shrinks on a pause
  private yzoom: Range | null = null;
  private x: Range | null = null;
  private own: Range | null = null; // zoom of a panel on its own (full screen)
  private pending: PanelState | null = null;
  private shown: string | null | undefined;
  private canvas: HTMLCanvasElement | null = null;
  private readonly dot = document.createElement('i');
  private dragged = false;
  private hidden = 0;
  private cut = false;
  private raw = false;
  private calm: ReturnType<typeof setTimeout> | undefined;
  private unclick: (() => void) | null = null;
  private frame = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly readout: HTMLElement | null,
    private readonly view: View,
    readonly spec: PanelSpec,
    private opt: PanelOptions,
    private readonly onStatus: (s: PanelStatus) => void,
    private readonly onOpen: (run: string) => void,
  ) {
    this.dot.className = css.dot!;
    this.off = view.on((a) => this.hear(a));
    this.size = new ResizeObserver(() => this.u && this.u.setSize({ width: box.clientWidth, height: box.clientHeight }));
    this.size.observe(box);
    this.ask();
  }

  get xKey(): XKey {
    return this.view.settings.x === '_step' && this.spec.step ? this.spec.step : this.spec.stream === 'events' && this.view.settings.x === '_step' ? '_runtime' : this.view.settings.x;
  }
  private get zoom(): Range | null {
    if (this.opt.alone) return this.own;
    return this.xKey === this.view.settings.x ? this.view.zoom : null;
  }

  /** Subscribes to what the view asks for; the old picture stays until the new one is here. */
  private ask(): void {
    const runs = this.view.runs.map((r) => r.name);
    const z = this.zoom;
    const buckets = this.opt.buckets ?? Math.min(1000, Math.max(120, Math.ceil(this.box.clientWidth / 2 / 50) * 50));
    const ask: PanelAsk = { project: this.view.project, runs, key: this.spec.key, x: this.xKey, stream: this.spec.stream, min: z?.[0] ?? null, max: z?.[1] ?? null, buckets };
    const before = this.leave;
    if (runs.length === 0) {
      before?.();
      this.leave = null;
      this.drop();
      this.onStatus({ kind: 'empty' });
      return;
    }
    this.leave = subscribe(ask, (s) => this.receive(s));
    before?.();
  }

  private receive(s: PanelState): void {
    if (s.live && this.u && (this.view.hovered !== null || this.view.zoom !== null)) {
      this.pending = s; // while hovered or zoomed the view stands still; the tool bar counts
      return;
    }
    this.pending = null;
    this.state = s;
    if (s.error && !s.panel) return this.onStatus({ kind: 'failed', error: s.error });
    if (!s.panel) return this.onStatus({ kind: 'waiting' });
    if (!s.live) this.held = null;
    this.draw(s.live);
  }

  private hear(a: Aspect): void {
    switch (a) {
      case 'runs':
      case 'ask':
        this.held = null;
        this.yzoom = null;
        return this.ask();
      case 'zoom':
        if (!this.view.zoom) this.yzoom = null;
        this.held = null;
        if (this.pending && !this.view.still) this.receive({ ...this.pending, live: false });
        if (!this.opt.alone) this.ask();
        if (this.u) this.later();
        return;
      case 'draw':
      case 'theme':
        this.held = null;
        if (a === 'theme') this.drop();
        return this.later();
      case 'focus':
        return this.overlay();
    }
  }
  private later(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw(false));
  }

  /** Puts the state into uPlot: a new one when the lines changed, otherwise only new data. */
  private draw(live: boolean): void {
    const p = this.state.panel;
    if (!p) return;
    const runs = new Map(p.runs.map((r) => [r.run, r]));
    const s = this.view.settings;
    const range = (this.zoom ?? this.x ?? [p.min, p.max]) as Range;
    const longest = Math.max(0, ...p.runs.map((r) => r.total));
    this.raw = s.smooth > 0 && (this.spec.stream === 'events' || NO_SMOOTH.test(this.spec.key) || longest < SPARSE);
    const amount = this.raw ? 0 : s.smooth;
    this.drawn = this.view.runs.flatMap((run) => {
      const series = runs.get(run.name);
      if (!series || (series.x.length === 0 && series.odd.length === 0)) return [];
      return [{ run, series, line: smooth(s.smoothing, series.x, series.last, amount, range[1] - range[0]) }];
    });
    if (this.drawn.length === 0) {
      this.drop();
      return this.onStatus(this.state.loading && this.zoom === null ? { kind: 'waiting' } : { kind: 'empty' });
    }
    if (!this.zoom && this.view.widen(this.xKey, [p.min, p.max]) && !this.opt.alone) this.spread();
    this.setX();
    this.setY(live);
    const data = align(this.drawn.map((d) => d.series), this.drawn.map((d) => d.line)) as uPlot.AlignedData;
    const id = this.look();
    if (this.u && this.u.root.dataset.look === id) this.u.setData(data, true);
    else this.build(data, id);
    this.report(p);
    if (live) this.settle();
  }
  /** Tells the other panels of this axis that it is wider now. */
  private spread(): void {
    for (const other of boards.get(this.view) ?? []) if (other !== this && other.u && other.xKey === this.xKey) other.later();
  }
  private report(p: Panel): void {
    const per = Math.max(1, ...this.drawn.map((d) => Math.max(0, ...d.series.count)));
    this.onStatus({ kind: 'drawn', every: this.drawn.every((d) => d.series.mode === 'points'), buckets: Math.max(...this.drawn.map((d) => d.series.x.length)), per, hidden: this.hidden, cut: this.cut, raw: this.raw, unplaced: this.drawn.reduce((n, d) => n + (d.series.mode === 'buckets' ? Math.max(0, d.series.special - d.series.odd.length) : 0), 0), stale: this.state.error });
    this.box.setAttribute('aria-label', summary(this.spec.key, p.x, this.drawn));
  }
  /** After live points stop for a while, y may shrink again. */
  private settle(): void {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      this.held = null;
      if (this.u && !this.view.still) this.draw(false);
    }, 5000);
  }
  private setX(): void {
    const z = this.zoom;
    const p = this.state.panel!;
    const data = this.opt.alone ? ([p.min, p.max] as Range) : (this.view.span(this.xKey) ?? [p.min, p.max]);
    this.x = z ?? growX(this.x, data, this.view.runs.some((r) => r.state === 'running'));
  }
  private setY(live: boolean): void {
    const s = this.view.settings;
    const y = yRange(this.drawn.map((d) => d.series), this.drawn.map((d) => d.line), this.x!, { log: this.opt.log, band: s.band, clip: s.clip });
    this.hidden = y.hidden;
    this.cut = y.cut;
    this.held = live && this.held ? [Math.min(this.held[0], y.range[0]), Math.max(this.held[1], y.range[1])] : y.range;
  }
  /** Whether every point is few enough to be marked. */
  private dots(): boolean {
    return this.drawn.length <= 4 && this.drawn.every((d) => d.series.mode === 'points' && d.series.x.length <= 60);
  }
  private look(): string {
    return [this.opt.log, this.dots(), this.view.settings.logX, this.xKey, document.documentElement.dataset.theme, ...this.drawn.map((d) => d.run.name + d.run.stroke.colour + d.run.stroke.dash)].join('|');
  }
  private scene(): Scene {
    const s = this.view.settings;
    return { u: this.u!, drawn: this.drawn, log: this.opt.log, band: s.band, ghost: s.ghost };
  }

  private build(data: uPlot.AlignedData, id: string): void {
    this.drop();
    const log = this.opt.log, x = this.xKey, logX = this.view.settings.logX && x === '_step';
    const axis = { stroke: () => token('--axis'), font: `11px ${token('--font')}`, ticks: { show: false }, border: { show: false } };
    const filter = (u: uPlot, vs: number[]) => logTicks(u.scales.y!.min ?? 1, u.scales.y!.max ?? 1, vs);
    // uPlot draws a little later than it is told to; by then another may have taken its place.
    const mine = (f: () => void) => (me: uPlot) => this.u === me && f();
    const u = new uPlot(
      {
        width: this.box.clientWidth || 300,
        height: this.box.clientHeight || 196,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        pxAlign: 1,
        cursor: { sync: { key: 'x:' + this.view.project + x, setSeries: false, scales: ['x', null], filters: { pub: (type: string) => type === 'mousemove' || type === 'mouseleave', sub: () => true } }, drag: { x: true, y: true, uni: 30, setScale: false }, points: { show: false }, x: true, y: false },
        scales: { x: { time: false, distr: logX ? 3 : 1, range: () => (logX ? [Math.max(1, this.x![0]), this.x![1]] : this.x!) }, y: { distr: log ? 3 : 1, range: () => this.yzoom ?? this.held ?? [0, 1] } },
        axes: [
          { ...axis, size: 24, gap: 5, space: x === '_timestamp' ? 86 : 64, grid: { show: false }, values: (_u, vs) => xLabels(x, vs), ...(x === '_runtime' ? { incrs: TIME_STEPS } : {}) },
          { ...axis, size: (_u: uPlot, vs: string[] | null) => Math.max(34, 9 + Math.max(0, ...(vs ?? ['']).map((s) => (s || '').length)) * 6.4), gap: 6, space: 34, grid: { stroke: () => token('--grid'), width: 1, ...(log ? { filter } : {}) }, values: (_u, vs) => ticks(vs), ...(log ? { filter } : {}) },
        ],
        series: [{}, ...this.drawn.map((d) => ({ stroke: paint(d.run.stroke.colour), width: 1.5, points: { show: this.dots(), size: 4, fill: paint(d.run.stroke.colour) }, spanGaps: false, dash: DASH[d.run.stroke.dash] ?? [] }))],
        hooks: {
          drawAxes: [mine(() => under(this.scene()))],
          draw: [
            mine(() => {
              over(this.scene());
              this.shown = undefined;
              this.overlay();
            }),
          ],
          setCursor: [mine(() => this.cursor())],
          setSelect: [mine(() => this.select())],
          setSize: [mine(() => this.place())],
        },
      },
      data,
      (_u, init) => {
        this.u = _u;
        _u.root.dataset.look = id;
        this.box.append(_u.root);
        init();
      },
    );
    this.listen(u.over);
    u.over.append(this.dot);
    this.dot.hidden = true;
    this.place();
  }

  private listen(el: HTMLElement): void {
    el.addEventListener('mouseenter', () => this.view.hover(this));
    el.addEventListener('mouseleave', () => {
      if (this.view.hovered !== this) return;
      hideTip();
      this.view.hover(null);
      for (const p of boards.get(this.view) ?? []) {
        if (p.readout) p.readout.textContent = '';
        const held = p.pending;
        if (held && !this.view.zoom) p.receive(held);
      }
    });
    this.unclick = clicks(el, { run: () => (this.dragged ? null : this.view.focus), zoomed: () => this.zoom !== null || this.yzoom !== null, open: this.onOpen, reset: () => this.reset(), after: () => (this.dragged = false) });
  }
  /** Back to all of the data. */
  reset(): void {
    this.yzoom = null;
    if (this.opt.alone) {
      this.own = null;
      this.ask();
    } else this.view.setZoom(null);
    this.later();
  }

  private select(): void {
    const u = this.u!, s = u.select;
    if (s.width < 4 && s.height < 4) return;
    this.dragged = true;
    if (s.height >= 4 && s.height < u.over.clientHeight - 2) this.yzoom = [u.posToVal(s.top + s.height, 'y'), u.posToVal(s.top, 'y')];
    const z: Range | null = s.width >= 4 && s.width < u.over.clientWidth - 2 ? [u.posToVal(s.left, 'x'), u.posToVal(s.left + s.width, 'x')] : null;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (!z) return u.redraw();
    if (this.opt.alone) {
      this.own = z;
      this.ask();
      this.later();
    } else if (this.xKey === this.view.settings.x) this.view.setZoom(z);
  }

  /** A run's value at the cursor: its nearest place, when it has one near enough. */
  private at(k: number, x: number): number {
    const xs = this.drawn[k]!.series.x, n = xs.length;
    if (n === 0) return -1;
    const tol = ((this.x![1] - this.x![0]) / (this.box.clientWidth || 300)) * 10;
    if (x > xs[n - 1]! + tol || x < xs[0]! - tol) return -1;
    return nearest(xs, x);
  }
  private cursor(): void {
    const u = this.u!, left = u.cursor.left ?? -1;
    if (left < 0) {
      this.dot.hidden = true;
      if (this.readout) this.readout.textContent = '';
      return;
    }
    const x = u.posToVal(left, 'x');
    if (this.view.hovered === this) {
      const y = u.cursor.top ?? 0;
      let best: string | null = null, near = 26;
      this.drawn.forEach((d, k) => {
        const i = this.at(k, x);
        if (i < 0) return;
        const dist = Math.abs(u.valToPos(d.line[i]!, 'y') - y);
        if (dist < near) {
          near = dist;
          best = d.run.name;
        }
      });
      this.view.setFocus(best);
      this.tip(x);
    }
    this.overlay();
  }
  private tip(x: number): void {
    const u = this.u!;
    const rows = this.drawn.flatMap((d, k) => {
      const i = this.at(k, x);
      return i < 0 ? [] : [{ run: d.run.name, name: d.run.display, colour: d.run.stroke.colour, value: d.line[i]!, lo: d.series.min[i]!, hi: d.series.max[i]!, count: d.series.count[i]! }];
    });
    const tol = ((this.x![1] - this.x![0]) / (u.over.clientWidth || 300)) * 6;
    const notes = this.drawn.flatMap((d) => d.series.odd.filter((o) => Math.abs(o.x - x) <= tol).slice(0, 1).map((o) => `${d.run.display}: ${ODD[o.kind]}.`));
    const r = u.over.getBoundingClientRect();
    showTip({ title: this.spec.key, x: this.xKey, at: this.snap(x), rows, without: this.view.runs.length - rows.length, focus: this.view.focus, notes: notes.slice(0, 3) }, r.left + u.cursor.left!, r.top + u.cursor.top!);
  }
  private snap(x: number): number {
    const i = this.u!.cursor.idx;
    return i != null ? (this.u!.data[0][i] ?? x) : x;
  }

  private place(): void {
    const o = this.u?.over, c = this.canvas;
    if (!o || !c) return;
    const d = devicePixelRatio, w = o.clientWidth, h = o.clientHeight;
    c.width = (w + 14) * d;
    c.height = (h + 6) * d;
    Object.assign(c.style, { left: o.offsetLeft - 2 + 'px', top: o.offsetTop - 3 + 'px', width: w + 14 + 'px', height: h + 6 + 'px' });
    this.shown = undefined;
  }
  /** The run in focus on top of a veil; the dot and the read-out at the cursor. */
  private overlay(): void {
    const u = this.u;
    if (!u) return;
    const focus = this.view.focus, k = focus === null ? -1 : this.drawn.findIndex((d) => d.run.name === focus);
    const left = u.cursor.left ?? -1;
    const x = left >= 0 ? u.posToVal(left, 'x') : NaN;
    const i = k >= 0 && left >= 0 ? this.at(k, x) : -1;
    this.dot.hidden = i < 0;
    if (i >= 0) {
      const d = this.drawn[k]!, v = d.line[i]!;
      this.dot.style.borderColor = paint(d.run.stroke.colour);
      this.dot.style.transform = `translate(${u.valToPos(d.series.x[i]!, 'x').toFixed(1)}px,${u.valToPos(v, 'y').toFixed(1)}px)`;
      if (this.readout) {
        const sw = document.createElement('i');
        sw.style.background = paint(d.run.stroke.colour);
        this.readout.replaceChildren(sw, num(v));
      }
    } else if (this.readout) this.readout.textContent = '';
    if (this.shown === focus) return;
    this.shown = focus;
    if (k < 0) {
      this.canvas?.remove();
      this.canvas = null;
      return;
    }
    if (!this.canvas) {
      this.canvas = document.createElement('canvas');
      this.canvas.className = css.veil!;
      u.over.before(this.canvas); // under the crosshair
      this.place();
      this.shown = focus;
    }
    focusOn(this.canvas, this.scene(), k);
  }

  /** The lines in numbers, for the table. */
  rows(): LineRow[] {
    return lineRows(this.drawn);
  }
  /** Moves the crosshair by places, for the keyboard. */
  step(by: number): void {
    const u = this.u;
    if (!u) return;
    const xs = u.data[0], i = u.cursor.left! >= 0 && u.cursor.idx != null ? u.cursor.idx : by > 0 ? -1 : xs.length;
    const x = xs[Math.max(0, Math.min(xs.length - 1, i + by))];
    if (x === undefined) return;
    u.setCursor({ left: u.valToPos(x, 'x'), top: u.over.clientHeight / 2 });
    this.tip(x);
  }
  endStep(): void {
    this.u?.setCursor({ left: -10, top: -10 });
    hideTip();
  }
  setOptions(opt: PanelOptions): void {
    this.opt = opt;
    this.held = null;
    this.yzoom = null;
    this.later();
  }
  retry(): void {
    this.leave?.();
    this.leave = null;
    this.ask();
  }
  private drop(): void {
    this.canvas?.remove();
    this.canvas = null;
    this.u?.destroy();
    this.u = null;
  }
  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.calm);
    this.unclick?.();
    if (this.view.hovered === this) {
      hideTip();
      this.view.hover(null);
    }
    this.leave?.();
    this.off();
    this.size.disconnect();
    this.drop();
  }
}
