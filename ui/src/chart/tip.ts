// The tooltip of all panels: nine runs around the focus, by value, with their bucket's range.
import { int, midcut, num } from '../data/format';
import { xName, xText, type XKey } from './axes';
import { paint } from './colour';
import type { Drawn } from './paint';
import css from './chart.module.css';

export type TipRow = { run: string; name: string; colour: number; value: number; lo: number; hi: number; count: number };
export type Tip = { title: string; x: XKey; at: number; rows: TipRow[]; without: number; focus: string | null; notes: string[] };

type Row = { el: HTMLElement; swatch: HTMLElement; name: Text; value: Text; range: Text };
type Parts = { el: HTMLElement; title: Text; at: Text; rows: Row[]; foot: Text };
const ROWS = 9;
let parts: Parts | null = null;

function words(parent: HTMLElement, tag: string, cls?: string): Text {
  const e = document.createElement(tag), t = document.createTextNode('');
  if (cls) e.className = cls;
  e.append(t);
  parent.append(e);
  return t;
}
const write = (t: Text, text: string) => {
  if (t.data !== text) t.data = text;
};

/** The elements are made once: a move of the pointer changes only their words. */
function build(): Parts {
  const el = document.createElement('div'), head = document.createElement('header');
  el.className = css.tip!;
  el.setAttribute('aria-hidden', 'true');
  el.append(head);
  const title = words(head, 'b'), at = words(head, 'span');
  const rows = Array.from({ length: ROWS }, (): Row => {
    const row = document.createElement('div'), swatch = document.createElement('i');
    row.append(swatch);
    el.append(row);
    return { el: row, swatch, name: words(row, 'span', 'cut'), value: words(row, 'b'), range: words(row, 'small') };
  });
  const foot = words(el, 'footer');
  document.body.append(el);
  return { el, title, at, rows, foot };
}

export function hideTip(): void {
  if (parts) parts.el.hidden = true;
}

/** Shows the tooltip beside a place of the window. */
export function showTip(t: Tip, left: number, top: number): void {
  parts ??= build();
  const rows = [...t.rows].sort((a, b) => b.value - a.value);
  const f = rows.findIndex((r) => r.run === t.focus);
  const from = Math.max(0, Math.min(rows.length - ROWS, f - 4));
  const show = rows.slice(from, from + ROWS);
  const most = Math.max(0, ...show.map((r) => r.count));
  write(parts.title, t.title);
  write(parts.at, `${xName(t.x)} ${xText(t.x, t.at)}`);
  parts.rows.forEach((p, i) => fill(p, show[i], t.focus));
  write(parts.foot, [
    rows.length > show.length ? `${rows.length - show.length} more.` : '',
    t.without ? `${t.without} without a value here.` : '',
    most > 1 ? `Range: all ${int(most)} points of the bucket.` : 'Every logged point.',
    ...t.notes,
  ].filter(Boolean).join(' '));
  // On the side with more room, and inside the window whatever its own size is: nothing has to be measured.
  const x = left < innerWidth / 2 ? `min(${Math.round(left) + 18}px, 100vw - 100% - 8px)` : `max(8px, ${Math.round(left) - 18}px - 100%)`;
  parts.el.style.transform = `translate(${x}, min(${Math.round(top) + 14}px, 100vh - 100% - 8px))`;
  parts.el.hidden = false;
}

function fill(p: Row, r: TipRow | undefined, focus: string | null): void {
  p.el.hidden = !r;
  if (!r) return;
  p.el.className = r.run === focus ? css.on! : '';
  p.swatch.style.background = paint(r.colour);
  write(p.name, midcut(r.name, 34));
  write(p.value, num(r.value));
  write(p.range, r.count > 1 ? `${num(r.lo)} to ${num(r.hi)}` : '');
}

/** The rows of all lines that have a place near the cursor; `at` gives its index, or -1. */
export function tipRows(drawn: Drawn[], at: (k: number) => number): TipRow[] {
  return drawn.flatMap((d, k) => {
    const i = at(k), s = d.series;
    return i < 0 ? [] : [{ run: d.run.name, name: d.label, colour: d.run.stroke.colour, value: d.line[i]!, lo: s.min[i]!, hi: s.max[i]!, count: s.count[i]! }];
  });
}
