// What uPlot does not draw: bands, ghosts, marks, live ends, and the veil with the run in focus.
import type uPlot from 'uplot';
import type { Floats, RunSeries } from '../data/panel';
import { beginnings, inherited } from './branch';
import { DASH, fade, paint, token } from './colour';
import type { Pen } from './pen';
import type { DrawnRun } from './view';

/** One line: a run, or one metric of a run where a panel has several. */
export type Drawn = { run: DrawnRun; series: RunSeries; line: Floats; dash: number; label: string };
/** `cut`: an axis was made shorter than its lines, so the edge says where they go on. */
export type Scene = { u: uPlot; drawn: Drawn[]; steps: boolean; log: boolean; band: boolean; ghost: boolean; cut: boolean };

const tiny = 1e-300;
type Pos = (v: number) => number;
export const places = (s: Scene, canvas: boolean): { X: Pos; Y: Pos } => ({ X: (v) => s.u.valToPos(v, 'x', canvas), Y: (v) => s.u.valToPos(s.log ? Math.max(v, tiny) : v, 'y', canvas) });

/** First and last place in view, one beyond on each side. */
export function inView(u: uPlot, x: Float64Array): [number, number] {
  const lo = u.scales.x!.min ?? -Infinity, hi = u.scales.x!.max ?? Infinity;
  let a = 0, b = x.length - 1;
  while (a < b && x[a + 1]! < lo) a++;
  while (b > a && x[b - 1]! > hi) b--;
  return [a, b];
}

/** Breaks between places i-1 and i, where values were that are no number. */
function breaker(r: RunSeries): (i: number) => boolean {
  if (r.odd.length === 0) return () => false;
  const odd = r.odd.map((o) => o.x);
  let k = 0;
  return (i) => {
    while (k < odd.length && odd[k]! < r.x[i - 1]!) k++;
    return k < odd.length && odd[k]! < r.x[i]!;
  };
}

export function trace(g: Pen, r: RunSeries, y: Floats, a: number, b: number, X: Pos, Y: Pos, log: boolean): void {
  const broken = breaker(r);
  let open = false;
  g.beginPath();
  for (let i = a; i <= b; i++) {
    const v = y[i]!;
    if (log && v <= 0) {
      open = false;
      continue;
    }
    if (i > a && broken(i)) open = false;
    if (open) g.lineTo(X(r.x[i]!), Y(v));
    else g.moveTo(X(r.x[i]!), Y(v));
    open = true;
  }
  g.stroke();
}

const hasBand = (r: RunSeries) => r.mode !== 'points';

function fillBand(g: Pen, r: RunSeries, a: number, b: number, X: Pos, Y: Pos): void {
  const broken = breaker(r);
  let from = a;
  const part = (lo: number, hi: number) => {
    if (hi <= lo) return;
    g.moveTo(X(r.x[lo]!), Y(r.max[lo]!));
    for (let i = lo + 1; i <= hi; i++) g.lineTo(X(r.x[i]!), Y(r.max[i]!));
    for (let i = hi; i >= lo; i--) g.lineTo(X(r.x[i]!), Y(r.min[i]!));
    g.closePath();
  };
  g.beginPath();
  for (let i = a + 1; i <= b; i++) {
    if (!broken(i)) continue;
    part(from, i - 1);
    from = i;
  }
  part(from, b);
  g.fill();
}

/** Below the lines: bands of all runs, and the unsmoothed lines of a few. */
export function under(s: Scene): void {
  const g = s.u.ctx, box = s.u.bbox, n = s.drawn.length, { X, Y } = places(s, true);
  g.save();
  g.beginPath();
  g.rect(box.left, box.top, box.width, box.height);
  g.clip();
  if (s.band) {
    const alpha = Math.max(0.07, 0.24 / Math.sqrt(n));
    for (const { run, series } of s.drawn) {
      if (!hasBand(series) || series.x.length < 2) continue;
      const [a, b] = inView(s.u, series.x);
      g.fillStyle = fade(paint(run.stroke.colour), alpha);
      fillBand(g, series, a, b, X, Y);
    }
  }
  if (s.ghost && n <= 4) {
    g.lineWidth = devicePixelRatio;
    for (const { run, series, line } of s.drawn) {
      if (line === series.last) continue;
      const [a, b] = inView(s.u, series.x);
      g.strokeStyle = fade(paint(run.stroke.colour), 0.42);
      trace(g, series, series.last, a, b, X, Y, s.log);
    }
  }
  g.restore();
}

/** The stroke of a line: what a fork inherited is faint. */
export function strokeOf(d: Drawn, x: string): string | ((u: uPlot) => CanvasGradient | string) {
  const colour = paint(d.run.stroke.colour), fork = x === '_step' ? inherited(d.run.branches) : null;
  if (!fork || d.series.x[0]! > fork.step) return colour;
  return (u) => {
    const at = (u.valToPos(fork.step, 'x', true) - u.bbox.left) / (u.bbox.width || 1), cut = Math.min(1, Math.max(0, at));
    if (!(at > 0)) return colour;
    const g = u.ctx.createLinearGradient(u.bbox.left, 0, u.bbox.left + u.bbox.width, 0);
    g.addColorStop(0, fade(colour, 0.38));
    g.addColorStop(cut, fade(colour, 0.38));
    g.addColorStop(cut, colour);
    g.addColorStop(1, colour);
    return g;
  };
}

/** Where runs began again: a ring on the line for a fork, a stroke across it for a rewind. */
function branchMarks(s: Scene, X: Pos, Y: Pos, inX: (v: number) => boolean, d: number): void {
  const g = s.u.ctx;
  for (const { run, series, line } of s.drawn)
    for (const b of beginnings(run.branches)) {
      const i = lastUpTo(series.x, b.step);
      if (i < 0 || !inX(b.step)) continue;
      const x = X(b.step), y = Y(line[i]!);
      g.strokeStyle = paint(run.stroke.colour);
      g.fillStyle = token('--surface');
      g.lineWidth = 1.6 * d;
      g.beginPath();
      if (b.fork) g.arc(x, y, 3.4 * d, 0, 7);
      else g.rect(x - 0.3 * d, y - 5 * d, 0.6 * d, 10 * d);
      g.fill();
      g.stroke();
    }
}
function lastUpTo(x: Float64Array, v: number): number {
  let i = -1;
  while (i + 1 < x.length && x[i + 1]! <= v) i++;
  return i;
}

/** Above the lines: ends of live runs and marks of values that are no finite number. */
export function over(s: Scene): void {
  const { u } = s, g = u.ctx, d = devicePixelRatio, box = u.bbox, { X, Y } = places(s, true);
  const lo = u.scales.x!.min!, hi = u.scales.x!.max!, inX = (v: number) => v >= lo && v <= hi;
  g.save();
  g.beginPath();
  g.rect(box.left, box.top, box.width + 8 * d, box.height + 2 * d);
  g.clip();
  if (s.steps) branchMarks(s, X, Y, inX, d);
  if (s.cut) cutEdges(s, X, d);
  let named = 0;
  for (const { run, series, line } of s.drawn) {
    const c = paint(run.stroke.colour), n = series.x.length;
    if (n === 1 && inX(series.x[0]!)) dot(g, X(series.x[0]!), Y(line[0]!), c, d);
    if (run.state === 'running' && n && inX(series.x[n - 1]!)) halo(g, X(series.x[n - 1]!), Y(line[n - 1]!), c, d);
    let lastX = -Infinity;
    for (const o of series.odd) {
      if (!inX(o.x)) continue;
      const x = X(o.x);
      if (x - lastX < 9 * d) continue;
      const up = o.kind !== '-inf', y = up ? box.top + 7 * d : box.top + box.height - 7 * d;
      mark(g, o.kind, x, y, c, d);
      if (lastX === -Infinity && named++ < 3 && !series.odd.some((p) => p !== o && inX(p.x) && X(p.x) - x >= 9 * d && X(p.x) - x < 60 * d)) label(g, ODD[o.kind], x + 6 * d, y, d);
      lastX = x;
    }
  }
  g.restore();
}

/** Strokes in the lines' colours along the edge that cuts them off, as long as they are beyond it. */
function cutEdges(s: Scene, X: Pos, d: number): void {
  const g = s.u.ctx, box = s.u.bbox, { min = -Infinity, max = Infinity } = s.u.scales.y!;
  g.save();
  g.lineWidth = 3 * d;
  for (const { run, series: r, line } of s.drawn) {
    const [a, b] = inView(s.u, r.x);
    g.strokeStyle = paint(run.stroke.colour);
    for (const [y, beyond] of [[box.top, (v: number) => v > max], [box.top + box.height, (v: number) => v < min && (!s.log || v > 0)]] as const) {
      g.beginPath();
      for (let i = a; i <= b; i++) {
        if (!beyond(line[i]!)) continue;
        const from = X(r.x[i]!);
        let to = i;
        while (to < b && beyond(line[to + 1]!)) to++;
        g.moveTo(from - 2 * d, y);
        g.lineTo(Math.max(X(r.x[to]!), from) + 2 * d, y);
        i = to;
      }
      g.stroke();
    }
  }
  g.restore();
}
export const ODD = { nan: 'NaN', '+inf': '+Inf', '-inf': '−Inf', odd: 'NaN or Inf' } as const;

function halo(g: CanvasRenderingContext2D, x: number, y: number, c: string, d: number): void {
  g.fillStyle = fade(c, 0.25);
  g.beginPath();
  g.arc(x, y, 5.5 * d, 0, 7);
  g.fill();
  dot(g, x, y, c, d);
}
function dot(g: CanvasRenderingContext2D, x: number, y: number, c: string, d: number): void {
  g.fillStyle = c;
  g.beginPath();
  g.arc(x, y, 2.6 * d, 0, 7);
  g.fill();
}
function mark(g: CanvasRenderingContext2D, kind: keyof typeof ODD, x: number, y: number, c: string, d: number): void {
  const e = 3 * d;
  g.strokeStyle = g.fillStyle = c;
  g.lineWidth = 1.6 * d;
  g.beginPath();
  if (kind === '+inf' || kind === '-inf') {
    const f = kind === '+inf' ? 1 : -1;
    g.moveTo(x, y - f * e);
    g.lineTo(x + e, y + f * e);
    g.lineTo(x - e, y + f * e);
    g.closePath();
    g.fill();
    return;
  }
  g.moveTo(x - e, y - e);
  g.lineTo(x + e, y + e);
  g.moveTo(x + e, y - e);
  g.lineTo(x - e, y + e);
  g.stroke();
}
function label(g: CanvasRenderingContext2D, text: string, x: number, y: number, d: number): void {
  g.font = `${10 * d}px ${token('--font')}`;
  g.fillStyle = token('--t3');
  g.textAlign = 'left';
  g.textBaseline = 'middle';
  g.fillText(text, x, y);
}

/** Lines of the run in focus once more, over a veil, in px from the plot's corner: hovering never redraws the base. */
export function focused(g: Pen, s: Scene, lines: Drawn[]): void {
  const { X, Y } = places(s, false);
  for (const one of lines) again(g, s, one, X, Y);
}

function again(g: Pen, s: Scene, one: Drawn, X: Pos, Y: Pos): void {
  const c = paint(one.run.stroke.colour), [a, b] = inView(s.u, one.series.x);
  g.setLineDash([]);
  if (s.band && hasBand(one.series) && one.series.x.length > 1) {
    g.fillStyle = fade(c, 0.3);
    fillBand(g, one.series, a, b, X, Y);
  }
  if (s.ghost && one.line !== one.series.last) {
    g.strokeStyle = fade(c, 0.45);
    g.lineWidth = 1;
    trace(g, one.series, one.series.last, a, b, X, Y, s.log);
  }
  g.strokeStyle = c;
  g.lineWidth = 2.5;
  g.setLineDash(DASH[one.dash] ?? []);
  trace(g, one.series, one.line, a, b, X, Y, s.log);
}

/** The plot's size in px, as uPlot knows it: asking the document amid changes would lay it out at once. */
export const plotSize = (u: uPlot): { w: number; h: number } => ({ w: u.bbox.width / devicePixelRatio, h: u.bbox.height / devicePixelRatio });
