// What a line panel says of itself.
import type { Drawn } from './paint';
import type { DrawnRun } from './view';

/** A run that is not drawn because it is damaged where it is stored, and the server's words for it. */
export type Damage = { run: string; words: string };

type DrawnStatus = { kind: 'drawn'; every: boolean; buckets: number; per: number; hidden: number; cut: boolean; raw: boolean; unplaced: number; left: number; of: number; stale: Error | null; damaged: Damage[] };
export type PanelStatus = { kind: 'waiting' } | { kind: 'empty'; damaged: Damage[] } | { kind: 'failed'; error: Error } | DrawnStatus;

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

/** The damaged ones of the lines in view, by the names that people know. */
export const damages = (found: ReadonlyMap<string, string>, lines: Pick<DrawnRun, 'name' | 'display'>[]): Damage[] =>
  lines.flatMap((r) => {
    const words = found.get(r.name);
    return words === undefined ? [] : [{ run: r.display, words }];
  });

/** How many are damaged, for a panel's header. */
export const damageCount = (d: Damage[]): string => `${d.length} ${d.length === 1 ? 'run' : 'runs'} damaged`;

const TOLD = 8;

/** What is damaged, run by run, for a tooltip or a notice: at most eight of them. */
export function damageWords(d: Damage[]): string {
  const told = d.slice(0, TOLD).map((r) => `${r.run}: ${r.words}`);
  return (d.length > TOLD ? [...told, `${d.length - TOLD} more: see the panel's table`] : told).join('\n');
}
