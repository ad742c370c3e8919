// A panel outside of the page: its table as text, its picture as a file.
import { toast } from '../parts/toast';
import type { PanelTable } from './kind';

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
export function saveText(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Saves a canvas as PNG over the panel's colour, an svg as SVG. */
export async function savePicture(of: HTMLCanvasElement | SVGSVGElement | null, name: string): Promise<void> {
  if (!of) return toast('There is no picture to save yet.');
  if (of instanceof SVGSVGElement) return saveText(new XMLSerializer().serializeToString(of), name + '.svg', 'image/svg+xml');
  const c = document.createElement('canvas'), g = c.getContext('2d')!;
  c.width = of.width;
  c.height = of.height;
  g.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  g.fillRect(0, 0, c.width, c.height);
  g.drawImage(of, 0, 0);
  const blob = await new Promise<Blob | null>((done) => c.toBlob(done, 'image/png'));
  if (!blob) return toast('The browser could not make a picture.');
  const url = URL.createObjectURL(blob);
  save(url, name + '.png');
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
