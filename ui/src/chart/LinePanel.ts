// One line panel over uPlot. Lines go through the (smoothed) last value of each bucket; the band shows the bucket's
// true minimum and maximum, so a spike can never be sampled away.
import uPlot from 'uplot';
import { num } from '../data/format';
import { began, once } from './branch';
import { align, nearest } from './align';
import { growX, ordered, yRange, type Range, type XKey } from './axes';
import { clicks } from './clicks';
import { Feed } from './feed';
import { DASH, paint } from './colour';
import { plotOptions } from './options';
import { fit, focusOn, ODD, over, strokeOf, under, type Drawn, type Scene } from './paint';
import { smooth } from './smooth';
import { hideTip, showTip, tipRows } from './tip';
import { boards } from './roster';
import { drawnStatus, fewPoints, type PanelStatus } from './status';
import { lineRows, summary, type LineRow } from './words';
import type { Aspect, Settings, View } from './view';
import css from './chart.module.css';

/** What a panel draws: metrics of one stream; `step` is the metric that define_metric set as their axis. */
export type LineSpec = { title: string; metrics: string[]; stream: 'history' | 'events'; step: string | null };
export type PanelOptions = { settings: Settings; buckets?: number; alone?: boolean; hidden?: ReadonlySet<string> };
const METRICS = 16; // of one panel

const NO_SMOOTH = /(^|[/._-])(lr|learning_rate)([/._-]|$)/i;
const SPARSE = 50; // points of the longest run below which a metric is left as it is

export class LinePanel {
  private u: uPlot | null = null;
  private readonly feed: Feed;
  private drawn: Drawn[] = [];
  private readonly off: () => void;
  private readonly size: ResizeObserver;
  private held: Range | null = null; // y while live: grows at once, shrinks on a pause
  private yzoom: Range | null = null;
  private x: Range | null = null;
  private own: Range | null = null; // zoom of a panel on its own (full screen)
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
    private readonly readoutOf: () => HTMLElement | null,
    private readonly view: View,
    private spec: LineSpec,
    private opt: PanelOptions,
    private readonly onStatus: (s: PanelStatus) => void,
    private readonly onOpen: (run: string) => void,
  ) {
    this.dot.className = css.dot!;
    // While hovered or zoomed the view stands still; the tool bar counts.
    this.feed = new Feed(() => this.u !== null && (view.hovered !== null || view.zoom !== null), (live) => this.come(live));
    this.off = view.on((a) => this.hear(a));
    this.size = new ResizeObserver(() => this.u && this.u.setSize({ width: box.clientWidth, height: box.clientHeight }));
    this.size.observe(box);
    this.ask();
  }

  /** Where the value at the crosshair is written. */
  get readout(): HTMLElement | null {
    return this.readoutOf();
  }
  get xKey(): XKey {
    const x = this.opt.settings.x;
    return x === '_step' && this.spec.step ? this.spec.step : this.spec.stream === 'events' && x === '_step' ? '_runtime' : x;
  }
  private get zoom(): Range | null {
    if (this.opt.alone) return this.own;
    return this.view.zoom?.x === this.xKey ? this.view.zoom.range : null;
  }
  /** The stretch that settings fix, where nobody zoomed. */
  private get fixed(): [number | null, number | null] {
    const z = this.zoom, s = this.opt.settings;
    return z ?? [s.xMin, s.xMax];
  }

  /** Subscribes to what the view asks for; the old picture stays until the new one is here. */
  private ask(anew = false): void {
    const s = this.opt.settings, groups = s.grouped ? this.view.groups?.slice(0, s.max) : undefined;
    const runs = groups ? [...new Set(groups.flatMap((g) => g.runs))] : this.view.runs.slice(0, s.max).map((r) => r.name);
    const [min, max] = this.fixed;
    const buckets = this.opt.buckets ?? Math.min(1000, Math.max(120, Math.ceil(this.box.clientWidth / 2 / 50) * 50));
    const by = groups ? { groups: groups.map((g) => ({ name: g.name, runs: g.runs })), line: s.agg, band: s.area } : {};
    const each = runs.length === 0 ? [] : this.spec.metrics.slice(0, METRICS).map((key) => ({ project: this.view.project, runs, key, x: this.xKey, stream: this.spec.stream, min, max, buckets, ...by }));
    this.feed.ask(each, anew);
    if (each.length > 0) return;
    this.drop();
    this.onStatus({ kind: 'empty' });
  }

  private come(live: boolean): void {
    if (!this.feed.some) return this.onStatus(this.feed.error ? { kind: 'failed', error: this.feed.error } : { kind: 'waiting' });
    if (!live) this.held = null;
    this.draw(live);
  }
  /** Takes what came while the view stood still. */
  catchUp(): void {
    this.feed.catchUp();
  }

  private hear(a: Aspect): void {
    switch (a) {
      case 'runs':
        this.held = null;
        this.yzoom = null;
        return this.ask();
      case 'zoom':
        if (!this.view.zoom) this.yzoom = null;
        this.held = null;
        if (!this.view.still) this.catchUp();
        if (!this.opt.alone) this.ask();
        if (this.u) this.later();
        return;
      case 'theme':
        this.drop();
        return this.later();
      case 'draw':
        this.held = null;
        return this.later();
      case 'focus':
        return this.overlay();
    }
  }
  private later(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw(false));
  }

  /** Puts the states into uPlot: a new one when the lines changed, otherwise only new data. */
  private draw(live: boolean): void {
    if (!this.feed.some || this.feed.x !== this.xKey) return; // of another axis: the new one is on its way
    const s = this.opt.settings, data = this.feed.span() ?? [0, 0];
    const range = (this.zoom ?? this.x ?? data) as Range;
    this.raw = s.smooth > 0 && (this.spec.stream === 'events' || NO_SMOOTH.test(this.spec.metrics[0] ?? '') || this.feed.longest() < SPARSE);
    const amount = this.raw ? 0 : s.smooth, many = this.spec.metrics.length > 1;
    this.drawn = this.spec.metrics.slice(0, METRICS).flatMap((metric, k) => {
      const by = this.feed.runs(k), some = this.view.lines(s.grouped).slice(0, s.max), shown = new Set(this.xKey === '_step' ? some.flatMap((r) => (by.has(r.name) ? r.name : [])) : []);
      return some.flatMap((run): Drawn[] => {
        const series = by.get(run.name);
        if (!series || (series.x.length === 0 && series.odd.length === 0)) return [];
        const label = many ? `${run.display} ${metric}` : run.display;
        if (this.opt.hidden?.has(label)) return [];
        return [once(shown, { run, series, line: smooth(s.smoothing, series.x, series.last, amount, range[1] - range[0]), dash: (run.stroke.dash + k) % DASH.length, label })];
      });
    });
    if (this.drawn.length === 0) {
      this.drop();
      return this.onStatus(this.feed.loading && this.zoom === null ? { kind: 'waiting' } : { kind: 'empty' });
    }
    if (!this.zoom && s.xMin === null && s.xMax === null && this.view.widen(this.xKey, data) && !this.opt.alone) this.spread();
    this.setX(data);
    this.setY(live);
    const table = align(this.drawn.map((d) => d.series), this.drawn.map((d) => d.line)) as uPlot.AlignedData;
    const id = this.look();
    if (this.u && this.u.root.dataset.look === id) this.u.setData(table, true);
    else this.build(table, id);
    this.report();
    if (live) this.settle();
  }
  /** Tells the other panels of this axis that it is wider now. */
  private spread(): void {
    for (const other of boards.get(this.view) ?? []) if (other !== this && other.u && other.xKey === this.xKey) other.later();
  }
  private report(): void {
    const left = Math.max(0, this.view.lines(this.opt.settings.grouped).length - this.opt.settings.max);
    this.onStatus({ ...drawnStatus(this.drawn), hidden: this.hidden, cut: this.cut, raw: this.raw, left, stale: this.feed.error });
    this.box.setAttribute('aria-label', summary(this.spec.title, this.xKey, this.drawn));
  }
  /** After live points stop for a while, y may shrink again. */
  private settle(): void {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      this.held = null;
      if (this.u && !this.view.still) this.draw(false);
    }, 5000);
  }
  private setX(own: Range): void {
    const s = this.opt.settings, z = this.zoom;
    const data = this.opt.alone ? own : (this.view.span(this.xKey) ?? own);
    const grown = growX(this.x, data, this.view.runs.some((r) => r.state === 'running'));
    this.x = z ?? (s.xMin === null && s.xMax === null ? grown : ordered([s.xMin ?? data[0], s.xMax ?? grown[1]]));
  }
  private setY(live: boolean): void {
    const s = this.opt.settings;
    const y = yRange(this.drawn.map((d) => d.series), this.drawn.map((d) => d.line), this.x!, { log: s.logY, band: s.band, clip: s.clip });
    this.hidden = y.hidden;
    this.cut = y.cut;
    const range = ordered([s.yMin !== null && (!s.logY || s.yMin > 0) ? s.yMin : y.range[0], s.yMax ?? y.range[1]]);
    this.held = live && this.held ? [Math.min(this.held[0], range[0]), Math.max(this.held[1], range[1])] : range;
  }
  private look(): string {
    const s = this.opt.settings;
    return [s.logY, fewPoints(this.drawn), s.logX, this.xKey, document.documentElement.dataset.theme, ...this.drawn.map((d) => d.label + d.run.name + d.run.stroke.colour + d.dash)].join('|');
  }
  private scene(): Scene {
    const s = this.opt.settings;
    return { u: this.u!, drawn: this.drawn, steps: this.xKey === '_step', log: s.logY, band: s.band, ghost: s.ghost };
  }

  private build(data: uPlot.AlignedData, id: string): void {
    this.drop();
    // uPlot draws a little later than it is told to; by then another may have taken its place.
    const mine = (f: () => void) => (me: uPlot) => this.u === me && f();
    const u = new uPlot(
      {
        width: this.box.clientWidth || 300,
        height: this.box.clientHeight || 196,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        pxAlign: 1,
        ...plotOptions({ project: this.view.project, x: this.xKey, log: this.opt.settings.logY, logX: this.opt.settings.logX && this.xKey !== '_timestamp', xRange: () => this.x!, yRange: () => this.yzoom ?? this.held ?? [0, 1] }),
        series: [{}, ...this.drawn.map((d) => ({ stroke: strokeOf(d, this.xKey), width: d.run.stroke.bold ? 2.4 : 1.5, points: { show: fewPoints(this.drawn), size: 4, fill: paint(d.run.stroke.colour) }, spanGaps: false, dash: DASH[d.dash] ?? [] }))],
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
        if (!this.view.zoom) p.catchUp();
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
    } else this.view.setZoom({ x: this.xKey, range: z });
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
    this.box.dispatchEvent(new Event('cursor'));
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
    const rows = tipRows(this.drawn, (n) => this.at(n, x));
    const tol = ((this.x![1] - this.x![0]) / (u.over.clientWidth || 300)) * 6;
    const notes = this.drawn.flatMap((d) => [...(this.xKey === '_step' ? began(d, x, tol) : []), ...d.series.odd.filter((o) => Math.abs(o.x - x) <= tol).slice(0, 1).map((o) => `${d.label}: ${ODD[o.kind]}.`)]);
    const r = u.over.getBoundingClientRect();
    showTip({ title: this.spec.title, x: this.xKey, at: u.data[0][u.cursor.idx ?? -1] ?? x, rows, without: Math.min(this.view.lines(this.opt.settings.grouped).length, this.opt.settings.max) - new Set(rows.map((r) => r.run)).size, focus: this.view.focus, notes: notes.slice(0, 3) }, r.left + u.cursor.left!, r.top + u.cursor.top!);
  }
  private place(): void {
    const o = this.u?.over, c = this.canvas;
    if (!o || !c) return;
    fit(c, o);
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
    focusOn(this.canvas, this.scene(), this.drawn.filter((d) => d.run.name === focus));
  }

  /** The lines in numbers, for the table. */
  rows = (): LineRow[] => lineRows(this.drawn);
  /** Values at the crosshair, one to one with the rows; null where a line has none. */
  here(): (number | null)[] {
    const left = this.u?.cursor.left ?? -1, x = left < 0 ? NaN : this.u!.posToVal(left, 'x');
    return this.drawn.map((d, k) => d.line[left < 0 ? -1 : this.at(k, x)] ?? null);
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
  /** New settings or metrics; asks the server only when they need other data. */
  update(spec: LineSpec, opt: PanelOptions): void {
    const was = this.opt.settings, now = opt.settings, before = this.xKey;
    const other = spec.metrics.join('\n') !== this.spec.metrics.join('\n');
    this.spec = spec;
    this.opt = opt;
    this.held = null;
    if (was.logY !== now.logY || was.yMin !== now.yMin || was.yMax !== now.yMax) this.yzoom = null;
    if (other || was.grouped !== now.grouped || was.agg !== now.agg || was.area !== now.area || before !== this.xKey || was.xMin !== now.xMin || was.xMax !== now.xMax || was.max !== now.max) {
      this.x = null;
      this.ask(other);
    }
    this.later();
  }
  retry(): void {
    this.feed.stop();
    this.ask();
  }
  /** The picture's canvas, for copies. */
  get picture(): HTMLCanvasElement | null {
    return this.u?.ctx.canvas ?? null;
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
    this.feed.stop();
    this.off();
    this.size.disconnect();
    this.drop();
  }
}
