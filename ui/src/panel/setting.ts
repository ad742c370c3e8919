// The settings of panels in words.
import { xName } from '../chart/axes';
import { SMOOTHINGS } from '../chart/smooth';
import { DEFAULTS, type Settings } from '../chart/view';
import { num } from '../data/format';

export const AGGS: { value: Settings['agg']; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'median', label: 'Median' },
  { value: 'min', label: 'Least' },
  { value: 'max', label: 'Most' },
];
export const AREAS: { value: Settings['area']; label: string }[] = [
  { value: 'minmax', label: 'Least to most' },
  { value: 'stddev', label: 'Standard deviation' },
  { value: 'stderr', label: 'Standard error' },
  { value: 'none', label: 'No band' },
];

/** One setting in a few letters, for the chip of an override. */
export function settingText<K extends keyof Settings>(key: K, value: Settings[K]): string {
  const v = value as never;
  switch (key) {
    case 'x': return 'x ' + xName(v);
    case 'xMin': return v === null ? 'x from the first' : 'x from ' + num(v);
    case 'xMax': return v === null ? 'x to the last' : 'x to ' + num(v);
    case 'yMin': return v === null ? 'y by the data' : 'y from ' + num(v);
    case 'yMax': return v === null ? 'y by the data' : 'y to ' + num(v);
    case 'logX': return v ? 'log x' : 'linear x';
    case 'logY': return v ? 'log' : 'linear';
    case 'smooth': return v === 0 ? 'not smoothed' : 'smooth ' + (v as number).toFixed(2);
    case 'smoothing': return SMOOTHINGS.find((s) => s.value === v)?.label ?? String(v);
    case 'band': return v ? 'min–max' : 'no min–max';
    case 'ghost': return v ? 'unsmoothed too' : 'smoothed only';
    case 'clip': return v ? 'clipped' : 'not clipped';
    case 'grouped': return v ? 'grouped' : 'single runs';
    case 'agg': return AGGS.find((a) => a.value === v)?.label.toLowerCase() ?? String(v);
    case 'area': return AREAS.find((a) => a.value === v)?.label.toLowerCase() ?? String(v);
    case 'max': return `first ${value}`;
    case 'sync': return v ? 'shared zoom' : 'own zoom';
    case 'legend': return v ? 'legend' : 'no legend';
  }
  return key;
}

/** Keeps what is a setting of the right type; other fields are dropped. */
export function cleanSettings(o: Record<string, unknown>): Partial<Settings> {
  const out: Record<string, unknown> = {};
  for (const [k, usual] of Object.entries(DEFAULTS)) {
    const v = o[k];
    if (v === undefined) continue;
    if (/^[xy](Min|Max)$/.test(k) ? v === null || (typeof v === 'number' && Number.isFinite(v)) : typeof v === typeof usual) out[k] = v;
  }
  return out as Partial<Settings>;
}
