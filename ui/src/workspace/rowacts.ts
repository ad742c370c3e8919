// What rows of the list do to the document.
import { useEffect, useMemo, useRef } from 'react';
import type { RunSetDoc } from '../panel/document';
import { leaves, type Item } from '../runset/groups';
import type { RowActs } from './Row';
import type { RunSet } from '../runset/useRunSet';
import { only, toggle, type Visibility } from '../runset/visible';

const PINS = 20; // as the package has it

const idsOf = (it: Item): string[] => (it.kind === 'run' ? [it.run.name] : leaves([it.group]).map((g) => g.id));
const without = (o: Record<string, string>, id: string): Record<string, string> => Object.fromEntries(Object.entries(o).filter(([k]) => k !== id));

/** Colours by hand after one was given or taken back. */
export const coloured = (colours: Record<string, string>, id: string, hex: string | null): Record<string, string> => (hex === null ? without(colours, id) : { ...colours, [id]: hex });

export const pinned = (pins: string[], run: string): string[] => (pins.includes(run) ? pins.filter((p) => p !== run) : [...pins, run].slice(-PINS));

export function switched(v: Visibility, it: Item, now: boolean): Visibility {
  return idsOf(it).reduce((w, id) => toggle(w, id, now), v);
}
/** Only this; of a run within groups, its group with it. */
function alone(it: Item, set: RunSet): Visibility {
  if (it.kind === 'group') return { base: 'none', over: Object.fromEntries(idsOf(it).map((id) => [id, true])) };
  const home = leaves(set.groups).find((g) => g.runs.some((r) => r.name === it.run.name));
  if (!home) return only(it.run.name);
  return { base: 'none', over: { [home.id]: true, ...Object.fromEntries(home.runs.filter((r) => r.name !== it.run.name).map((r) => [r.name, false])) } };
}

/** Stable acts over the newest state. */
export function useRowActs(doc: RunSetDoc, set: RunSet, onRuns: (c: Partial<RunSetDoc>) => void, onPeek: (run: string) => void, onColour: (of: { id: string; name: string }) => void): RowActs {
  const now = useRef({ doc, set });
  useEffect(() => {
    now.current = { doc, set };
  });
  return useMemo(
    () => ({
      onToggle: (it, on) => onRuns({ visible: switched(now.current.doc.visible, it, on) }),
      onOnly: (it) => onRuns({ visible: alone(it, now.current.set) }),
      onPeek,
      onPin: (run) => onRuns({ pinned: pinned(now.current.doc.pinned, run) }),
      onBaseline: (run) => {
        const d = now.current.doc;
        // A baseline is pinned too: it is compared with, so it stays in sight.
        onRuns(d.baseline === run ? { baseline: null } : { baseline: run, pinned: d.pinned.includes(run) ? d.pinned : pinned(d.pinned, run) });
      },
      onColour: (id, name) => onColour({ id, name }),
    }),
    [onRuns, onPeek, onColour],
  );
}
