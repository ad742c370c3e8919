// Moving along x: dragging with ⇧ held, and the wheel with ⌘ or Ctrl. The picture follows at once; other data are
// asked for when the hand rests.
import type uPlot from 'uplot';
import type { Range } from './axes';

/** `show` draws a stretch with what is there, `keep` makes it the zoom. */
export type Reach = { log: () => boolean; show: (r: Range) => void; keep: (r: Range) => void };

const REST = 160; // ms after the last turn of the wheel
const TURN = 0.0016; // of the stretch, a pixel of the wheel

/** A stretch moved by a part of its length. */
export function shifted([lo, hi]: Range, part: number, log: boolean): Range {
  if (!log || lo <= 0) return [lo + (hi - lo) * part, hi + (hi - lo) * part];
  const f = (hi / lo) ** part;
  return [lo * f, hi * f];
}
/** A stretch made `by` times as long around a place of it, 0 to 1. */
export function scaled([lo, hi]: Range, by: number, at: number, log: boolean): Range {
  if (!log || lo <= 0) return [lo + (hi - lo) * at * (1 - by), hi - (hi - lo) * (1 - at) * (1 - by)];
  const f = hi / lo;
  return [lo * f ** (at * (1 - by)), hi / f ** ((1 - at) * (1 - by))];
}

const range = (u: uPlot): Range => [u.scales.x!.min!, u.scales.x!.max!];

/** What uPlot does with a press: with ⇧ the picture is moved instead of selected from. */
export const pressing =
  (reach: Reach) =>
  (u: uPlot, _el: HTMLElement, select: (e: MouseEvent) => null) =>
  (e: MouseEvent): null => {
    if (!e.shiftKey || e.button !== 0) return select(e);
    const from = range(u), width = u.over.clientWidth || 1, log = reach.log();
    let at: Range | null = null;
    const move = (m: MouseEvent) => reach.show((at = shifted(from, (e.clientX - m.clientX) / width, log)));
    const up = () => {
      removeEventListener('mousemove', move);
      if (at) reach.keep(at);
    };
    addEventListener('mousemove', move);
    addEventListener('mouseup', up, { once: true });
    return null;
  };

/** Listens to the wheel over a plot. Returns how to forget a turn that is not kept yet. */
export function wheeling(u: uPlot, reach: Reach): () => void {
  let rest: ReturnType<typeof setTimeout> | undefined;
  u.over.addEventListener(
    'wheel',
    (e) => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const at = e.offsetX / (u.over.clientWidth || 1);
      const next = scaled(range(u), Math.exp(Math.max(-400, Math.min(400, e.deltaY)) * TURN), at, reach.log());
      reach.show(next);
      clearTimeout(rest);
      rest = setTimeout(() => reach.keep(next), REST);
    },
    { passive: false },
  );
  return () => clearTimeout(rest);
}
