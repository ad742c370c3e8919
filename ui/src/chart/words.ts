// A panel in words and numbers: for screen readers, and for its table.
import { num } from '../data/format';
import type { Drawn } from './paint';
import { damageCount, damageWords, type Damage } from './status';

export type LineRow = { run: string; colour: number; first: number; last: number; min: number; max: number; points: number };

/** First, last, least and most of each line, NaN where it has no finite value. */
export function lineRows(drawn: Drawn[]): LineRow[] {
  return drawn.map(({ run, label, series: r }) => {
    let min = Infinity, max = -Infinity;
    for (let i = 0; i < r.x.length; i++) {
      min = Math.min(min, r.min[i]!);
      max = Math.max(max, r.max[i]!);
    }
    const none = r.x.length === 0;
    return { run: label, colour: run.stroke.colour, first: r.last[0] ?? NaN, last: r.last[r.last.length - 1] ?? NaN, min: none ? NaN : min, max: none ? NaN : max, points: r.total };
  });
}

/** The panel in a few sentences; at most eight runs, and as many that are damaged. */
export function summary(key: string, x: string, drawn: Drawn[], damaged: Damage[]): string {
  const text = lineRows(drawn.slice(0, 8)).map((r) => (Number.isNaN(r.last) ? `${r.run}: no finite value` : `${r.run}: first ${num(r.first)}, last ${num(r.last)}, from ${num(r.min)} to ${num(r.max)}`));
  return `${key} over ${x}, ${drawn.length} ${drawn.length === 1 ? 'run' : 'runs'}. ${text.join('. ')}${damaged.length ? `. ${damageCount(damaged)}. ${damageWords(damaged)}` : ''}`;
}
