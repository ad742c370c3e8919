// A line panel as SVG: what uPlot draws on its canvas, and our own marks by the same code, through a pen that writes.
import type uPlot from 'uplot';
import type { XKey } from './axes';
import { DASH, paint, token } from './colour';
import { inView, over, places, strokeOf, trace, under, type Scene } from './paint';
import { svgPage, SvgPen } from './pen';
import { fewPoints } from './status';

/** What uPlot keeps of an axis when it has drawn it: places and words. */
type DrawnAxis = uPlot.Axis & { _splits?: (number | null)[] | null; _values?: (string | null)[] | null };

export function linePicture(scene: Scene, x: XKey): string {
  const g = new SvgPen(), d = devicePixelRatio, { u } = scene;
  const s: Scene = { ...scene, u: Object.create(u, { ctx: { value: g } }) as uPlot };
  axes(g, u, d);
  under(s);
  const { X, Y } = places(s, true), box = u.bbox, few = fewPoints(s.drawn);
  g.save();
  g.beginPath();
  g.rect(box.left, box.top, box.width, box.height);
  g.clip();
  for (const one of s.drawn) {
    const [a, b] = inView(u, one.series.x), stroke = strokeOf(one, x);
    g.strokeStyle = typeof stroke === 'string' ? stroke : stroke(s.u);
    g.lineWidth = (one.run.stroke.bold ? 2.4 : 1.5) * d;
    g.setLineDash((DASH[one.dash] ?? []).map((v) => v * d));
    trace(g, one.series, one.line, a, b, X, Y, s.log);
    g.setLineDash([]);
    if (few) dots(g, one.series.x, one.line, X, Y, paint(one.run.stroke.colour), d);
  }
  g.restore();
  over(s);
  return svgPage(u.ctx.canvas.width, u.ctx.canvas.height, g, d);
}

function dots(g: SvgPen, xs: ArrayLike<number>, ys: ArrayLike<number>, X: (v: number) => number, Y: (v: number) => number, colour: string, d: number): void {
  g.fillStyle = colour;
  g.beginPath();
  for (let i = 0; i < xs.length; i++) g.arc(X(xs[i]!), Y(ys[i]!), 2 * d, 0, 7);
  g.fill();
}

function axes(g: SvgPen, u: uPlot, d: number): void {
  const [x, y] = u.axes as [DrawnAxis, DrawnAxis], box = u.bbox;
  g.font = `${11 * d}px ${token('--font')}`;
  g.fillStyle = token('--axis');
  g.strokeStyle = token('--grid');
  g.lineWidth = d;
  g.textBaseline = 'top';
  g.textAlign = 'center';
  each(x, (v, text) => g.fillText(text, u.valToPos(v, 'x', true), box.top + box.height + (x.gap ?? 5) * d));
  g.textBaseline = 'middle';
  g.textAlign = 'right';
  each(y, (v, text) => {
    const at = u.valToPos(v, 'y', true);
    g.beginPath();
    g.moveTo(box.left, at);
    g.lineTo(box.left + box.width, at);
    g.stroke();
    g.fillText(text, box.left - (y.gap ?? 5) * d, at);
  });
}
/** Places that have words. */
function each(a: DrawnAxis, f: (v: number, text: string) => void): void {
  a._splits?.forEach((v, i) => {
    const text = a._values?.[i];
    if (v !== null && text) f(v, text);
  });
}
