// A dialog gives the focus back to what had it. Radix does so only for dialogs with a trigger of its own.
import { useState } from 'react';

/** For the content of a dialog, which is mounted when it opens: what had the focus just before, and how it gets it again. */
export function useGiveBack(): { onCloseAutoFocus: (e: Event) => void } {
  const [before] = useState(() => document.activeElement);
  return {
    onCloseAutoFocus: (e) => {
      e.preventDefault();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
  };
}
