// A key metric of a run: its name, last value, what it differs from another run's by at the same step, and its course.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { int, num } from '../data/format';
import { delta, goalOf } from '../data/goal';
import type { RunSeries } from '../data/panel';
import type { CatalogueKey } from '../data/run';
import { subscribe, valueAtQuery, type PanelState } from '../data/series';
import { Card } from '../parts/surface';
import type { How, Other } from './against';
import css from './overview.module.css';

const W = 240, H = 46;

/** A line through the last values with the band from min to max behind it, in a box of W by H. */
export function sparkPaths(s: Pick<RunSeries, 'x' | 'last' | 'min' | 'max'>): { line: string; band: string } {
  const n = s.x.length;
  if (n === 0) return { line: '', band: '' };
  let lo = Infinity, hi = -Infinity;
  for (let i = 0; i < n; i++) { lo = Math.min(lo, s.min[i]!); hi = Math.max(hi, s.max[i]!); }
  const x0 = s.x[0]!, x1 = s.x[n - 1]!;
  const px = (i: number) => (x1 > x0 ? ((s.x[i]! - x0) / (x1 - x0)) * W : W / 2).toFixed(1);
  const py = (v: number) => (hi > lo ? 3 + (1 - (v - lo) / (hi - lo)) * (H - 6) : H / 2).toFixed(1);
  const idx = Array.from({ length: n }, (_, i) => i);
  const line = 'M' + idx.map((i) => `${px(i)} ${py(s.last[i]!)}`).join('L');
  const band = 'M' + idx.map((i) => `${px(i)} ${py(s.max[i]!)}`).join('L') + 'L' + idx.reverse().map((i) => `${px(i)} ${py(s.min[i]!)}`).join('L') + 'Z';
  return { line, band };
}

const WORDS = /(^|[/_.-])(loss|acc|accuracy|top1|f1|auc|reward|bleu|ppl|perplexity|error|score|iou|map)([/_.-]|\d|$)/i;
const VALIDATION = /^(val|valid|validation|eval|test)[/_.-]/i;

/** The keys that people look at first: validation, then names of losses and scores, then the rest. */
export function keyMetrics(keys: CatalogueKey[], most = 5): string[] {
  const rank = (k: string) => (VALIDATION.test(k) ? 0 : 2) + (WORDS.test(k) ? 0 : 1);
  return keys.filter((k) => k.type === 'number' && !k.hidden && !k.key.startsWith('_'))
    .map((k) => k.key).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).slice(0, most);
}

const AGAINST: Record<How, string> = { baseline: 'vs baseline', parent: 'vs parent', previous: 'vs run before' };
const COMPARED_EVERY = 5000; // ms between two comparisons of a run that goes on

/** The last point, taken up at most every few seconds while the run goes on. */
function useLastPoint(s: RunSeries | undefined, live: boolean): { step: number; value: number } | null {
  const n = s?.x.length ?? 0, step = n ? s!.x[n - 1]! : null, value = n ? s!.last[n - 1]! : null;
  const [at, set] = useState<{ step: number; value: number } | null>(null);
  const taken = useRef(0);
  useEffect(() => {
    if (step === null || value === null) return;
    const t = setTimeout(() => { taken.current = Date.now(); set({ step, value }); }, live ? Math.max(0, taken.current + COMPARED_EVERY - Date.now()) : 0);
    return () => clearTimeout(t);
  }, [step, value, live]);
  return at;
}

type Props = { project: string; run: string; live: boolean; name: string; colour: string; last: unknown; other: Other | null };

export function KeyMetric({ project, run, live, name, colour, last, other }: Props) {
  const [state, set] = useState<PanelState | null>(null);
  useEffect(() => subscribe({ project, runs: [run], key: name, x: '_step', stream: 'history', min: null, max: null, buckets: 120 }, set), [project, run, name]);
  const s = state?.panel?.runs[0];
  const path = useMemo(() => (s && s.x.length > 1 ? sparkPaths(s) : null), [s]);
  const at = useLastPoint(s, live);
  const cut = name.lastIndexOf('/') + 1;
  const value = typeof last === 'number' ? last : s?.last[s.last.length - 1];
  return (
    <Card className={css.key ?? ''} aria-label={name}>
      <h2 className="cut" title={name}><span>{name.slice(0, cut)}</span>{name.slice(cut)}</h2>
      <div className={`${css.big} num`}>{num(value)}</div>
      {other && <Delta project={project} name={name} other={other} at={at} />}
      <svg className={css.spark} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
        {path && <><path d={path.band} fill={colour} opacity=".22" /><path d={path.line} fill="none" stroke={colour} strokeWidth="1.5" vectorEffect="non-scaling-stroke" /></>}
      </svg>
    </Card>
  );
}

/** The difference to another run at the same step, coloured where the name says which way is better. */
function Delta({ project, name, other, at }: { project: string; name: string; other: Other; at: { step: number; value: number } | null }) {
  const base = useQuery({ ...valueAtQuery(project, other.name, name, at?.step ?? 0), enabled: at !== null, placeholderData: keepPreviousData }).data;
  if (!at || base === undefined) return <div className={css.delta}>&nbsp;</div>;
  const words = delta(at.value, base), better = goalOf(name) * (at.value - (base ?? NaN));
  return (
    <div className={`${css.delta} num`} title={base === null ? `${other.display} has no value at step ${int(at.step)}` : `${other.display} had ${num(base)} at step ${int(at.step)}`}>
      {base === null ? 'none there' : <b className={better > 0 ? css.better : better < 0 ? css.worse : undefined}>{words || '±0'}</b>} <span>{AGAINST[other.how]}</span>
    </div>
  );
}
