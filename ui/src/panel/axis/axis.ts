// How stored panels name a value of a run ("config:lr.value", "summary:loss"; older ones "c::lr", "loss"), and the
// column of the run table that it is.

const RUN_FIELDS: Record<string, string> = { createdAt: 'created_at', displayName: 'display_name', name: 'name', state: 'state', group: 'group', jobType: 'job_type', runtime: 'duration', duration: 'duration' };

/** The run table's column of an axis; '' for none. */
export function columnOf(axis: string | null | undefined): string {
  if (!axis) return '';
  const m = /^(config|c|summary|s|run|keys_info):{1,2}(.+)$/s.exec(axis);
  if (!m) return axis.startsWith('summary_metrics.') || axis.startsWith('config.') ? axis : 'summary_metrics.' + axis;
  const [, kind, rest] = m as unknown as [string, string, string];
  if (kind === 'config' || kind === 'c') return 'config.' + rest.replace(/\.value$/, '').replace('.value.', '.');
  if (kind === 'run') return RUN_FIELDS[rest] ?? rest;
  return 'summary_metrics.' + rest;
}

export const summaryAxis = (key: string): string => 'summary:' + key;
/** "lr" is "config:lr.value", "optim.lr" is "config:optim.value.lr". A dot of a key itself is escaped. */
export const configAxis = (path: string): string => 'config:' + path.replace(/^((?:\\.|[^.\\])+)/, '$1.value');

/** An axis as people read it. */
export function axisName(axis: string | null | undefined): string {
  const c = columnOf(axis);
  return c.replace(/^(config|summary_metrics)\./, '').replaceAll('\\.', '.');
}

/** A value as a number; NaN when it is none. Booleans are 0 and 1. */
export function numberOf(v: unknown): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'boolean') return Number(v);
  if (v === 'Infinity') return Infinity;
  if (v === '-Infinity') return -Infinity;
  if (typeof v === 'string' && v.trim() !== '' && Number.isFinite(Number(v))) return Number(v);
  return NaN;
}
