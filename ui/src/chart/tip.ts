// The tooltip of all panels: nine runs around the focus, by value, with their bucket's range.
import { int, midcut, num } from '../data/format';
import { xName, xText, type XKey } from './axes';
import { paint } from './colour';
import type { Drawn } from './paint';
import css from './chart.module.css';

export type TipRow = { run: string; name: string; colour: number; value: number; lo: number; hi: number; count: number };
export type Tip = { title: string; x: XKey; at: number; rows: TipRow[]; without: number; focus: string | null; notes: string[] };

let el: HTMLDivElement | null = null;

const make = (tag: string, cls?: string, text?: string): HTMLElement => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  return e;
};

export function hideTip(): void {
  if (el) el.hidden = true;
}

/** Shows the tooltip beside a place of the window. */
export function showTip(t: Tip, left: number, top: number): void {
  if (!el) {
    el = document.createElement('div');
    el.className = css.tip!;
    el.setAttribute('aria-hidden', 'true');
    document.body.append(el);
  }
  const head = make('header');
  head.append(make('b', undefined, t.title), make('span', undefined, `${xName(t.x)} ${xText(t.x, t.at)}`));
  const rows = [...t.rows].sort((a, b) => b.value - a.value);
  const f = rows.findIndex((r) => r.run === t.focus);
  const from = Math.max(0, Math.min(rows.length - 9, f - 4));
  const show = rows.slice(from, from + 9);
  const most = Math.max(0, ...show.map((r) => r.count));
  const foot = make('footer', undefined, [
    rows.length > show.length ? `${rows.length - show.length} more.` : '',
    t.without ? `${t.without} without a value here.` : '',
    most > 1 ? `Range: all ${int(most)} points of the bucket.` : 'Every logged point.',
    ...t.notes,
  ].filter(Boolean).join(' '));
  el.replaceChildren(head, ...show.map((r) => line(r, r.run === t.focus)), foot);
  el.hidden = false;
  const w = el.offsetWidth, h = el.offsetHeight;
  let x = left + 18, y = top + 14;
  if (x + w > innerWidth - 8) x = Math.max(8, left - w - 18);
  if (y + h > innerHeight - 8) y = Math.max(8, innerHeight - h - 8);
  el.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px)`;
}

function line(r: TipRow, on: boolean): HTMLElement {
  const row = make('div', on ? css.on : undefined);
  const sw = make('i');
  sw.style.background = paint(r.colour);
  row.append(sw, make('span', 'cut', midcut(r.name, 34)), make('b', undefined, num(r.value)), make('small', undefined, r.count > 1 ? `${num(r.lo)} to ${num(r.hi)}` : ''));
  return row;
}

/** The rows of all lines that have a place near the cursor; `at` gives its index, or -1. */
export function tipRows(drawn: Drawn[], at: (k: number) => number): TipRow[] {
  return drawn.flatMap((d, k) => {
    const i = at(k), s = d.series;
    return i < 0 ? [] : [{ run: d.run.name, name: d.label, colour: d.run.stroke.colour, value: d.line[i]!, lo: s.min[i]!, hi: s.max[i]!, count: s.count[i]! }];
  });
}
