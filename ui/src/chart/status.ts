// What a line panel says of itself.
import type { Drawn } from './paint';

type DrawnStatus = { kind: 'drawn'; every: boolean; buckets: number; per: number; hidden: number; cut: boolean; raw: boolean; unplaced: number; left: number; of: number; stale: Error | null };
export type PanelStatus = { kind: 'waiting' } | { kind: 'empty' } | { kind: 'failed'; error: Error } | DrawnStatus;

/** How its lines came to be: whether each point is drawn, buckets, points in the fullest of them. */
export function drawnStatus(drawn: Drawn[]): Pick<DrawnStatus, 'kind' | 'every' | 'buckets' | 'per' | 'unplaced'> {
  return {
    kind: 'drawn',
    every: drawn.every((d) => d.series.mode === 'points'),
    buckets: Math.max(...drawn.map((d) => d.series.x.length)),
    per: Math.max(1, ...drawn.map((d) => Math.max(0, ...d.series.count))),
    unplaced: drawn.reduce((n, d) => n + (d.series.mode === 'buckets' ? Math.max(0, d.series.special - d.series.odd.length) : 0), 0),
  };
}

/** Whether every point is few enough to be marked. */
export const fewPoints = (drawn: Drawn[]): boolean => drawn.length <= 4 && drawn.every((d) => d.series.mode === 'points' && d.series.x.length <= 60);
