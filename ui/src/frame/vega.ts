// What the frame and the trial worker tell Vega alike.
import { loader } from 'vega';

/** A loader that loads nothing and says so. */
export function noLoader(warn: (text: string) => void): unknown {
  const l = loader() as unknown as Record<string, unknown>;
  const refuse = (uri: unknown) => {
    const text = `The chart asks for ${String(uri).slice(0, 200)}. A chart has the data of its runs only, nothing is loaded.`;
    warn(text);
    return Promise.reject(new Error(text));
  };
  l.load = refuse;
  l.sanitize = refuse;
  l.http = refuse;
  l.file = refuse;
  return l;
}

/** Vega's messages as words. */
export function logger(warn: (text: string) => void): unknown {
  const text = (args: unknown[]) => args.map((a) => (a instanceof Error ? a.message : String(a))).join(' ');
  const l = {
    level: () => l,
    error: (...a: unknown[]) => (warn(text(a)), l),
    warn: (...a: unknown[]) => (warn(text(a)), l),
    info: () => l,
    debug: () => l,
  };
  return l;
}
