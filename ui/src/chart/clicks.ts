// A click on a line opens its run; a double click resets the zoom.

type Acts = { run: () => string | null; zoomed: () => boolean; open: (run: string) => void; reset: () => void; after: () => void };

const SECOND = 250; // ms in which a second click may follow

/** Listens on a plot. Returns how to forget a click that still waits for its second. */
export function clicks(el: HTMLElement, acts: Acts): () => void {
  let wait: ReturnType<typeof setTimeout> | undefined;
  el.addEventListener('click', () => {
    clearTimeout(wait);
    const run = acts.run();
    acts.after();
    if (run === null) return;
    // Only a zoomed picture has something to reset, so only there a click waits.
    if (acts.zoomed()) wait = setTimeout(() => acts.open(run), SECOND);
    else acts.open(run);
  });
  el.addEventListener('dblclick', () => {
    clearTimeout(wait);
    acts.reset();
  });
  return () => clearTimeout(wait);
}
