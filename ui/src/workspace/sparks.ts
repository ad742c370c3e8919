// Tiny lines beside the runs in sight: one request for many rows, remembered.
import { useEffect, useRef, useState } from 'react';
import { fetchPanel } from '../data/asking';
import type { Panel } from '../data/panel';

const W = 44, H = 16;
const AGAIN = 10_000; // ms after which a live run's line is drawn anew

/** The path of a series over the span of all. */
export function sparkPath(x: Float64Array, y: ArrayLike<number>, lo: number, hi: number): string {
  if (x.length < 2 || hi <= lo) return '';
  let a = Infinity, b = -Infinity;
  for (let i = 0; i < y.length; i++) {
    a = Math.min(a, y[i]!);
    b = Math.max(b, y[i]!);
  }
  const pts: string[] = [];
  for (let i = 0; i < x.length; i++) pts.push(`${(((x[i]! - lo) / (hi - lo)) * (W - 3) + 1).toFixed(1)} ${(H - 2 - ((y[i]! - a) / (b - a || 1)) * (H - 4)).toFixed(1)}`);
  return 'M' + pts.join('L');
}

/** Paths by run name, for the runs in sight. A run with more rows than when it was drawn is asked for again, now and then. */
export function useSparks(project: string, key: string | null, runs: { name: string; steps: number }[]): Map<string, string> {
  const known = useRef({ id: '', at: new Map<string, { t: number; steps: number }>(), path: new Map<string, string>() });
  const latest = useRef(runs);
  useEffect(() => {
    latest.current = runs;
  });
  const [paths, setPaths] = useState(new Map<string, string>());
  const id = project + '\n' + (key ?? '');
  const wanted = runs.map((r) => r.name).join('\n');
  useEffect(() => {
    if (known.current.id !== id) {
      known.current = { id, at: new Map(), path: new Map() };
      setPaths(new Map());
    }
    if (!key || !wanted) return;
    const k = known.current;
    const stop = new AbortController();
    const look = () => {
      const now = Date.now();
      const want = latest.current.filter((r) => r.steps > 0 && (!k.at.has(r.name) || (k.at.get(r.name)!.steps !== r.steps && now - k.at.get(r.name)!.t > AGAIN))).slice(0, 100);
      if (!want.length || document.hidden) return;
      const ask = want.map((r) => r.name);
      for (const r of want) k.at.set(r.name, { t: now, steps: r.steps });
      fetchPanel({ project, runs: ask, key, x: '_step', stream: 'history', min: null, max: null, buckets: 40 }, stop.signal).then(
        (p: Panel) => {
          for (const r of p.runs) k.path.set(r.run, sparkPath(...thin(r.x, r.last), p.min, p.max));
          setPaths(new Map(k.path));
        },
        () => ask.forEach((n) => k.at.delete(n)), // quiet: a missing small line says nothing wrong
      );
    };
    const first = setTimeout(look, 150);
    const again = setInterval(look, AGAIN / 4);
    return () => {
      stop.abort();
      clearTimeout(first);
      clearInterval(again);
    };
  }, [id, project, key, wanted]);
  return paths;
}

function thin(x: Float64Array, y: ArrayLike<number>): [Float64Array, ArrayLike<number>] {
  const every = Math.ceil(x.length / 60);
  if (every <= 1) return [x, y];
  const at = Array.from({ length: Math.ceil(x.length / every) }, (_, i) => Math.min(x.length - 1, i * every));
  return [Float64Array.from(at, (i) => x[i]!), at.map((i) => y[i]!)];
}
