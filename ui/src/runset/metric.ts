// Which metric the list shows beside each run, when nobody chose one.
import type { Catalogue } from '../data/run';

const WISHES = [/(^|[/._-])(val|valid|eval|test)[^a-z]?.*(acc|top1|f1|auc|score|map)/i, /(^|[/._-])(val|valid|eval|test)[^a-z]?.*loss/i, /(acc|top1|f1|auc|reward|return)/i, /loss/i];

/** The likeliest key metric of a catalogue: validation first, then accuracy, then loss. */
export function guessMetric(c: Catalogue | undefined): string | null {
  const keys = (c?.history ?? []).filter((k) => k.type === 'number' && !k.hidden && !k.key.startsWith('_')).sort((a, b) => b.runs - a.runs || a.key.length - b.key.length);
  for (const w of WISHES) {
    const hit = keys.find((k) => w.test(k.key));
    if (hit) return hit.key;
  }
  return keys[0]?.key ?? null;
}

/** A column of the run table that holds the last value of a metric. */
export const metricColumn = (key: string): string => 'summary_metrics.' + key;

/** A value from the table as a number; special numbers come as words. */
export function metricValue(v: unknown): number | null {
  if (typeof v === 'number') return v;
  if (v === 'NaN' || v === 'Infinity' || v === '-Infinity') return Number(v);
  if (v && typeof v === 'object' && 'last' in v) return metricValue((v as { last: unknown }).last);
  return null;
}
