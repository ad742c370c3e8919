// One line panel over uPlot. Lines go through the (smoothed) last value of each bucket; the band shows the bucket's
// true minimum and maximum, so a spike can never be sampled away.
import uPlot from 'uplot';
import { once } from './branch';
import { align } from './align';
import type { Range, XKey } from './axes';
import { clicks } from './clicks';
import { Extent } from './extent';
import { Feed } from './feed';
import { pressing, scaled, wheeling, type Reach } from './gestures';
import { Hover, type Sight } from './hover';
import { DASH, paint } from './colour';
import { plotOptions } from './options';
import { over, strokeOf, under, type Drawn, type Scene } from './paint';
import { linePicture } from './picture';
import { smooth } from './smooth';
import { hideTip } from './tip';
import { boards } from './roster';
import { damages, drawnStatus, fewPoints, type Damage, type PanelStatus } from './status';
import { lineRows, summary, type LineRow } from './words';
import type { Aspect, Settings, View } from './view';

/**
 * What a panel draws: metrics of one stream; `step` is the metric that define_metric set as their axis. Where `keys` are
 * given the server is asked for them, and `metrics` are their names; `x` stands over the setting. Both may be "=" and an expression.
 */
export type LineSpec = { title: string; metrics: string[]; stream: 'history' | 'events'; step: string | null; keys?: string[]; x?: string };
export type PanelOptions = { settings: Settings; buckets?: number; alone?: boolean; hidden?: ReadonlySet<string> };
const BEYOND = 0.1; // of a zoomed stretch, asked for on each side, so that smoothing and lines do not end at its edge
const MOST_BUCKETS = 10_000;
const METRICS = 16; // of one panel

const NO_SMOOTH = /(^|[/._-])(lr|learning_rate)([/._-]|$)/i;
const SPARSE = 50; // points of the longest run below which a metric is left as it is

export class LinePanel {
  private u: uPlot | null = null;
  private readonly feed: Feed;
  private drawn: Drawn[] = [];
  private readonly off: () => void;
  private readonly size: ResizeObserver;
  private readonly extent: Extent;
  private readonly hover: Hover;
  private dragged = false;
  private raw = false;
  private calm: ReturnType<typeof setTimeout> | undefined;
  private unclick: (() => void) | null = null;
  private unwheel: (() => void) | null = null;
  private frame = 0;

  constructor(
    private readonly box: HTMLElement,
    readoutOf: () => HTMLElement | null,
    private readonly view: View,
    private spec: LineSpec,
    private opt: PanelOptions,
    private readonly onStatus: (s: PanelStatus) => void,
    private readonly onOpen: (run: string) => void,
  ) {
    this.extent = new Extent(view);
    this.hover = new Hover(box, view, this, readoutOf, () => this.sight());
    // While hovered or zoomed the view stands still; the tool bar counts.
    this.feed = new Feed(() => this.u !== null && (view.hovered !== null || view.zoom !== null || this.extent.own !== null), (live) => this.come(live));
    this.off = view.on((a) => this.hear(a));
    this.size = new ResizeObserver(() => this.u && this.u.setSize({ width: box.clientWidth, height: box.clientHeight }));
    this.size.observe(box);
    this.ask();
  }

  get xKey(): XKey {
    const x = this.spec.x ?? this.opt.settings.x;
    return x === '_step' && this.spec.step ? this.spec.step : this.spec.stream === 'events' && x === '_step' ? '_runtime' : x;
  }
  private get logX(): boolean {
    return this.opt.settings.logX && this.xKey !== '_timestamp';
  }
  /** Whether it zooms by itself: over the whole window, or where zooms are not shared. */
  private get solo(): boolean {
    return this.opt.alone === true || !this.opt.settings.sync;
  }
  private get zoom(): Range | null {
    return this.extent.zoom(this.solo, this.xKey);
  }

  /** Subscribes to what the view asks for; the old picture stays until the new one is here. */
  private ask(anew = false): void {
    const s = this.opt.settings, groups = s.grouped ? this.view.groups?.slice(0, s.max) : undefined;
    const runs = groups ? [...new Set(groups.flatMap((g) => g.runs))] : this.view.runs.slice(0, s.max).map((r) => r.name);
    const zoom = this.zoom, [min, max] = zoom ? scaled(zoom, 1 + 2 * BEYOND, 0.5, this.logX) : [s.xMin, s.xMax];
    const inView = this.opt.buckets ?? Math.min(1000, Math.max(120, Math.ceil(this.box.clientWidth / 2 / 50) * 50));
    const buckets = zoom ? Math.min(MOST_BUCKETS, Math.ceil(inView * (1 + 2 * BEYOND))) : inView;
    const by = groups ? { groups: groups.map((g) => ({ name: g.name, runs: g.runs })), line: s.agg, band: s.area } : {};
    const each = runs.length === 0 ? [] : (this.spec.keys ?? this.spec.metrics).slice(0, METRICS).map((key) => ({ project: this.view.project, runs, key, x: this.xKey, stream: this.spec.stream, min, max, buckets, ...by }));
    this.feed.ask(each, anew);
    if (each.length > 0) return;
    this.drop();
    this.onStatus({ kind: 'empty', damaged: [] });
  }

  private come(live: boolean): void {
    if (!this.feed.some) return this.onStatus(this.feed.error ? { kind: 'failed', error: this.feed.error } : { kind: 'waiting' });
    if (!live) this.extent.release();
    this.draw(live);
  }
  /** Takes what came while the view stood still. */
  catchUp(): void {
    this.feed.catchUp();
  }

  private hear(a: Aspect): void {
    switch (a) {
      case 'runs':
        this.extent.release();
        this.extent.yzoom = null;
        return this.ask();
      case 'zoom':
        if (!this.view.zoom) this.extent.yzoom = null;
        if (!this.view.zoom && !this.opt.alone) this.extent.own = null;
        this.extent.release();
        if (!this.view.still) this.catchUp();
        if (!this.opt.alone) this.ask();
        if (this.u) this.later();
        return;
      case 'theme':
        this.drop();
        return this.later();
      case 'draw':
        this.extent.release();
        return this.later();
      case 'focus':
        return this.hover.soon();
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
    const range = (this.zoom ?? this.extent.x ?? data) as Range;
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
      return this.onStatus(this.feed.loading && this.zoom === null ? { kind: 'waiting' } : { kind: 'empty', damaged: this.damaged() });
    }
    if (!this.zoom && s.xMin === null && s.xMax === null && this.view.widen(this.xKey, data) && !this.opt.alone) this.spread();
    this.extent.setX(this.zoom, this.opt.alone ? data : (this.view.span(this.xKey) ?? data), s);
    this.extent.setY(this.drawn, s, live);
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
    this.onStatus({ ...drawnStatus(this.drawn), hidden: this.extent.hidden, cut: this.extent.cut, raw: this.raw, left, of: this.view.beyond > 0 ? this.view.runs.length + this.view.beyond : 0, stale: this.feed.error, damaged: this.damaged() });
    this.box.setAttribute('aria-label', summary(this.spec.title, this.xKey, this.drawn, this.damaged()));
  }
  /** After live points stop for a while, y may shrink again. */
  private settle(): void {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      this.extent.release();
      if (this.u && !this.view.still) this.draw(false);
    }, 5000);
  }
  private look(): string {
    const s = this.opt.settings;
    return [s.logY, fewPoints(this.drawn), s.logX, this.xKey, document.documentElement.dataset.theme, ...this.drawn.map((d) => d.label + d.run.name + d.run.stroke.colour + d.dash)].join('|');
  }
  private scene(): Scene {
    const s = this.opt.settings;
    return { u: this.u!, drawn: this.drawn, steps: this.xKey === '_step', log: s.logY, band: s.band, ghost: s.ghost, cut: this.extent.cut || s.yMin !== null || s.yMax !== null };
  }

  private sight(): Sight | null {
    if (!this.u) return null;
    const s = this.opt.settings;
    return { u: this.u, drawn: this.drawn, x: this.extent.x!, xKey: this.xKey, title: this.spec.title, lines: Math.min(this.view.lines(s.grouped).length, s.max), scene: this.scene() };
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
        ...plotOptions({ project: this.view.project, x: this.xKey, log: this.opt.settings.logY, logX: this.logX, press: pressing(this.reach), xRange: () => this.extent.x!, yRange: () => this.extent.y }),
        series: [{}, ...this.drawn.map((d) => ({ stroke: strokeOf(d, this.xKey), width: d.run.stroke.bold ? 2.4 : 1.5, points: { show: fewPoints(this.drawn), size: 4, fill: paint(d.run.stroke.colour) }, spanGaps: false, dash: DASH[d.dash] ?? [] }))],
        hooks: {
          drawAxes: [mine(() => under(this.scene()))],
          draw: [
            mine(() => {
              over(this.scene());
              this.hover.redrawn();
            }),
          ],
          setCursor: [mine(() => this.hover.moved())],
          setSelect: [mine(() => this.select())],
          setSize: [mine(() => this.hover.place())],
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
    this.unwheel?.();
    this.unwheel = wheeling(u, this.reach);
    this.hover.attach(u);
  }

  private listen(el: HTMLElement): void {
    el.addEventListener('mouseenter', () => this.view.hover(this));
    el.addEventListener('mouseleave', () => {
      if (this.view.hovered !== this) return;
      hideTip();
      this.view.hover(null);
      for (const p of boards.get(this.view) ?? []) {
        p.hover.clearReadout();
        if (!this.view.zoom) p.catchUp();
      }
    });
    this.unclick = clicks(el, { run: () => (this.dragged ? null : this.view.focus), zoomed: () => this.zoom !== null || this.extent.yzoom !== null, open: this.onOpen, reset: () => this.reset(), after: () => (this.dragged = false) });
  }
  /** Back to all of the data. */
  reset(): void {
    this.extent.yzoom = null;
    this.zoomTo(null);
    this.later();
  }

  private select(): void {
    const u = this.u!, s = u.select;
    if (s.width < 4 && s.height < 4) return;
    this.dragged = true;
    if (s.height >= 4 && s.height < u.over.clientHeight - 2) this.extent.yzoom = [u.posToVal(s.top + s.height, 'y'), u.posToVal(s.top, 'y')];
    const z: Range | null = s.width >= 4 && s.width < u.over.clientWidth - 2 ? [u.posToVal(s.left, 'x'), u.posToVal(s.left + s.width, 'x')] : null;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (z) this.zoomTo(z);
    else u.redraw();
  }
  /** Looks at a stretch of x, with the other panels of the axis unless this one is on its own. */
  private zoomTo(z: Range | null): void {
    if (this.solo) {
      this.extent.own = z;
      this.ask();
      this.later();
    }
    if (!this.solo || (z === null && !this.opt.alone)) this.view.setZoom(z && { x: this.xKey, range: z });
  }
  private readonly reach: Reach = {
    log: () => this.logX,
    show: (r) => {
      this.dragged = true;
      this.extent.x = r;
      this.u?.setData(this.u.data, true);
    },
    keep: (r) => {
      if (this.u) this.zoomTo(r);
    },
  };

  /** The lines in numbers, for the table. */
  rows = (): LineRow[] => lineRows(this.drawn);
  /** Runs in view that are damaged and so have no line. */
  damaged = (): Damage[] => damages(this.feed.damaged(), this.view.lines(this.opt.settings.grouped).slice(0, this.opt.settings.max));
  /** Values at the crosshair, one to one with the rows. */
  here = (): (number | null)[] => this.hover.values();
  step = (by: number): void => this.hover.step(by);
  endStep = (): void => this.hover.endStep();
  /** New settings or metrics; asks the server only when they need other data. */
  update(spec: LineSpec, opt: PanelOptions): void {
    const was = this.opt.settings, now = opt.settings, before = this.xKey;
    const asked = (of: LineSpec) => (of.keys ?? of.metrics).join('\n'), other = asked(spec) !== asked(this.spec);
    this.spec = spec;
    this.opt = opt;
    this.extent.release();
    if (was.logY !== now.logY || was.yMin !== now.yMin || was.yMax !== now.yMax) this.extent.yzoom = null;
    if (other || was.grouped !== now.grouped || was.agg !== now.agg || was.area !== now.area || before !== this.xKey || was.xMin !== now.xMin || was.xMax !== now.xMax || was.max !== now.max) {
      this.extent.x = null;
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
  /** The picture as SVG. */
  vector(): string | null {
    return this.u && linePicture(this.scene(), this.xKey);
  }
  private drop(): void {
    this.hover.detach();
    this.u?.destroy();
    this.u = null;
  }
  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.calm);
    this.unclick?.();
    this.unwheel?.();
    if (this.view.hovered === this) {
      hideTip();
      this.view.hover(null);
    }
    this.feed.stop();
    this.off();
    this.size.disconnect();
    this.hover.end();
    this.drop();
  }
}
