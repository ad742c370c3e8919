// What a line panel shows at the crosshair: the run in focus above a veil, a dot on its line, its value in the header,
// and the tooltip under the pointer. The canvas of the lines is never touched.
import type uPlot from 'uplot';
import { num } from '../data/format';
import { nearest } from './align';
import type { Range, XKey } from './axes';
import { began } from './branch';
import { paint } from './colour';
import { ODD, plotSize, type Drawn, type Scene } from './paint';
import { hideTip, showTip, tipRows } from './tip';
import { Veil } from './veil';
import type { View } from './view';
import css from './chart.module.css';

const NEAR = 26; // px within which a line takes the focus

/** The picture as it is now; `lines` counts the runs or groups that could have a line in it. */
export type Sight = { u: uPlot; drawn: Drawn[]; x: Range; xKey: XKey; title: string; lines: number; scene: Scene };

export class Hover {
  private readonly veil = new Veil();
  private readonly dot = document.createElement('i');
  private shown: string | null | undefined;
  private due = false;
  private inSight = true; // panels are mounted a little before they come into view
  private readonly watch: IntersectionObserver;

  constructor(
    private readonly box: HTMLElement,
    private readonly view: View,
    private readonly owner: object,
    private readonly readout: () => HTMLElement | null,
    private readonly sight: () => Sight | null,
  ) {
    this.dot.className = css.dot!;
    this.watch = new IntersectionObserver((es) => {
      this.inSight = es[es.length - 1]!.isIntersecting;
      this.soon();
    });
    this.watch.observe(box);
  }

  /** A new plot: the dot moves there. */
  attach(u: uPlot): void {
    u.over.append(this.dot);
    this.dot.hidden = true;
    this.place();
  }
  detach(): void {
    this.veil.remove();
  }
  /** The lines were drawn anew, so what lies above them has to be too. */
  redrawn(): void {
    this.place();
    this.overlay();
  }
  end(): void {
    this.watch.disconnect();
  }
  place(): void {
    const u = this.sight()?.u;
    if (u) this.veil.over(u);
    this.shown = undefined;
  }
  clearReadout(): void {
    const r = this.readout();
    if (r?.firstChild) r.textContent = '';
  }

  /** A line's place at x, when it has one near enough; otherwise -1. */
  private at(s: Sight, k: number, x: number): number {
    const xs = s.drawn[k]!.series.x, n = xs.length;
    if (n === 0) return -1;
    const tol = ((s.x[1] - s.x[0]) / (s.u.width || 300)) * 10;
    if (x > xs[n - 1]! + tol || x < xs[0]! - tol) return -1;
    return nearest(xs, x);
  }

  /** The crosshair moved, under the pointer or in another panel. */
  moved(): void {
    const s = this.sight();
    if (!s) return;
    const left = s.u.cursor.left ?? -1;
    this.box.dispatchEvent(new Event('cursor'));
    if (left < 0) {
      this.dot.hidden = true;
      return this.clearReadout();
    }
    const x = s.u.posToVal(left, 'x');
    if (this.view.hovered === this.owner) {
      this.view.setFocus(this.nearestLine(s, x));
      this.tip(s, x);
    }
    this.soon();
  }
  /** One move of the pointer tells of the cursor and of the focus: both are shown at once, when all panels have heard. */
  soon(): void {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => {
      this.due = false;
      this.overlay();
    });
  }
  private nearestLine(s: Sight, x: number): string | null {
    const y = s.u.cursor.top ?? 0;
    let best: string | null = null, near = NEAR;
    s.drawn.forEach((d, k) => {
      const i = this.at(s, k, x);
      if (i < 0) return;
      const dist = Math.abs(s.u.valToPos(d.line[i]!, 'y') - y);
      if (dist < near) {
        near = dist;
        best = d.run.name;
      }
    });
    return best;
  }
  private tip(s: Sight, x: number): void {
    const { u, drawn } = s;
    const rows = tipRows(drawn, (n) => this.at(s, n, x));
    const tol = ((s.x[1] - s.x[0]) / (plotSize(u).w || 300)) * 6;
    const notes = drawn.flatMap((d) => [...(s.xKey === '_step' ? began(d, x, tol) : []), ...d.series.odd.filter((o) => Math.abs(o.x - x) <= tol).slice(0, 1).map((o) => `${d.label}: ${ODD[o.kind]}.`)]);
    const r = u.rect; // as uPlot remembers it
    const without = s.lines - new Set(rows.map((row) => row.run)).size;
    showTip({ title: s.title, x: s.xKey, at: u.data[0][u.cursor.idx ?? -1] ?? x, rows, without, focus: this.view.focus, notes: notes.slice(0, 3) }, r.left + u.cursor.left!, r.top + u.cursor.top!);
  }

  /** The run in focus on top of a veil; the dot and the read-out at the cursor. */
  private overlay(): void {
    const s = this.inSight ? this.sight() : null;
    if (!s) return;
    const focus = this.view.focus, k = focus === null ? -1 : s.drawn.findIndex((d) => d.run.name === focus);
    this.mark(s, k);
    if (this.shown === focus) return;
    this.shown = focus;
    this.veil.show(k < 0 ? null : focus, s.scene);
  }
  private mark(s: Sight, k: number): void {
    const left = s.u.cursor.left ?? -1;
    const i = k >= 0 && left >= 0 ? this.at(s, k, s.u.posToVal(left, 'x')) : -1;
    this.dot.hidden = i < 0;
    if (i < 0) return this.clearReadout();
    const d = s.drawn[k]!, v = d.line[i]!, colour = paint(d.run.stroke.colour);
    this.dot.style.borderColor = colour;
    this.dot.style.transform = `translate(${s.u.valToPos(d.series.x[i]!, 'x').toFixed(1)}px,${s.u.valToPos(v, 'y').toFixed(1)}px)`;
    const r = this.readout();
    if (r) readOut(r, colour, num(v));
  }

  /** Values at the crosshair, one to one with the lines; null where a line has none. */
  values(): (number | null)[] {
    const s = this.sight();
    if (!s) return [];
    const left = s.u.cursor.left ?? -1, x = left < 0 ? NaN : s.u.posToVal(left, 'x');
    return s.drawn.map((d, k) => d.line[left < 0 ? -1 : this.at(s, k, x)] ?? null);
  }
  /** Moves the crosshair by places, for the keyboard. */
  step(by: number): void {
    const s = this.sight();
    if (!s) return;
    const { u } = s, xs = u.data[0], i = u.cursor.left! >= 0 && u.cursor.idx != null ? u.cursor.idx : by > 0 ? -1 : xs.length;
    const x = xs[Math.max(0, Math.min(xs.length - 1, i + by))];
    if (x === undefined) return;
    u.setCursor({ left: u.valToPos(x, 'x'), top: u.over.clientHeight / 2 });
    this.tip(s, x);
  }
  endStep(): void {
    this.sight()?.u.setCursor({ left: -10, top: -10 });
    hideTip();
  }
}

/** Writes a value behind its line's colour; the elements stay from move to move. */
function readOut(el: HTMLElement, colour: string, text: string): void {
  if (el.childNodes.length !== 2) el.replaceChildren(document.createElement('i'), document.createTextNode(''));
  const swatch = el.firstChild as HTMLElement, words = el.lastChild as Text;
  swatch.style.background = colour;
  if (words.data !== text) words.data = text;
}
