// Which rows of a very long list are in sight, by arithmetic alone: nothing is kept for each row, so that a million
// lines cost as much as ten.
import { useCallback, useEffect, useReducer, useRef, type RefObject } from 'react';

/** Browsers lay out about 33 million pixels; longer lists move faster than the scroll bar. */
export const TALLEST = 16_000_000;

export type Span = { first: number; last: number; size: number; shift: number };

/** The rows in sight of a box of `height` scrolled to `top`, `over` more at each side. A row stands at index × row + shift. */
export function inSight(count: number, row: number, height: number, top: number, over = 12): Span {
  const whole = count * row, size = Math.min(whole, TALLEST);
  const at = offset(count, row, height, top);
  const first = Math.max(0, Math.floor(at / row) - over), last = Math.min(count - 1, Math.ceil((at + height) / row) + over);
  return { first, last, size, shift: top - at };
}

/** The place in the whole list, in pixels, that a scroll position stands for. */
function offset(count: number, row: number, height: number, top: number): number {
  const whole = count * row;
  if (whole <= TALLEST) return top;
  return Math.min(1, top / Math.max(1, TALLEST - height)) * Math.max(0, whole - height);
}

/** Calls look when a box is scrolled or changes its size, until the function that is returned is called. */
export function watch(box: HTMLElement, look: () => void): () => void {
  box.addEventListener('scroll', look, { passive: true });
  const ro = new ResizeObserver(look);
  ro.observe(box);
  return () => {
    box.removeEventListener('scroll', look);
    ro.disconnect();
  };
}

/** The scroll position that shows a row in the middle or at the end. */
export function scrollFor(count: number, row: number, height: number, index: number, align: Align, pad = 0): number {
  const whole = count * row;
  const at = Math.max(0, Math.min(whole + pad - height, align === 'start' ? index * row : align === 'end' ? (index + 1) * row + pad - height : index * row - (height - row) / 2));
  return whole <= TALLEST ? at : (at / Math.max(1, whole - height)) * (TALLEST - height);
}

/** Where in the view a row is brought to. */
export type Align = 'start' | 'center' | 'end';
export type Rows = { first: number; last: number; size: number; shift: number; go: (index: number, align: Align) => void };

/** The rows in sight of an element that scrolls. */
export function useRows(view: RefObject<HTMLDivElement | null>, count: number, row: number, pad: number): Rows {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const box = useRef({ top: 0, height: 0 });
  const shown = useRef('');
  const counted = useRef(count);
  const look = useCallback(() => {
    const v = view.current;
    if (!v) return;
    box.current = { top: v.scrollTop, height: v.clientHeight };
    const s = inSight(counted.current, row, box.current.height, box.current.top);
    const key = `${s.first} ${s.last} ${counted.current * row > TALLEST ? box.current.top : 0}`;
    if (key === shown.current) return;
    shown.current = key;
    draw();
  }, [view, row]);
  const there = count > 0;
  useEffect(() => {
    counted.current = count;
    look();
  }, [count, look]);
  useEffect(() => {
    const v = view.current;
    if (!v || !there) return;
    look();
    return watch(v, look);
  }, [view, there, look]);
  const go = useCallback((index: number, align: Align) => {
    const v = view.current;
    if (!v) return;
    v.scrollTop = scrollFor(counted.current, row, v.clientHeight, index, align, pad);
    look();
  }, [view, row, pad, look]);
  return { ...inSight(count, row, box.current.height, box.current.top), go };
}
