// All accelerators of a run at once: a row each, time to the right, the value as depth of colour.
import { useEffect, useMemo, useReducer, useRef, useState, type KeyboardEvent } from 'react';
import { natural } from '../chart/sections';
import { fade, token } from '../chart/colour';
import { int, num, span } from '../data/format';
import type { RunSeries } from '../data/panel';
import { subscribe } from '../data/series';
import { Segment } from '../parts/button';
import { useTheme } from '../parts/usetheme';
import { metricWords, nodesOf, stripMetrics, type SysKey } from './sys';
import css from './system.module.css';

const ROW = 14;
const BUCKETS = 240;
const MOST = 256; // rows

/** The index of the last point at or before x; -1 before the first. */
export function pointAt(x: Float64Array, at: number): number {
  let lo = 0, hi = x.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (x[mid]! <= at) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}

/** The series of some keys of one run, by key; subscribed while shown. */
function useSeries(project: string, run: string, keys: string[]): [Map<string, RunSeries>, number] {
  const [version, bump] = useReducer((n: number) => n + 1, 0);
  const got = useMemo(() => new Map<string, RunSeries>(), [project, run, keys]); // eslint-disable-line react-hooks/exhaustive-deps -- others have other series
  useEffect(() => {
    const leave = keys.map((key) =>
      subscribe({ project, runs: [run], key, x: '_runtime', stream: 'events', min: null, max: null, buckets: BUCKETS }, (s) => {
        const r = s.panel?.runs[0];
        if (r) got.set(key, r);
        bump();
      }),
    );
    return () => leave.forEach((f) => f());
  }, [project, run, keys, got]);
  return [got, version];
}

export function Strip({ project, run, keys, node }: { project: string; run: string; keys: SysKey[]; node: string | null }) {
  const metrics = useMemo(() => stripMetrics(keys), [keys]);
  const [chosen, setMetric] = useState<string | null>(null);
  const metric = chosen && metrics.includes(chosen) ? chosen : (metrics[0] ?? '');
  const many = useMemo(() => nodesOf(keys).length > 1, [keys]);
  const rows = useMemo(() => keys.filter((k) => k.accelerator && k.metric === metric && (node === null || k.node === node)).sort((a, b) => natural(a.node, b.node) || natural(a.device, b.device)), [keys, metric, node]);
  const shown = useMemo(() => rows.slice(0, MOST), [rows]);
  const names = useMemo(() => shown.map((k) => k.key), [shown]);
  const [series, version] = useSeries(project, run, names);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [at, setAt] = useState<{ row: number; part: number } | null>(null);
  const range = useMemo(() => {
    let lo = Infinity, hi = -Infinity, top = metric === 'temp' ? 90 : 100;
    for (const s of series.values()) {
      if (s.x.length === 0) continue;
      lo = Math.min(lo, s.x[0]!);
      hi = Math.max(hi, s.x[s.x.length - 1]!);
      for (const v of s.max) top = Math.max(top, v);
    }
    return { lo, hi, top };
  }, [series, version, metric]); // eslint-disable-line react-hooks/exhaustive-deps -- version says that the series changed

  useEffect(() => {
    const c = canvas.current, g = c?.getContext('2d');
    if (!c || !g) return;
    const paint = () => {
      const d = devicePixelRatio, w = c.clientWidth, h = shown.length * ROW;
      c.width = Math.max(1, w * d);
      c.height = Math.max(1, h * d);
      g.scale(d, d);
      const colour = token('--accent');
      shown.forEach((k, r) => {
        const s = series.get(k.key);
        if (!s || s.x.length === 0) return;
        for (let px = 0; px < w; px += 2) {
          const x = range.lo + ((px + 1) / w) * (range.hi - range.lo), i = pointAt(s.x, x);
          if (i < 0 || x > s.x[s.x.length - 1]! + 1) continue;
          g.fillStyle = fade(colour, 0.06 + 0.94 * Math.min(1, Math.max(0, s.last[i]! / range.top)));
          g.fillRect(px, r * ROW, 2, ROW - 1);
        }
      });
    };
    paint();
    const ro = new ResizeObserver(paint);
    ro.observe(c);
    return () => ro.disconnect();
  }, [shown, series, version, range, theme]);

  if (rows.length === 0) return null;
  const read = (row: number, part: number): string => {
    const k = shown[row], s = k && series.get(k.key);
    if (!k || !s || s.x.length === 0) return '';
    const x = range.lo + part * (range.hi - range.lo), i = pointAt(s.x, x);
    return `${many && k.node ? k.node + ', ' : ''}${k.device}: ${i < 0 ? 'nothing yet' : num(s.last[i])} after ${span(x)}`;
  };
  const mean = (s: RunSeries | undefined) => (s && s.last.length ? Array.from(s.last).reduce((a, b) => a + b, 0) / s.last.length : NaN);
  const move = (e: KeyboardEvent) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
    if (!by) return;
    e.preventDefault();
    setAt((a) => ({ row: Math.max(0, Math.min(shown.length - 1, (a?.row ?? -by[0]!) + by[0]!)), part: Math.max(0, Math.min(1, (a?.part ?? 1) + by[1]! / 100)) }));
  };
  const words = `${metricWords(metric)} of ${int(rows.length)} ${rows.length === 1 ? 'device' : 'devices'}`;
  return (
    <section className={css.strip} aria-label="All devices">
      <header>
        <h2>All devices</h2>
        {metrics.length > 1 && <Segment label="Metric of the strip" value={metric} options={metrics.map((m) => ({ value: m, label: metricWords(m) }))} onChange={setMetric} />}
        <span className={`${css.read} num`} role="status">{at ? read(at.row, at.part) : ''}</span>
        <span className={`${css.ramp} num`} aria-hidden="true">0<i />{num(range.top, 3)}</span>
      </header>
      <div className={css.heat}>
        <ul style={{ gridAutoRows: ROW }} aria-hidden="true">{shown.map((k) => <li key={k.key} className="cut">{many && k.node ? `${k.node} ` : ''}{k.device}</li>)}</ul>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`${words}. ${shown.slice(0, 16).map((k) => `${k.node ? k.node + ' ' : ''}${k.device}: mean ${num(mean(series.get(k.key)), 3)}`).join('; ')}.`}
          style={{ height: shown.length * ROW }}
          onKeyDown={move}
          onBlur={() => setAt(null)}
          onPointerLeave={() => setAt(null)}
          onPointerMove={(e) => setAt({ row: Math.min(shown.length - 1, Math.floor(e.nativeEvent.offsetY / ROW)), part: Math.min(1, Math.max(0, e.nativeEvent.offsetX / e.currentTarget.clientWidth)) })}
        />
      </div>
      {rows.length > shown.length && <p className="dim small">{int(shown.length)} of {int(rows.length)} devices are in the strip. Choose a node to see the others.</p>}
    </section>
  );
}
