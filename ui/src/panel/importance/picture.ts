// Parameter importance as SVG: on screen it is a table.
import { token } from '../../chart/colour';
import { svgPage, SvgPen } from '../../chart/pen';
import { midcut, num } from '../../data/format';
import type { Importance } from './forest';

const ROW = 24, NAME = 170, BAR = 220, NUMBER = 50, BOTH = 120;

export function importancePicture(list: Importance[]): string {
  const g = new SvgPen(), top = Math.max(...list.map((i) => i.high), 0.01), bars = NAME + 10, both = bars + BAR + NUMBER;
  const line = (colour: string, width: number, x1: number, x2: number, y: number) => {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    g.moveTo(x1, y);
    g.lineTo(x2, y);
    g.stroke();
  };
  const text = (colour: string, align: CanvasTextAlign, t: string, x: number, y: number) => {
    g.fillStyle = colour;
    g.textAlign = align;
    g.fillText(t, x, y);
  };
  g.font = `12px ${token('--font')}`;
  g.textBaseline = 'middle';
  for (const [t, x] of [['Parameter', 10], ['Importance', bars], ['Correlation', both]] as const) text(token('--t3'), 'left', t, x, ROW / 2);
  list.forEach((i, k) => {
    const y = (k + 1.5) * ROW;
    text(token('--t1'), 'left', midcut(i.name, 26), 10, y);
    line(token('--accent-fill'), 8, bars, bars + (i.importance / top) * BAR, y);
    line(token('--t1'), 1.5, bars + (i.low / top) * BAR, bars + (i.high / top) * BAR, y);
    text(token('--t1'), 'right', i.importance.toFixed(2), bars + BAR + 40, y);
    if (Number.isNaN(i.correlation)) return text(token('--t3'), 'left', '–', both, y);
    const middle = both + BOTH / 2;
    line(i.correlation < 0 ? token('--bad') : token('--ok'), 8, middle, middle + (i.correlation * BOTH) / 2, y);
    text(token('--t1'), 'right', num(i.correlation, 2), both + BOTH + 44, y);
  });
  return svgPage(both + BOTH + 60, (list.length + 1) * ROW + 8, g);
}
