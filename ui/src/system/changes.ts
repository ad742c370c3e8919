// What a section's form says has changed.
import type { Section, Setting, Values } from '../data/system';

/** The value a field shows at first: of an address only the first of the list, for that is the one in use. */
export const shown = (s: Setting): string => (s.source === 'default' ? '' : s.name === 'bucket' ? (s.value.split(',')[0] ?? '').replace(/^folder$/, '') : s.value);

/** The values that differ from what is in effect. */
export function changed(section: Section, typed: Values, external: boolean): Values {
  const out: Values = {};
  for (const s of section.settings) {
    if (s.locked) continue;
    const now = s.name === 'bucket' && !external ? '' : typed[s.name]?.trim();
    if (now !== undefined && now !== shown(s)) out[s.name] = now;
  }
  return out;
}
