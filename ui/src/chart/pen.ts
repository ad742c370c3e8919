// A canvas's pen that writes SVG: what draws a chart on the screen draws its vector picture too.
import { token } from './colour';

type Canvas = CanvasRenderingContext2D;
/** The part of a canvas that charts use. */
export type Pen = Pick<Canvas, 'save' | 'restore' | 'beginPath' | 'moveTo' | 'lineTo' | 'bezierCurveTo' | 'arc' | 'rect' | 'closePath' | 'clip' | 'fill' | 'stroke' | 'fillText' | 'setLineDash' | 'createLinearGradient' | 'strokeStyle' | 'fillStyle' | 'lineWidth' | 'font' | 'textAlign' | 'textBaseline'>;

type Style = Canvas['strokeStyle'];
const ANCHORS: Partial<Record<CanvasTextAlign, string>> = { center: 'middle', right: 'end', end: 'end' };
const BASES: Partial<Record<CanvasTextBaseline, string>> = { middle: 'central', top: 'hanging', hanging: 'hanging' };
const n = (v: number): string => String(Math.round(v * 100) / 100);
const escaped = (s: string): string => s.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** A gradient between two points, as SVG has it. */
class Gradient implements CanvasGradient {
  readonly stops: string[] = [];
  constructor(
    readonly id: string,
    readonly ends: [number, number, number, number],
  ) {}
  addColorStop(at: number, colour: string): void {
    this.stops.push(`<stop offset="${n(at)}" stop-color="${escaped(colour)}"/>`);
  }
  get text(): string {
    const [x1, y1, x2, y2] = this.ends.map(n) as [string, string, string, string];
    return `<linearGradient id="${this.id}" gradientUnits="userSpaceOnUse" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${this.stops.join('')}</linearGradient>`;
  }
}

export class SvgPen implements Pen {
  strokeStyle: Style = '#000';
  fillStyle: Style = '#000';
  lineWidth = 1;
  font = '11px sans-serif';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  private dash: number[] = [];
  private path = '';
  private readonly parts: string[] = [];
  private readonly gradients: Gradient[] = [];
  private clips = 0;
  private readonly open: number[] = []; // clips of each save

  save(): void {
    this.open.push(0);
  }
  restore(): void {
    this.parts.push('</g>'.repeat(this.open.pop() ?? 0));
  }
  beginPath(): void {
    this.path = '';
  }
  closePath(): void {
    this.path += 'Z';
  }
  moveTo(x: number, y: number): void {
    this.path += `M${n(x)} ${n(y)}`;
  }
  lineTo(x: number, y: number): void {
    this.path += `L${n(x)} ${n(y)}`;
  }
  bezierCurveTo(a: number, b: number, c: number, d: number, x: number, y: number): void {
    this.path += `C${n(a)} ${n(b)} ${n(c)} ${n(d)} ${n(x)} ${n(y)}`;
  }
  rect(x: number, y: number, w: number, h: number): void {
    this.path += `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}Z`;
  }
  /** A whole circle: charts draw no other arcs. */
  arc(x: number, y: number, r: number, _from?: number, _to?: number): void {
    this.path += `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0Z`;
  }
  clip(): void {
    const id = `clip${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
    if (this.open.length) this.open[this.open.length - 1]!++;
  }
  fill(): void {
    if (this.path) this.parts.push(`<path d="${this.path}" fill="${this.colour(this.fillStyle)}"/>`);
  }
  stroke(): void {
    if (this.path) this.parts.push(`<path d="${this.path}" fill="none" stroke="${this.colour(this.strokeStyle)}" stroke-width="${n(this.lineWidth)}" stroke-linejoin="round"${this.dash.length ? ` stroke-dasharray="${this.dash.map(n).join(' ')}"` : ''}/>`);
  }
  setLineDash(d: Iterable<number>): void {
    this.dash = [...d];
  }
  createLinearGradient(x1: number, y1: number, x2: number, y2: number): Gradient {
    const g = new Gradient(`fade${this.gradients.length}`, [x1, y1, x2, y2]);
    this.gradients.push(g);
    return g;
  }
  fillText(text: string, x: number, y: number): void {
    const [size, ...family] = this.font.split(' ');
    this.parts.push(`<text x="${n(x)}" y="${n(y)}" font-size="${size}" font-family="${escaped(family.join(' '))}" fill="${this.colour(this.fillStyle)}" text-anchor="${ANCHORS[this.textAlign] ?? 'start'}" dominant-baseline="${BASES[this.textBaseline] ?? 'auto'}">${escaped(text)}</text>`);
  }
  private colour(style: Style): string {
    return style instanceof Gradient ? `url(#${style.id})` : escaped(String(style));
  }
  /** What was drawn. */
  get text(): string {
    return (this.gradients.length ? `<defs>${this.gradients.map((g) => g.text).join('')}</defs>` : '') + this.parts.join('');
  }
}

/** A document that stands for itself: `width` and `height` of what was drawn, shown `scale` times smaller. */
export function svgPage(width: number, height: number, drawn: { text: string }, scale = 1): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width / scale)}" height="${n(height / scale)}" viewBox="0 0 ${n(width)} ${n(height)}"><rect width="100%" height="100%" fill="${escaped(token('--surface'))}"/>${drawn.text}</svg>\n`;
}
