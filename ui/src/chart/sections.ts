// Names of keys: their order, how they are shown, how they are searched.
/** Text order in which numbers inside count as numbers: layer2 before layer10. */
export const natural = new Intl.Collator('en', { numeric: true }).compare;

/** A key as it is shown: its prefix quiet, a leading "system." left out, escaped dots plain. */
export function keyParts(spec: { key: string; stream: string }): [string, string] {
  const key = (spec.stream === 'events' ? spec.key.replace(/^system[./]/, '') : spec.key).replaceAll('\\.', '.');
  const i = spec.stream === 'events' ? -1 : key.lastIndexOf('/');
  return i <= 0 ? ['', key] : [key.slice(0, i + 1), key.slice(i + 1)];
}

/** A matcher of the panel search: a regular expression, or plain text where it is none yet. */
export function matcher(text: string): ((key: string) => boolean) | null {
  if (!text.trim()) return null;
  try {
    const re = new RegExp(text, 'i');
    return (k) => re.test(k);
  } catch {
    const t = text.toLowerCase();
    return (k) => k.toLowerCase().includes(t);
  }
}
