// Parallel coordinates: each column a scale, each run a polyline, a brush of a column keeps what passes through it.
import { scale, type Scale } from '../axis/ticks';

export type Column = { accessor: string; displayName?: string; inverted?: boolean; log?: boolean };
export type Brush = [number, number]; // parts of the height, 0 at the bottom
export type Axis = { column: Column; scale: Scale | null; words: string[]; at: (v: unknown) => number | null };
/** What an axis reaches over: kept while a brush leaves only a part of it in sight. */
export type Reach = { numbers: number[]; words: string[] };
export const reachOf = (a: Axis): Reach => ({ numbers: a.scale ? [a.scale.min, a.scale.max] : [], words: a.words });

/** The scale of a column: of numbers, or, when most values are words, their places by name. It reaches at least over `least`. */
export function axisOf(column: Column, values: unknown[], least: Reach = { numbers: [], words: [] }): Axis {
  const flip = (p: number) => (column.inverted ? 1 - p : p);
  const present = [...values.filter((v) => v !== null && v !== undefined && v !== ''), ...least.numbers, ...least.words];
  const numbers = present.map(toNumber);
  if (numbers.some((n) => !Number.isNaN(n)) && numbers.filter((n) => Number.isNaN(n)).length <= present.length / 2) {
    const s = scale(numbers, { log: column.log ?? false });
    return { column, scale: s, words: [], at: (v) => { const n = toNumber(v), p = s.at(n); return v === null || v === undefined || !Number.isFinite(n) || !Number.isFinite(p) ? null : flip(p); } };
  }
  const words = [...new Set(present.map(String))].sort(new Intl.Collator('en', { numeric: true }).compare);
  const n = Math.max(1, words.length - 1);
  return { column, scale: null, words, at: (v) => { const i = v === null || v === undefined ? -1 : words.indexOf(String(v)); return i < 0 ? null : flip(words.length === 1 ? 0.5 : i / n); } };
}
const toNumber = (v: unknown): number => (typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : v === 'NaN' || typeof v !== 'string' || v.trim() === '' ? NaN : Number(v));

/** Whether a run's places pass all brushes. A run without a value does not pass a brush there. */
export const passes = (places: (number | null)[], brushes: (Brush | undefined)[]): boolean => brushes.every((b, i) => !b || (places[i] !== null && places[i]! >= b[0] - 1e-9 && places[i]! <= b[1] + 1e-9));

/** A column moved before another place. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const out = [...list], [one] = out.splice(from, 1);
  out.splice(Math.max(0, Math.min(out.length, to)), 0, one!);
  return out;
}
