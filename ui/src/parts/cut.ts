// Text that does not fit is cut by CSS; its whole is its title, given when the pointer comes to it and it is cut then.

const MINE = new WeakSet<HTMLElement>(); // elements whose title is from here, to follow their text

function give(e: PointerEvent): void {
  const el = e.target;
  if (!(el instanceof HTMLElement) || el.childElementCount > 3 || !el.textContent?.trim()) return;
  const cut = el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).overflowX !== 'visible';
  if (MINE.has(el)) el.title = cut ? el.textContent : '';
  else if (cut && !el.closest('[title]:not([title=""])')) {
    MINE.add(el);
    el.title = el.textContent;
  }
}

/** Watches the whole document, for as long as the page lives. */
export const titleWhatIsCut = (): void => document.addEventListener('pointerover', give, { passive: true });
