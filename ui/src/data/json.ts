// JSON as the SDK writes it: config and summary may hold NaN, Infinity and -Infinity as bare words.

const MARK = '\u0000';

/** Puts the bare words into quotes, marked, so that JSON.parse accepts them. Strings are left alone. */
function quoteSpecials(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (m) => (m.startsWith('"') ? m : `"\\u0000${m}"`));
}

/** Parses; the bare words become numbers. Returns undefined for text that is no JSON. */
export function parseLoose(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    if (!/NaN|Infinity/.test(text)) return JSON.parse(text);
    return JSON.parse(quoteSpecials(text), (_k, v: unknown) => (typeof v === 'string' && v.startsWith(MARK) ? Number(v.slice(1)) : v));
  } catch {
    return undefined;
  }
}

export type Json = null | boolean | number | string | Json[] | { [k: string]: Json };

/** The config of a run without its wrapping {"value": …} and without the SDK's own part. */
export function configOf(text: string | null | undefined): { [k: string]: Json } {
  const raw = parseLoose(text) as Record<string, { value?: Json } | Json> | undefined;
  const out: { [k: string]: Json } = {};
  for (const [k, v] of Object.entries(raw ?? {})) {
    if (k === '_wandb') continue;
    out[k] = v && typeof v === 'object' && !Array.isArray(v) && 'value' in v ? ((v as { value?: Json }).value ?? null) : (v as Json);
  }
  return out;
}
