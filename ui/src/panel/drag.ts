// Moving and resizing by pointer. Nothing of it is React state: a mark shows where the thing would land, and the
// document is edited once, at the end.
import type { Size } from './config';
import { UNITS, unitsOf } from './grid';
import css from './panel.module.css';

const START = 5; // px before a press is a drag
const EDGE = 48; // px of the board's ends in which it scrolls

type Box = { left: number; top: number; width: number; height: number };
type Landing = { section: string; before: string | null; box: Box };
type Carry<L extends { box: Box }> = { lifted: HTMLElement; find: (x: number, y: number) => L | null; begin?: () => void; end?: () => void; drop: (at: L) => void };

/** Carries something from a press to where it is let go; the board scrolls at its ends. */
function carry<L extends { box: Box }>(e: React.PointerEvent, c: Carry<L>): void {
  const x0 = e.clientX, y0 = e.clientY, scroll = c.lifted.closest<HTMLElement>('[data-board]');
  let mark: HTMLElement | null = null, at: L | null = null, frame = 0, last = { x: x0, y: y0 };
  const show = () => {
    at = c.find(last.x, last.y);
    mark!.hidden = !at;
    if (at) Object.assign(mark!.style, { left: at.box.left + 'px', top: at.box.top + 'px', width: at.box.width + 'px', height: at.box.height + 'px' });
  };
  const tick = () => {
    frame = requestAnimationFrame(tick);
    const r = scroll?.getBoundingClientRect();
    if (!scroll || !r) return;
    const by = last.y < r.top + EDGE ? last.y - r.top - EDGE : last.y > r.bottom - EDGE ? last.y - r.bottom + EDGE : 0;
    if (!by) return;
    scroll.scrollTop += by / 4;
    show();
  };
  const move = (m: PointerEvent) => {
    last = { x: m.clientX, y: m.clientY };
    if (!mark) {
      if (Math.hypot(m.clientX - x0, m.clientY - y0) < START) return;
      mark = document.createElement('div');
      mark.className = css.drop!;
      document.body.append(mark);
      c.lifted.classList.add(css.lifted!);
      c.begin?.();
      frame = requestAnimationFrame(tick);
    }
    show();
  };
  follow(move, (done) => {
    cancelAnimationFrame(frame);
    if (!mark) return;
    mark.remove();
    c.lifted.classList.remove(css.lifted!);
    c.end?.();
    swallowClick();
    if (done && at) c.drop(at);
  });
}

/** A drag that ends on what it began on is no click. */
function swallowClick(): void {
  const stop = (e: Event) => e.stopPropagation();
  addEventListener('click', stop, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', stop, true));
}

/** Whether a press may begin a drag. Menus hang in the tree of what they belong to, but lie elsewhere on the page. */
const grabs = (e: React.PointerEvent, of: HTMLElement, but: string): boolean => e.button === 0 && e.pointerType !== 'touch' && of.contains(e.target as Node) && !(e.target as HTMLElement).closest(but);

/** Where a panel would land at a place of the window: before or after the panel there, or into an empty section. */
function landing(x: number, y: number): Landing | null {
  const section = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-section]');
  if (!section) return null;
  const id = section.dataset.section!, panels = [...section.querySelectorAll<HTMLElement>('[data-panel]')];
  const far = (p: HTMLElement) => {
    const r = p.getBoundingClientRect();
    return Math.hypot(Math.max(r.left - x, 0, x - r.right), Math.max(r.top - y, 0, y - r.bottom));
  };
  const best = panels.reduce<HTMLElement | null>((a, p) => (a && far(a) <= far(p) ? a : p), null);
  if (!best) {
    const r = section.getBoundingClientRect();
    return { section: id, before: null, box: { left: r.left, top: r.bottom - 4, width: r.width, height: 3 } };
  }
  const r = best.getBoundingClientRect(), after = x > (r.left + r.right) / 2;
  const next = panels[panels.indexOf(best) + 1];
  return { section: id, before: after ? (next?.dataset.panel ?? section.dataset.next ?? null) : best.dataset.panel!, box: { left: after ? r.right + 3 : r.left - 6, top: r.top, width: 3, height: r.height } };
}

/** From a press on a panel's header. `onDrop` hears the section and the panel to stand before. */
export function startDrag(e: React.PointerEvent, card: HTMLElement, onDrop: (section: string, before: string | null) => void): void {
  if (!grabs(e, card, 'button, a, input')) return;
  carry(e, { lifted: card, find: landing, drop: (at) => at.before !== card.dataset.panel && onDrop(at.section, at.before) });
}

/** Between which sections one would land. */
function between(sections: HTMLElement[], y: number): { before: string | null; box: Box } {
  const next = sections.find((s) => {
    const r = s.getBoundingClientRect();
    return y < (r.top + r.bottom) / 2;
  });
  const r = (next ?? sections[sections.length - 1]!).getBoundingClientRect();
  return { before: next?.dataset.section ?? null, box: { left: r.left, top: (next ? r.top : r.bottom) - 1, width: r.width, height: 3 } };
}

/** From a press on a section's head. While it is carried all sections show their heads only, so that any place is near. */
export function startSectionDrag(e: React.PointerEvent, section: HTMLElement, onDrop: (before: string | null) => void): void {
  const board = section.closest<HTMLElement>('[data-board]');
  if (!board || !grabs(e, section, 'button:not([aria-expanded]), a, input, [role=menuitem]')) return;
  const all = () => [...board.querySelectorAll<HTMLElement>('[data-section]')];
  carry(e, {
    lifted: section,
    find: (_x, y) => between(all(), y),
    begin: () => {
      const top = section.getBoundingClientRect().top;
      board.classList.add(css.sorting!);
      board.scrollTop += section.getBoundingClientRect().top - top; // the head stays under the pointer
    },
    end: () => board.classList.remove(css.sorting!),
    drop: ({ before }) => {
      const order = all().map((s) => s.dataset.section!), at = order.indexOf(section.dataset.section!);
      if (before !== section.dataset.section && before !== (order[at + 1] ?? null)) onDrop(before);
    },
  });
}

/** From a press on a panel's corner; the panel follows in whole units. */
export function startResize(e: React.PointerEvent, card: HTMLElement, onSize: (s: Size) => void): void {
  if (e.button !== 0) return;
  e.preventDefault();
  const grid = card.parentElement!, units = Number(getComputedStyle(grid).getPropertyValue('--units')) || UNITS;
  const row = Number(getComputedStyle(grid).getPropertyValue('--row')) || 40;
  const body = card.querySelector<HTMLElement>(`.${css.body}`)!;
  const r = card.getBoundingClientRect(), h0 = body.clientHeight, w0 = card.style.getPropertyValue('--w'), hp0 = card.style.getPropertyValue('--h');
  let size: Size | null = null;
  follow(
    (m) => {
      const unit = (grid.clientWidth + 10) / units;
      const w = Math.max(Math.ceil(units / 8), Math.min(units, Math.round((r.width + m.clientX - e.clientX + 10) / unit)));
      const h = Math.max(3, Math.min(24, Math.round((h0 + m.clientY - e.clientY) / row)));
      size = { w: Math.round((w * UNITS) / units), h };
      card.style.setProperty('--w', String(unitsOf(size.w, units)));
      card.style.setProperty('--h', h * row + 'px');
    },
    (done) => {
      if (done && size) return onSize(size);
      card.style.setProperty('--w', w0);
      card.style.setProperty('--h', hp0);
    },
  );
}

/** Follows the pointer until it is let go (true) or Escape is pressed (false). */
function follow(move: (m: PointerEvent) => void, end: (done: boolean) => void): void {
  const stop = (done: boolean) => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', up);
    removeEventListener('pointercancel', cancel);
    removeEventListener('keydown', esc, true);
    document.documentElement.style.userSelect = '';
    end(done);
  };
  const up = () => stop(true), cancel = () => stop(false);
  const esc = (k: KeyboardEvent) => {
    if (k.key !== 'Escape') return;
    k.stopPropagation();
    k.preventDefault();
    stop(false);
  };
  document.documentElement.style.userSelect = 'none';
  addEventListener('pointermove', move);
  addEventListener('pointerup', up);
  addEventListener('pointercancel', cancel);
  addEventListener('keydown', esc, true);
}
