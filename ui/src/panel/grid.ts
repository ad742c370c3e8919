// The grid of panels: documents count in 24ths of the width and sixths of a usual height; the screen in units that
// the number of columns divides.
import type { PanelDoc, Size } from './config';

export const UNITS = 24;
export const ROWS = 6; // of a usual panel

/** Units of the screen's grid for a number of columns. */
export const gridUnits = (cols: number): number => (UNITS % cols === 0 ? UNITS : cols * 5);
/** A document's width in units of the screen's grid. */
export const unitsOf = (w: number, units: number): number => Math.max(1, Math.min(units, Math.round((w * units) / UNITS)));

/** The size of a panel on screen: width in units, height in px. */
export function sizeOf(p: PanelDoc, cols: number, usual: number): { w: number; height: number } {
  const units = gridUnits(cols);
  if (cols === 1) return { w: units, height: Math.round((usual * (p.size?.h ?? ROWS)) / ROWS) };
  return { w: p.size ? unitsOf(p.size.w, units) : units / cols, height: Math.round((usual * (p.size?.h ?? ROWS)) / ROWS) };
}

/** Rows of panels on a page when nobody chose. */
export const usualRows = (cols: number): number => (cols === 1 ? 12 : 4);
export const PAGE_MOST = 100; // panels

/** Where the pages of a section begin: whole rows, at most a hundred panels each. */
export function pageStarts(panels: PanelDoc[], cols: number, rows: number): number[] {
  const units = gridUnits(cols), starts = [0];
  let used = 0, row = 1, rowAt = 0; // units of the row, rows of the page, the row's first panel
  panels.forEach((p, i) => {
    const w = sizeOf(p, cols, ROWS).w;
    if (used > 0 && used + w > units) {
      used = 0;
      row++;
      rowAt = i;
    }
    used += w;
    if (row > rows) starts.push(i);
    else if (i - starts.at(-1)! >= PAGE_MOST) starts.push(rowAt > starts.at(-1)! ? rowAt : i);
    else return;
    row = 1;
  });
  return starts;
}

/** A panel's size after one step of the keyboard. */
export function stepSize(p: PanelDoc, cols: number, key: string): Size {
  const usual = { w: Math.round(UNITS / cols), h: ROWS }, s = p.size ?? usual;
  const dw = key === 'ArrowRight' ? 2 : key === 'ArrowLeft' ? -2 : 0, dh = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  return { w: Math.max(4, Math.min(UNITS, s.w + dw)), h: Math.max(3, Math.min(24, s.h + dh)) };
}
/** Where a panel goes after one step: before which of `order` (null: to the end); undefined when it stays. */
export function stepPlace(order: string[], id: string, cols: number, key: string): string | null | undefined {
  const i = order.indexOf(id), by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cols, ArrowUp: -cols }[key] ?? 0;
  const to = Math.max(0, Math.min(order.length - 1, i + by));
  if (i < 0 || to === i) return undefined;
  return to > i ? (order[to + 1] ?? null) : order[to]!;
}
