// Which panels there are: one for every numeric key, in sections by the first prefix before "/".
import type { Catalogue, CatalogueKey } from '../data/run';

export type PanelSpec = { id: string; key: string; stream: 'history' | 'events'; step: string | null };
export type Section = { name: string; title: string; panels: PanelSpec[]; system: boolean };
export type Board = { sections: Section[]; other: { type: string; keys: string[] }[]; total: number };

const HIDDEN = /^_(step|runtime|timestamp|wandb)(\.|$)/;
const numeric = (k: CatalogueKey) => k.type === 'number' || k.type === 'bool' || k.type === 'boolean';

/** Text order in which numbers inside count as numbers: layer2 before layer10. */
export const natural = new Intl.Collator('en', { numeric: true }).compare;

/** Builds the sections of a catalogue. `match` keeps keys; `by` chooses the prefix. */
export function buildBoard(c: Catalogue, match: ((key: string) => boolean) | null, by: 'first' | 'last' = 'first'): Board {
  const by_ = new Map<string, PanelSpec[]>();
  const other = new Map<string, string[]>();
  for (const k of c.history) {
    if (k.hidden || HIDDEN.test(k.key)) continue;
    if (!numeric(k)) {
      other.set(k.type, [...(other.get(k.type) ?? []), k.key]);
      continue;
    }
    if (match && !match(k.key)) continue;
    const name = prefix(k.key, by);
    by_.set(name, [...(by_.get(name) ?? []), { id: 'h:' + k.key, key: k.key, stream: 'history', step: k.step }]);
  }
  const sections = [...by_].map(([name, panels]) => ({ name, title: name || 'Charts', panels: sorted(panels), system: false }));
  sections.sort((a, b) => Number(a.name === '') - Number(b.name === '') || natural(a.name, b.name));
  const events = c.events.filter((k) => numeric(k) && !HIDDEN.test(k.key) && (!match || match(k.key))).map((k): PanelSpec => ({ id: 'e:' + k.key, key: k.key, stream: 'events', step: null }));
  if (events.length) sections.push({ name: 'system', title: 'system', panels: sorted(events), system: true });
  return { sections, other: [...other].map(([type, keys]) => ({ type, keys })), total: sections.reduce((n, s) => n + s.panels.length, 0) };
}

const sorted = (p: PanelSpec[]) => p.sort((a, b) => natural(a.key, b.key));

function prefix(key: string, by: 'first' | 'last'): string {
  const i = by === 'first' ? key.indexOf('/') : key.lastIndexOf('/');
  return i <= 0 ? '' : key.slice(0, i);
}

/** A key as it is shown: its prefix quiet, a leading "system." left out, escaped dots plain. */
export function keyParts(spec: { key: string; stream: string }): [string, string] {
  const key = (spec.stream === 'events' ? spec.key.replace(/^system[./]/, '') : spec.key).replaceAll('\\.', '.');
  const i = spec.stream === 'events' ? -1 : key.lastIndexOf('/');
  return i <= 0 ? ['', key] : [key.slice(0, i + 1), key.slice(i + 1)];
}

/** Whole rows to a page, at most a hundred panels. */
export const pageSize = (cols: number): number => Math.min(100, cols * (cols === 1 ? 12 : 4));

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
