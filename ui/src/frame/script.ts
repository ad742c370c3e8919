// Libraries that are built already: they are sent as they are and put a name on the window.

/** Loads a script of ours once and returns what it named. */
export function library<T>(url: string, name: string): Promise<T> {
  const known = (window as unknown as Record<string, T | undefined>)[name];
  if (known) return Promise.resolve(known);
  return new Promise((ok, no) => {
    const s = document.createElement('script');
    s.src = url;
    s.onload = () => ok((window as unknown as Record<string, T>)[name]!);
    s.onerror = () => no(new Error('A part of the page could not be loaded. Reload it.'));
    document.head.append(s);
  });
}
