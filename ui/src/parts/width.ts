// The width of the window, once it rests.
import { useEffect, useState } from 'react';

/** CSS pixels. */
export function useWidth(): number {
  const [w, set] = useState(() => innerWidth);
  useEffect(() => {
    let t: ReturnType<typeof setTimeout>;
    const f = () => {
      clearTimeout(t);
      t = setTimeout(() => set(innerWidth), 60);
    };
    addEventListener('resize', f);
    return () => {
      clearTimeout(t);
      removeEventListener('resize', f);
    };
  }, []);
  return w;
}
