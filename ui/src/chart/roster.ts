// The panels now mounted, by board: those of one axis tell each other of its span.
import type { LinePanel } from './LinePanel';
import type { View } from './view';

export const boards = new WeakMap<View, Set<LinePanel>>();

export function enroll(view: View, p: LinePanel): () => void {
  const set = boards.get(view) ?? new Set<LinePanel>();
  boards.set(view, set.add(p));
  return () => void set.delete(p);
}
