// The things in sight as one row of entries: which is shown alone, and which are chosen to stand side by side.
import type { Item } from './items';

/** What one run shows of the key at the step. */
export type Row = { run: string; name: string; colour: number; step: number; items: Item[] };
/** One thing in sight. `id` stays while the step moves. */
export type Entry = { id: string; run: string; name: string; colour: number; step: number; item: Item; label: string };

export const MOST_BESIDE = 4;

export function entriesOf(rows: Row[]): Entry[] {
  return rows.flatMap(({ items, ...r }) =>
    items.map((item, i) => ({
      ...r,
      id: `${r.run} ${i}`,
      item,
      label: `${r.name}${item.caption ? ', ' + item.caption : ''}${items.length > 1 ? `, ${i + 1} of ${items.length}` : ''}, step ${r.step}`,
    })),
  );
}

/** The neighbour of an entry, `by` places on; the ends hold. An entry that is gone gives way to the first. */
export function neighbour(entries: Pick<Entry, 'id'>[], id: string, by: number): string | undefined {
  const at = entries.findIndex((e) => e.id === id);
  return entries[at < 0 ? 0 : Math.min(entries.length - 1, Math.max(0, at + by))]?.id;
}

/** Chooses an entry, or no longer; a fifth is not taken. */
export function choose(chosen: string[], id: string): string[] {
  if (chosen.includes(id)) return chosen.filter((c) => c !== id);
  return chosen.length < MOST_BESIDE ? [...chosen, id] : chosen;
}
