// A brush as a condition of the run list's query, and back: the query alone remembers it.
import { rangeOf, withRange, withWords, wordsOf } from '../../data/runquery';
import type { Axis, Brush, Reach } from './lines';

const EDGE = 0.005; // parts of the height that count as the end of the axis
const AROUND = 0.02; // parts of the height by which a brush may miss the words that it keeps

/** What the query says of a column, as parts of its axis; null when it says nothing. */
export function brushIn(query: string, field: string, axis: Axis): Brush | null {
  const { inverted } = axis.column;
  if (!axis.scale) {
    const places = (wordsOf(query, field) ?? []).flatMap((w) => axis.at(w) ?? []);
    return places.length ? [Math.max(0, Math.min(...places) - AROUND), Math.min(1, Math.max(...places) + AROUND)] : null;
  }
  const range = rangeOf(query, field);
  if (!range) return null;
  const low = (range[0] === null ? null : axis.at(range[0])) ?? (inverted ? 1 : 0), high = (range[1] === null ? null : axis.at(range[1])) ?? (inverted ? 0 : 1);
  const inside = (p: number) => Math.max(0, Math.min(1, p));
  return [inside(Math.min(low, high)), inside(Math.max(low, high))];
}

/** The query with a brush of a column in the place of what it said of it; null takes it away. */
export function brushed(query: string, field: string, axis: Axis, brush: Brush | null): string {
  const { scale, words, column } = axis;
  if (!scale) {
    const kept = brush && words.filter((w) => { const p = axis.at(w); return p !== null && p >= brush[0] - AROUND && p <= brush[1] + AROUND; });
    return withWords(query, field, kept?.length && kept.length < words.length ? kept : null);
  }
  if (!brush) return withRange(query, field, null);
  const value = (p: number) => (scale.log ? scale.min * (scale.max / scale.min) ** p : scale.min + (scale.max - scale.min) * p);
  const [a, b] = column.inverted ? [1 - brush[1], 1 - brush[0]] : brush;
  const range: [number | null, number | null] = [a <= EDGE ? null : value(a), b >= 1 - EDGE ? null : value(b)];
  return withRange(query, field, range[0] === null && range[1] === null ? null : range);
}

/** What an axis has to reach over so that the query's own numbers and words are on it. */
export function reachIn(query: string, field: string): Reach {
  return { numbers: (rangeOf(query, field) ?? []).flatMap((v) => v ?? []), words: wordsOf(query, field) ?? [] };
}
