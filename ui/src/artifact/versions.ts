// Finding a version among those of its collection.
import type { ListedVersion } from '../data/artifact';

/** Whether a version's number, aliases, tags or metadata hold a text. */
export function fits(v: ListedVersion, text: string): boolean {
  const find = text.trim().toLowerCase();
  return !find || `${v.version} ${v.aliases.join(' ')} ${v.tags.join(' ')} ${JSON.stringify(v.metadata)}`.toLowerCase().includes(find);
}

/** The version before another in a list that begins with the newest; null for the first. */
export function before(list: ListedVersion[], version: string): ListedVersion | null {
  const i = list.findIndex((v) => v.version === version);
  return i < 0 ? null : (list[i + 1] ?? null);
}
