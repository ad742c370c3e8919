// Moving and resizing by pointer. Nothing of it is React state: a mark shows where the panel would land, and the
// document is edited once, at the end.
import type { Size } from './config';
import { UNITS, unitsOf } from './grid';
import css from './panel.module.css';

const START = 5; // px before a press is a drag

type Landing = { section: string; before: string | null; box: { left: number; top: number; width: number; height: number } };

/** Where a panel would land at a place of the window: before or after the panel there, or into an empty section. */
function landing(x: number, y: number): Landing | null {
  const el = document.elementFromPoint(x, y);
  const section = el?.closest<HTMLElement>('[data-section]');
  if (!section) return null;
  const id = section.dataset.section!, panels = [...section.querySelectorAll<HTMLElement>('[data-panel]')];
  let best: HTMLElement | null = null, near = Infinity;
  for (const p of panels) {
    const r = p.getBoundingClientRect();
    const d = Math.hypot(Math.max(r.left - x, 0, x - r.right), Math.max(r.top - y, 0, y - r.bottom));
    if (d < near) {
      near = d;
      best = p;
    }
  }
  if (!best) {
    const r = section.getBoundingClientRect();
    return { section: id, before: null, box: { left: r.left, top: r.bottom - 4, width: r.width, height: 3 } };
  }
  const r = best.getBoundingClientRect(), after = x > (r.left + r.right) / 2;
  const next = panels[panels.indexOf(best) + 1];
  return { section: id, before: after ? (next?.dataset.panel ?? null) : best.dataset.panel!, box: { left: after ? r.right + 3 : r.left - 6, top: r.top, width: 3, height: r.height } };
}

/** From a press on a panel's header. `onDrop` hears the section and the panel to stand before. */
export function startDrag(e: React.PointerEvent, card: HTMLElement, onDrop: (section: string, before: string | null) => void): void {
  if (e.button !== 0 || e.pointerType === 'touch' || (e.target as HTMLElement).closest('button, a, input')) return;
  const x0 = e.clientX, y0 = e.clientY, scroll = card.closest<HTMLElement>('[data-board]');
  let mark: HTMLElement | null = null, at: Landing | null = null, frame = 0, last = { x: x0, y: y0 };
  const tick = () => {
    frame = requestAnimationFrame(tick);
    const r = scroll?.getBoundingClientRect();
    if (!scroll || !r) return;
    const edge = 48, by = last.y < r.top + edge ? last.y - r.top - edge : last.y > r.bottom - edge ? last.y - r.bottom + edge : 0;
    if (by) {
      scroll.scrollTop += by / 4;
      show();
    }
  };
  const show = () => {
    at = landing(last.x, last.y);
    mark!.hidden = !at;
    if (at) Object.assign(mark!.style, { left: at.box.left + 'px', top: at.box.top + 'px', width: at.box.width + 'px', height: at.box.height + 'px' });
  };
  const move = (m: PointerEvent) => {
    last = { x: m.clientX, y: m.clientY };
    if (!mark) {
      if (Math.hypot(m.clientX - x0, m.clientY - y0) < START) return;
      mark = document.createElement('div');
      mark.className = css.drop!;
      document.body.append(mark);
      card.classList.add(css.lifted!);
      frame = requestAnimationFrame(tick);
    }
    show();
  };
  follow(move, (done) => {
    cancelAnimationFrame(frame);
    mark?.remove();
    card.classList.remove(css.lifted!);
    if (done && mark && at && at.before !== card.dataset.panel) onDrop(at.section, at.before);
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
