// What a run is measured against: the baseline of the reader's workspace, the run that it was forked from, or the run
// that was started before it.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { previousRunQuery } from '../data/environment';
import { configOf, type Json } from '../data/json';
import { runQuery, type RunDetail } from '../data/run';
import { useUser } from '../data/session';
import { personalNw, viewQuery } from '../data/view';
import { fromSpec } from '../panel/spec';

export const HOWS = ['baseline', 'parent', 'previous'] as const;
export type How = (typeof HOWS)[number];
/** `name` is the run's id, `display` what people call it. */
export type Other = { how: How; name: string; display: string; root: { [k: string]: Json } };
export type Against = { other: Other | null; hows: How[]; choose: (how: How) => void };

/** The baseline that the reader chose in their own workspace of the project; null for none. */
function useBaseline(entity: string, project: string): string | null {
  const user = useUser();
  const view = useQuery({ ...viewQuery(entity, project, personalNw(user?.name ?? '')), enabled: user !== null, staleTime: 30_000 }).data?.view ?? null;
  return useMemo(() => (view ? fromSpec(view.spec, { entity, project }).runs.baseline : null), [view, entity, project]);
}

export function useAgainst(entity: string, project: string, run: RunDetail): Against {
  const [chosen, choose] = useState<How | null>(null);
  const previous = useQuery(previousRunQuery(entity, project, run.name, run.createdAt)).data?.name ?? null;
  const parent = run.branches.find((b) => b.from && !b.gone && b.from !== run.name)?.from ?? null;
  const baseline = useBaseline(entity, project);
  const names: Record<How, string | null> = { baseline: baseline === run.name ? null : baseline, parent, previous };
  const hows = HOWS.filter((h) => names[h] !== null);
  const how = chosen && names[chosen] !== null ? chosen : (hows[0] ?? null);
  const name = how ? names[how] : null;
  const data = useQuery({ ...runQuery(entity, project, name ?? ''), enabled: name !== null }).data;
  const other = useMemo(() => (data && how ? { how, name: data.name, display: data.displayName || data.name, root: configOf(data.config) } : null), [data, how]);
  return { other, hows, choose };
}
