// Columns of the drawn runs with their strokes, for charts of one mark per run.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DrawnRun, View } from '../../chart/view';
import { RUNSET_MOST, runValuesQuery } from '../../data/runset';
import { useDrawn } from '../inside/Inside';

export type RunValues = { run: DrawnRun; values: unknown[]; created: string; group: string };

export function useRunValues(view: View, columns: string[], most = RUNSET_MOST): { rows: RunValues[]; pending: boolean; error: Error | null; retry: () => void; left: number; none: boolean } {
  const { runs, names, left, live } = useDrawn(view, most);
  const asked = columns.filter(Boolean);
  const q = useQuery({ ...runValuesQuery(view.project, names, asked, live), placeholderData: keepPreviousData });
  const by = new Map(runs.map((r) => [r.name, r]));
  const rows = (q.data ?? []).flatMap((r): RunValues[] => (by.has(r.name) ? [{ run: by.get(r.name)!, values: columns.map((c) => (c ? r.values[c] : undefined)), created: r.created, group: r.group }] : []));
  return { rows, pending: q.isPending && names.length > 0, error: q.data ? null : q.error, retry: () => void q.refetch(), left, none: names.length === 0 };
}
