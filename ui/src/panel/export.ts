// A panel outside of the page: its table as text, its picture as a file.
import { toast } from '../parts/toast';
import type { PanelHandle, PanelTable } from './kind';

/** Text with one line a row. Cells that would be read as formulas by a spreadsheet are marked as text. */
export function tableText(t: PanelTable, between = ','): string {
  const cell = (v: string | number | null): string => {
    if (v === null) return '';
    if (typeof v === 'number') return String(v);
    const s = /^[=+\-@\t\r]/.test(v) ? "'" + v : v;
    return s.includes(between) || /["\r\n]/.test(s) ? '"' + s.replaceAll('"', '""') + '"' : s;
  };
  return [t.head, ...t.rows].map((r) => r.map(cell).join(between)).join('\n') + '\n';
}

function save(url: string, name: string): void {
  const a = document.createElement('a');
  a.href = url;
  a.download = name.replace(/[/\\?%*:|"<>]/g, '-');
  a.click();
}
function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
export const saveText = (text: string, name: string, type: string): void => saveBlob(new Blob([text], { type }), name);

const PAINTS = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline'];

/** An element's SVG with the style sheet's paint written into it, so that it looks the same elsewhere. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement, of = [svg, ...svg.querySelectorAll('*')], to = [copy, ...copy.querySelectorAll('*')];
  of.forEach((el, i) => {
    const style = getComputedStyle(el), out = to[i]!;
    for (const p of PAINTS) {
      const v = style.getPropertyValue(p);
      if (v && v !== 'normal') out.setAttribute(p, v);
    }
    out.removeAttribute('class');
    out.removeAttribute('style');
  });
  const { width, height } = svg.getBoundingClientRect(), paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', surface());
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}
const surface = () => getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();

/** A panel's picture as SVG text; null when it has none. */
function svgOf(h: PanelHandle | null): string | null {
  const p = h?.picture?.() ?? null;
  return h?.vector?.() ?? (typeof p === 'string' ? p : p instanceof SVGSVGElement ? standalone(p) : null);
}

const NONE = 'This panel has no picture to save.';
export function saveSvg(h: PanelHandle | null, name: string): void {
  const text = svgOf(h);
  if (text === null) return toast(NONE);
  saveText(text, name + '.svg', 'image/svg+xml');
}

/** A canvas as it is, SVG at twice its size; over the panel's colour. */
export async function savePng(h: PanelHandle | null, name: string): Promise<void> {
  const p = h?.picture?.() ?? null, text = p instanceof HTMLCanvasElement ? null : svgOf(h);
  const of = p instanceof HTMLCanvasElement ? p : text === null ? null : await imageOf(text);
  if (!of) return toast(NONE);
  const by = of instanceof HTMLImageElement ? 2 : 1, c = document.createElement('canvas'), g = c.getContext('2d')!;
  c.width = of.width * by;
  c.height = of.height * by;
  g.fillStyle = surface();
  g.fillRect(0, 0, c.width, c.height);
  g.drawImage(of, 0, 0, c.width, c.height);
  const blob = await new Promise<Blob | null>((done) => c.toBlob(done, 'image/png'));
  if (!blob) return toast('The browser could not make a picture.');
  saveBlob(blob, name + '.png');
}
function imageOf(svg: string): Promise<HTMLImageElement | null> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  return new Promise<HTMLImageElement | null>((ok) => {
    const img = new Image();
    img.onload = () => ok(img);
    img.onerror = () => ok(null);
    img.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}
