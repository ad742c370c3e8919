// One's own workspace as the table sees it: which runs it draws, and the baseline. What is switched here is stored in
// its document, so that the workspace shows it too.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { queryClient } from '../data/cache';
import { runPageQuery } from '../data/run';
import { useUser } from '../data/session';
import { personalNw, stored, storeView, viewName, viewQuery, type OpenView } from '../data/view';
import { FRESH, type RunSetDoc } from '../panel/document';
import { fromSpec, toSpec } from '../panel/spec';
import { filterOf } from '../panel/specruns';
import { isVisible, MOST } from '../runset/visible';
import { toast } from '../parts/toast';

export type OwnView = {
  runs: RunSetDoc | null; // null: not read yet, or nobody is signed in
  canEdit: boolean;
  drawn: (run: string) => boolean;
  count: number | null; // null: not known
  /** Resolves when it is stored, or when that has failed and was said. */
  edit: (change: Partial<RunSetDoc>) => Promise<void>;
};

export function useOwnView(entity: string, project: string): OwnView {
  const user = useUser(), nw = personalNw(user?.name ?? ''), place = useMemo(() => ({ entity, project }), [entity, project]);
  const query = useMemo(() => viewQuery(entity, project, nw), [entity, project, nw]);
  const open = useQuery({ ...query, enabled: user !== null, staleTime: 30_000 }).data;
  const spec = open?.view?.spec;
  const doc = useMemo(() => (open ? (spec ? fromSpec(spec, place).runs : FRESH.runs) : null), [open, spec, place]);
  // What was switched and is not stored yet.
  const [ahead, setAhead] = useState<Partial<RunSetDoc>>({});
  const runs = useMemo(() => doc && { ...doc, ...ahead }, [doc, ahead]);
  const canEdit = open?.readOnly === false;

  const todo = useRef<Partial<RunSetDoc>>({}), busy = useRef<Promise<void> | null>(null);
  const flush = useCallback(async () => {
    try {
      while (Object.keys(todo.current).length) {
        const change = todo.current;
        todo.current = {};
        await store(query, nw, place, change);
      }
    } catch (e) {
      todo.current = {};
      void queryClient.invalidateQueries({ queryKey: query.queryKey });
      toast(`Your workspace could not be changed: ${(e as Error).message}`, undefined, true);
    }
    setAhead({});
    busy.current = null;
  }, [query, nw, place]);
  const edit = useCallback((change: Partial<RunSetDoc>) => {
    todo.current = { ...todo.current, ...change };
    setAhead((old) => ({ ...old, ...change }));
    return (busy.current ??= flush());
  }, [flush]);

  // "The first twelve" are those of the workspace's own list.
  const first = useQuery({ ...runPageQuery({ project: `${entity}/${project}`, q: runs?.query ?? '', filter: filterOf(runs?.filters).filter, order: runs?.order ?? [], columns: [] }, 0), enabled: runs !== null && runs.group.length === 0 }).data;
  const shown = useMemo(() => {
    if (!runs || runs.group.length) return null;
    const by = new Set(first?.rows.filter((r, i) => isVisible(runs.visible, r.name, i)).map((r) => r.name));
    for (const name of runs.pinned) if (runs.visible.base !== 'none' && runs.visible.over[name] !== false) by.add(name);
    for (const [name, on] of Object.entries(runs.visible.over)) if (on) by.add(name);
    return by;
  }, [runs, first]);
  const drawn = useCallback((run: string) => (!runs ? true : runs.group.length || runs.visible.base === 'all' ? (runs.visible.over[run] ?? true) : (shown?.has(run) ?? false)), [runs, shown]);
  const off = runs ? Object.values(runs.visible.over).filter((on) => !on).length : 0;
  const count = !shown || !first ? null : runs?.visible.base === 'all' ? Math.max(0, Math.min(MOST, first.found) - off) : shown.size;
  return { runs, canEdit, drawn, count, edit };
}

/** Stores a change of the list of runs over the newest document that is known. */
async function store(query: ReturnType<typeof viewQuery>, nw: string, place: { entity: string; project: string }, change: Partial<RunSetDoc>): Promise<void> {
  const known: OpenView = queryClient.getQueryData(query.queryKey) ?? (await queryClient.fetchQuery(query)), view = known.view;
  const doc = view ? fromSpec(view.spec, place) : FRESH, spec = toSpec({ ...doc, runs: { ...doc.runs, ...change } }, place);
  const next = await storeView(view ? { id: view.id, spec, revision: view.revision } : { entityName: place.entity, projectName: place.project, name: viewName(nw), displayName: 'My workspace', spec });
  stored(place.entity, place.project, nw, { ...next, spec });
}
