import { useEffect, useState } from 'react';

/** The time, each second while something on screen counts. */
export function useTicking(ticking: boolean): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return;
    const t = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(t);
  }, [ticking]);
  return now;
}
