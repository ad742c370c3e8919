import { useEffect } from 'react';

/** Names the window: the most particular first. */
export function useTitle(...parts: (string | undefined)[]): void {
  const text = [...parts.filter(Boolean), 'Ballast'].join(' · ');
  useEffect(() => {
    document.title = text;
  }, [text]);
}
