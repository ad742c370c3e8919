// Columns of the table: what a field is called, how wide it is, how its value is written.
import { ago, day, int, num, span, value } from '../data/format';
import { goalOf } from '../data/goal';
import type { RunRow } from '../data/run';
import type { ColumnStat } from '../data/runtable';

/** `right`: it holds numbers, which stand on the right. */
export type Column = { field: string; prefix: string; title: string; width: number; right?: boolean };
/** `bad` is NaN or an infinity; `n` is the number behind the text. */
export type Cell = { text: string; n: number | null; bad?: boolean; title?: string };

const TITLES: Record<string, [string, number]> = {
  display_name: ['Name', 280], name: ['ID', 110], state: ['State', 104], tags: ['Tags', 150], notes: ['Notes', 200], group: ['Group', 110], job_type: ['Job type', 100], username: ['User', 96],
  created_at: ['Created', 104], updated_at: ['Updated', 104], heartbeat_at: ['Heartbeat', 104], duration: ['Runtime', 96], history_line_count: ['Steps', 88], ordinal: ['Number', 84], exit_code: ['Exit code', 88], gaps: ['Gaps', 72], sweep: ['Sweep', 100], host: ['Host', 120], commit: ['Commit', 110], program: ['Program', 130], stop: ['Stop', 70],
};
export const NAME = 'display_name';
export const FIRST_COLUMNS = ['state', 'duration', 'created_at', 'username', 'tags', 'notes'];

export function columnOf(field: string, widths: Record<string, number>): Column {
  const known = TITLES[field];
  if (known) return { field, prefix: '', title: known[0], width: widths[field] ?? known[1] };
  const prefix = field.startsWith('config.') ? 'config.' : '';
  const title = field.replace(/^(config|summary_metrics)\./, '').replaceAll('\\.', '.');
  return { field, prefix, title, width: widths[field] ?? Math.max(92, Math.min(220, Math.round((prefix.length + title.length) * 6.6 + 34))) };
}

export const TIMES = new Set(['created_at', 'updated_at', 'heartbeat_at']);
const NUMBERS = new Set(['duration', 'history_line_count', 'ordinal', 'exit_code', 'gaps']);
/** Whether a column stands on the right, as numbers do. */
export const numeric = (field: string, stat: ColumnStat | undefined, type?: string): boolean => TIMES.has(field) || NUMBERS.has(field) || (stat ? stat.count + stat.odd > 0 && !stat.texts?.length : type === 'number');

/** The raw value of a field in a row of the server. */
export function valueOf(r: RunRow, field: string): unknown {
  switch (field) {
    case NAME: return r.display || r.name;
    case 'name': return r.name;
    case 'state': return r.state;
    case 'tags': return r.tags;
    case 'group': return r.group;
    case 'job_type': return r.jobType;
    case 'username': return r.user;
    case 'created_at': return r.created;
    case 'duration': return r.runtime;
    case 'history_line_count': return r.steps;
    default: return r.values[field];
  }
}

/** A number, where the value is one: special numbers come as words, times count as milliseconds. */
export function numberOf(v: unknown, field: string): number | null {
  if (typeof v === 'number') return v;
  if (v === 'NaN' || v === 'Infinity' || v === '-Infinity') return Number(v);
  if (TIMES.has(field) && typeof v === 'string') {
    const t = Date.parse(v);
    return Number.isNaN(t) ? null : t;
  }
  return null;
}

/** A number as its column writes it. */
export function numberText(n: number, field: string, now: number): string {
  if (TIMES.has(field)) return now - n < 60 * 86400_000 ? ago(n, now) : day(n);
  if (field === 'duration') return span(n);
  if (Number.isInteger(n) && Math.abs(n) < 1e7) return NUMBERS.has(field) ? int(n) : String(n).replace('-', '−');
  return num(n);
}

export function cellOf(r: RunRow, field: string, now: number): Cell {
  const v = valueOf(r, field), n = numberOf(v, field);
  if (n !== null) {
    const bad = !Number.isFinite(n);
    return { text: numberText(n, field, now), n, ...(bad ? { bad } : {}), title: TIMES.has(field) ? String(v) : String(n) };
  }
  if (v === undefined || v === null || v === '') return { text: '', n: null };
  const text = Array.isArray(v) && v.every((x) => typeof x === 'string') ? v.join(', ') : value(v);
  return { text, n: null, title: text };
}

/** Which way is better in a column; 0 where nobody can tell. */
export const goal = (field: string): 1 | -1 | 0 => (field.startsWith('summary_metrics.') ? goalOf(field.slice(16)) : 0);

// ---- order and lists in the address
export type Sort = { field: string; desc: boolean };
export const parseSort = (s: string | undefined): Sort[] => listOf(s).map((p) => ({ field: p.replace(/^[+-]/, ''), desc: p.startsWith('-') })).filter((k) => k.field);
export const sortText = (keys: Sort[]): string | undefined => listText(keys.map((k) => (k.desc ? '-' : '+') + k.field));
/** A list in the address: commas between, those of a name escaped. */
export const listOf = (s: string | undefined): string[] => (s ? s.split(',').map((p) => p.replaceAll('%2C', ',').replaceAll('%25', '%')).filter(Boolean) : []);
export const listText = (l: string[]): string | undefined => (l.length ? l.map((p) => p.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',') : undefined);

/** The order after a press on a head: a new key falls first where large is of interest; with ⇧ beside the others. */
export function nextSort(sort: Sort[], field: string, more: boolean, falls: boolean): Sort[] {
  const at = sort.find((k) => k.field === field);
  const next: Sort = { field, desc: at ? !at.desc : falls };
  if (!more) return [next];
  return at ? sort.map((k) => (k.field === field ? next : k)) : [...sort, next];
}

/** A list with one of its things moved before another; to the end when there is none. */
export function moved(list: string[], what: string, before: string | null): string[] {
  const rest = list.filter((x) => x !== what), at = before === null ? rest.length : rest.indexOf(before);
  return at < 0 ? list : [...rest.slice(0, at), what, ...rest.slice(at)];
}

/** A list with one of its things a place further. */
export function shifted(list: string[], what: string, by: 1 | -1): string[] {
  const at = list.indexOf(what), to = at + by;
  if (at < 0 || to < 0 || to >= list.length) return list;
  return list.with(at, list[to]!).with(to, what);
}

/** The places of a histogram's brush, 0 to 1, as values. */
export function brushed(s: ColumnStat, from: number, to: number): [number, number] {
  const [a, b] = from < to ? [from, to] : [to, from];
  const at = (p: number) => (s.log ? Math.exp(Math.log(s.min) + p * (Math.log(s.max) - Math.log(s.min))) : s.min + p * (s.max - s.min));
  return [a <= 0 ? s.min : at(a), b >= 1 ? s.max : at(b)];
}
