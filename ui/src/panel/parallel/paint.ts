// The lines of parallel coordinates, on a canvas or as SVG, and how its axes are written.
import { fade, paint, token } from '../../chart/colour';
import { svgPage, SvgPen, type Pen } from '../../chart/pen';
import type { DrawnRun } from '../../chart/view';
import { midcut, short } from '../../data/format';
import { axisName } from '../axis/axis';
import { ramp } from '../axis/ramp';
import type { Axis, Column } from './lines';

export type Line = { run: DrawnRun; values: unknown[]; places: (number | null)[] };
type Scene = { lines: Line[]; kept: ReadonlySet<Line>; axes: Axis[]; X: (i: number) => number; Y: (part: number) => number; focus: string | null };

export const nameOf = (c: Column): string => c.displayName || axisName(c.accessor);
const WORDS = 12; // that are written at an axis
export function ticksOf(axis: Axis): { at: number; text: string }[] {
  const all = axis.scale ? axis.scale.ticks.map((t) => ({ at: axis.at(t), text: short(t) })) : axis.words.slice(0, WORDS).map((t) => ({ at: axis.at(t), text: midcut(t, 12) }));
  return all.flatMap((t) => (t.at === null ? [] : [{ at: t.at, text: t.text }]));
}

/** Lines that pass by the last axis's value, the others as shadows, the run in focus on top. */
export function paintLines(g: Pen, { lines, kept, axes, X, Y, focus }: Scene): void {
  const draw = (l: Line, colour: string, width: number) => {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    let open = false;
    l.places.forEach((p, i) => {
      if (p === null) return void (open = false);
      if (open) {
        const x = X(i), before = X(i - 1), y0 = Y(l.places[i - 1]!);
        g.bezierCurveTo((x + before) / 2, y0, (x + before) / 2, Y(p), x, Y(p));
      } else g.moveTo(X(i), Y(p));
      open = true;
    });
    g.stroke();
  };
  const last = axes[axes.length - 1];
  const colour = (l: Line) => {
    const p = l.places[axes.length - 1] ?? null;
    return p === null || !last?.scale ? paint(l.run.stroke.colour) : ramp(last.column.inverted ? 1 - p : p);
  };
  for (const l of lines) if (!kept.has(l)) draw(l, fade(token('--control'), 0.14), 1);
  const alpha = Math.max(0.25, Math.min(0.9, 12 / Math.sqrt(kept.size * 12 + 1)));
  for (const l of kept) draw(l, fade(colour(l), focus ? alpha * 0.3 : alpha), 1.3);
  const one = lines.find((l) => l.run.name === focus);
  if (one) draw(one, paint(one.run.stroke.colour), 2.6);
}

/** The whole picture as SVG: on screen the axes are elements over the canvas. */
export function parallelPicture(s: Scene & { width: number; height: number; top: number; bottom: number }): string {
  const g = new SvgPen();
  paintLines(g, s);
  g.font = `11px ${token('--font')}`;
  g.textBaseline = 'middle';
  s.axes.forEach((a, i) => {
    const x = s.X(i);
    g.strokeStyle = token('--control');
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(x, s.top);
    g.lineTo(x, s.height - s.bottom);
    g.stroke();
    g.fillStyle = token('--t2');
    g.textAlign = 'center';
    g.fillText(nameOf(a.column) + (a.column.log ? ' · log' : ''), x, s.top / 2);
    g.textAlign = 'left';
    for (const t of ticksOf(a)) g.fillText(t.text, x + 6, s.Y(t.at));
  });
  return svgPage(s.width, s.height, g);
}
