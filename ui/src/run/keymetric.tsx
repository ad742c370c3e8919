// A key metric of a run: its name, last value and course.
import { useEffect, useMemo, useState } from 'react';
import { num } from '../data/format';
import type { RunSeries } from '../data/panel';
import type { CatalogueKey } from '../data/run';
import { subscribe, type PanelState } from '../data/series';
import { Card } from '../parts/surface';
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

export function KeyMetric({ project, run, name, colour, last }: { project: string; run: string; name: string; colour: string; last: unknown }) {
  const [state, set] = useState<PanelState | null>(null);
  useEffect(() => subscribe({ project, runs: [run], key: name, x: '_step', stream: 'history', min: null, max: null, buckets: 120 }, set), [project, run, name]);
  const s = state?.panel?.runs[0];
  const path = useMemo(() => (s && s.x.length > 1 ? sparkPaths(s) : null), [s]);
  const cut = name.lastIndexOf('/') + 1;
  const value = typeof last === 'number' ? last : s?.last[s.last.length - 1];
  return (
    <Card className={css.key ?? ''} aria-label={name}>
      <h2 className="cut" title={name}><span>{name.slice(0, cut)}</span>{name.slice(cut)}</h2>
      <div className={`${css.big} num`}>{num(value)}</div>
      <svg className={css.spark} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
        {path && <><path d={path.band} fill={colour} opacity=".22" /><path d={path.line} fill="none" stroke={colour} strokeWidth="1.5" vectorEffect="non-scaling-stroke" /></>}
      </svg>
    </Card>
  );
}
