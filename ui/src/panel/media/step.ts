// The step that media panels show. Panels that go together share one; it is view state, never part of the document.
import { useSyncExternalStore } from 'react';
import type { View } from '../../chart/view';

type Store = { step: number | null; ears: Set<() => void> };
const shared = new WeakMap<View, Store>();

export const makeStep = (): Store => ({ step: null, ears: new Set() });
export function sharedStep(view: View): Store {
  let s = shared.get(view);
  if (!s) shared.set(view, (s = makeStep()));
  return s;
}

/** The step, null for the newest, and how to move it. */
export function useStep(s: Store): [number | null, (step: number | null) => void] {
  const step = useSyncExternalStore((f) => (s.ears.add(f), () => s.ears.delete(f)), () => s.step);
  return [step, (v) => ((s.step = v), s.ears.forEach((f) => f()))];
}
