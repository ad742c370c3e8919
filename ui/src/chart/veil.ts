// What lies over a picture while a run is in focus: a veil, and the run's lines again. It is SVG and no canvas: a
// canvas is drawn on the main thread and is a layer of its own, in each panel in view and for each move.
import { SvgPen } from './pen';
import { focused, plotSize, type Drawn, type Scene } from './paint';
import css from './chart.module.css';

const NS = 'http://www.w3.org/2000/svg';
const EDGE = { left: 2, top: 3, right: 12, bottom: 3 }; // px beyond the plot, for what stands out there

export class Veil {
  private readonly el = document.createElementNS(NS, 'svg');
  private readonly lines = document.createElementNS(NS, 'svg');
  private readonly made = new Map<string, SVGGElement>(); // of each run that was in focus since the picture was drawn
  private shown: SVGGElement | null = null;

  constructor() {
    const cover = document.createElementNS(NS, 'rect');
    this.el.setAttribute('class', css.veil!);
    this.el.setAttribute('aria-hidden', 'true');
    this.el.append(cover, this.lines);
    this.el.style.visibility = 'hidden';
  }

  /** Lays the veil over a picture, below the crosshair. */
  over(u: Scene['u']): void {
    u.over.before(this.el);
    this.redrawn();
    const size = plotSize(u), w = Math.max(0, size.w), h = Math.max(0, size.h); // below zero in a box without room
    const d = devicePixelRatio, wide = w + EDGE.left + EDGE.right, tall = h + EDGE.top + EDGE.bottom;
    Object.assign(this.el.style, { left: u.bbox.left / d - EDGE.left + 'px', top: u.bbox.top / d - EDGE.top + 'px', width: wide + 'px', height: tall + 'px' });
    for (const [k, v] of Object.entries({ x: EDGE.left, y: EDGE.top - 1, width: w + 8, height: h + 2, viewBox: `0 -1 ${w + 8} ${h + 2}` })) this.lines.setAttribute(k, String(v));
  }
  remove(): void {
    this.el.remove();
  }
  /** The picture is another now: its lines are made anew when they come into focus. */
  redrawn(): void {
    this.made.clear();
    this.lines.replaceChildren();
    this.shown = null;
    this.el.style.visibility = 'hidden';
  }

  /** Shows the lines of the run in focus, or nothing. */
  show(run: string | null, s: Scene): void {
    let next = run === null ? null : (this.made.get(run) ?? null);
    if (run !== null && !next) {
      next = linesOf(s, s.drawn.filter((d) => d.run.name === run));
      this.made.set(run, next);
      this.lines.append(next);
    }
    if (next === this.shown) return;
    // Visibility, not display: nothing is laid out for a move.
    if (this.shown) this.shown.style.visibility = 'hidden';
    if (next) next.style.visibility = '';
    if (!next !== !this.shown) this.el.style.visibility = next ? '' : 'hidden';
    this.shown = next;
  }
}

function linesOf(s: Scene, lines: Drawn[]): SVGGElement {
  const g = document.createElementNS(NS, 'g'), pen = new SvgPen();
  focused(pen, s, lines);
  g.innerHTML = pen.text;
  return g;
}
