// Wrapped lines of a very long list. Their heights are known only once they are drawn, so nothing is kept of them: the
// scroll bar says which part of the list is in sight, and the rows there are laid out around that point.
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState, type RefObject } from 'react';
import { TALLEST, watch, type Align } from './rows';

/** A part of the list, 0 to 1, and the rows to draw for it: its point, a fraction of a row, stands at the same part of
 *  the view. So the first row's top is at the top at 0, the last row's foot at the foot at 1. */
export type Anchor = { part: number; index: number; within: number; first: number; last: number };

export function anchorAt(count: number, row: number, height: number, size: number, top: number): Anchor {
  const part = size > height ? Math.max(0, Math.min(1, top / (size - height))) : 0;
  const at = part * count, index = Math.max(0, Math.min(count - 1, Math.floor(at)));
  // Rows are at least `row` tall: so many suffice above the point and below it, wherever in the view it is.
  const above = Math.ceil((part * height) / row) + 2, below = Math.ceil(((1 - part) * height) / row) + 2;
  return { part, index, within: at - index, first: Math.max(0, index - above), last: Math.min(count - 1, index + below) };
}

/** The scroll position that brings a row into sight, in the middle of its part of the view. */
export const topFor = (count: number, height: number, size: number, index: number, align: Align): number =>
  Math.max(0, size - height) * Math.min(1, (index + { start: 0, center: 0.5, end: 1 }[align]) / count);

type Wrapped = { first: number; last: number; size: number; go: (index: number, align: Align) => void };

/** `sheet` holds the rows from first to last, one child each, in flow. `version` changes when their texts came. */
export function useWrapped(view: RefObject<HTMLDivElement | null>, sheet: RefObject<HTMLDivElement | null>, on: boolean, count: number, row: number, version: number): Wrapped {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const [mean, setMean] = useState({ height: row, width: 0 }); // of a row, as the first ones drawn at this width say
  const now = useRef<Anchor>({ part: 0, index: 0, within: 0, first: 0, last: -1 });
  const size = Math.min(TALLEST, Math.max(1, count) * mean.height);

  /** Puts the rows where the scroll position says, by the heights that they have. */
  const place = useCallback(() => {
    const v = view.current, s = sheet.current, a = now.current;
    const at = s?.children[a.index - a.first] as HTMLElement | undefined;
    if (!v || !s || !at) return;
    const fits = s.offsetHeight <= v.clientHeight && a.first === 0;
    s.style.transform = `translateY(${fits ? v.scrollTop : v.scrollTop + a.part * v.clientHeight - at.offsetTop - a.within * at.offsetHeight}px)`;
  }, [view, sheet]);
  const look = useCallback(() => {
    const v = view.current;
    if (!v || !on) return;
    const old = now.current;
    now.current = anchorAt(count, row, v.clientHeight, Math.max(size, v.clientHeight), v.scrollTop);
    if (old.first !== now.current.first || old.last !== now.current.last) draw();
    else place();
  }, [view, on, count, row, size, place]);

  useLayoutEffect(look, [look]);
  // After each drawing: heights are known only then.
  useLayoutEffect(() => {
    if (on) place();
  });
  // The scroll bar's measure is taken once a width, when texts are there; the place in the list stays.
  useLayoutEffect(() => {
    const s = sheet.current;
    if (!on || !s || s.childElementCount === 0) return;
    const height = s.offsetHeight / s.childElementCount;
    if (s.clientWidth !== mean.width && height > row) setMean({ height, width: s.clientWidth });
  }, [on, sheet, row, version, mean.width]);
  useLayoutEffect(() => {
    const v = view.current;
    if (on && v && mean.width > 0) v.scrollTop = now.current.part * (v.scrollHeight - v.clientHeight);
  }, [on, view, mean]);
  useEffect(() => {
    const v = view.current;
    if (!v || !on) return;
    return watch(v, look);
  }, [view, on, look]);
  const go = useCallback((index: number, align: Align) => {
    const v = view.current;
    if (!v) return;
    v.scrollTop = topFor(count, v.clientHeight, v.scrollHeight, index, align);
    look();
  }, [view, count, look]);
  return { first: now.current.first, last: Math.min(now.current.last, count - 1), size, go };
}
