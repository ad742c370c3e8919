// Settings of workspace, section and line panel in the stored form. The form has fewer, and says weights in percent
// where the package allows whole numbers only; ours stand beside them in "ballast".
import type { Settings } from '../chart/view';
import { cleanSettings } from './setting';
import { bool, num, obj, omit, str, type Wire } from './spec';

const TYPES: Record<string, Settings['smoothing']> = { exponentialTimeWeighted: 'twema', exponential: 'ema', gaussian: 'gaussian', average: 'mean', none: 'none' };
const WORDS = Object.fromEntries(Object.entries(TYPES).map(([wire, ours]) => [ours, wire])) as Record<Settings['smoothing'], string>;
const AGG = /^(mean|median|min|max)$/, AREA = /^(minmax|stddev|stderr|none)$/;

/** Weights are parts of one, or percent where they are whole. */
const weight = (v: number): number => Math.min(0.99, Math.max(0, v >= 1 ? v / 100 : v));
const none = <T>(o: Record<string, T | undefined>): Partial<Settings> => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as Partial<Settings>;

/** What a workspace or section (`own`: only what it overrides) says. */
export function settingsFrom(w: Wire, own = false): Partial<Settings> {
  if (w.ballast !== undefined) return cleanSettings(obj(w.ballast));
  const smooth = num(w.smoothingWeight), type = TYPES[str(w.smoothingType) ?? ''];
  const active = own ? w.smoothingActive !== false && (smooth ?? 0) > 0 : smooth !== undefined && smooth > 0;
  const x = str(w.xAxis);
  return none({
    x: x !== undefined && x !== '_step' ? x : undefined,
    xMin: num(w.xAxisMin),
    xMax: num(w.xAxisMax),
    smooth: active ? weight(smooth!) : undefined,
    smoothing: active && type ? type : undefined,
    clip: w.ignoreOutliers === true ? true : undefined,
    max: num(w.maxRuns) !== undefined ? Math.max(1, Math.round(num(w.maxRuns)!)) : undefined,
    grouped: w.useRunsTableGroupingInPanels === false ? false : undefined,
  });
}

/** The stored settings over what was stored. */
export function settingsTo(was: Wire, s: Partial<Settings>, own = false): Wire {
  const rest = omit(was, 'ballast', 'xAxisMin', 'xAxisMax', 'maxRuns');
  const x = s.x ?? '_step', smooth = s.smooth ?? 0;
  const type = WORDS[s.smoothing ?? (own ? 'none' : 'twema')];
  return {
    ...rest,
    smoothingWeight: Math.round(smooth * 100),
    smoothingType: smooth > 0 && type === 'none' && s.smoothing === undefined ? 'exponentialTimeWeighted' : type,
    xAxis: x,
    ignoreOutliers: s.clip ?? false,
    useRunsTableGroupingInPanels: s.grouped ?? true,
    ...(s.xMin !== undefined && s.xMin !== null ? { xAxisMin: s.xMin } : {}),
    ...(s.xMax !== undefined && s.xMax !== null ? { xAxisMax: s.xMax } : {}),
    ...(s.max !== undefined ? { maxRuns: s.max } : {}),
    smoothingActive: smooth > 0 || (!own && type !== 'none'),
    xAxisActive: x !== '_step' || s.xMin != null || s.xMax != null,
    ballast: s,
  };
}

/** What a line panel sets for itself. */
export function lineSettingsFrom(c: Wire): Partial<Settings> {
  if (c.ballast !== undefined) return cleanSettings(obj(obj(c.ballast).settings));
  const smooth = num(c.smoothingWeight);
  return none({
    x: str(c.xAxis),
    xMin: num(c.xAxisMin),
    xMax: num(c.xAxisMax),
    yMin: num(c.yAxisMin),
    yMax: num(c.yAxisMax),
    logX: bool(c.xLogScale),
    logY: bool(c.yLogScale),
    clip: bool(c.ignoreOutliers),
    smooth: smooth === undefined ? undefined : weight(smooth),
    smoothing: TYPES[str(c.smoothingType) ?? ''],
    ghost: bool(c.showOriginalAfterSmoothing),
    agg: AGG.test(str(c.groupAgg) ?? '') ? str(c.groupAgg) : undefined,
    area: AREA.test(str(c.groupArea) ?? '') ? str(c.groupArea) : undefined,
    max: num(c.limit) !== undefined ? Math.max(1, Math.round(num(c.limit)!)) : undefined,
  } as Record<string, string | number | boolean | undefined>);
}

/** A line panel's config with its settings. What says the same as before stays as it was written. */
export function lineSettingsTo(config: Wire, s: Partial<Settings>): Wire {
  const was = lineSettingsFrom({ ...config, ballast: undefined });
  const same = (k: keyof Settings) => was[k] === s[k];
  const out: Wire = { ...config };
  const put = (k: keyof Settings, field: string, value: unknown) => {
    if (same(k)) return;
    if (s[k] === undefined || s[k] === null) Reflect.deleteProperty(out, field);
    else out[field] = value;
  };
  put('x', 'xAxis', s.x);
  put('xMin', 'xAxisMin', s.xMin);
  put('xMax', 'xAxisMax', s.xMax);
  put('yMin', 'yAxisMin', s.yMin);
  put('yMax', 'yAxisMax', s.yMax);
  put('logX', 'xLogScale', s.logX);
  put('logY', 'yLogScale', s.logY);
  put('clip', 'ignoreOutliers', s.clip);
  put('smooth', 'smoothingWeight', s.smooth);
  put('smoothing', 'smoothingType', s.smoothing && WORDS[s.smoothing]);
  put('ghost', 'showOriginalAfterSmoothing', s.ghost);
  put('agg', 'groupAgg', s.agg);
  put('area', 'groupArea', s.area);
  put('max', 'limit', s.max);
  if (Object.keys(s).length) out.ballast = { settings: s };
  return out;
}
