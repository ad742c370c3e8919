// How numbers, times and names are written: four significant digits, tabular, a true minus.

const minus = (s: string) => s.replace(/-/g, '−');

/** A number for reading: `d` significant digits, exponents outside 10⁻³ … 10⁶, NaN and infinities in words. */
export function num(v: number | null | undefined, d = 4): string {
  if (v === null || v === undefined) return '–';
  if (Number.isNaN(v)) return 'NaN';
  if (!Number.isFinite(v)) return v > 0 ? '+Inf' : '−Inf';
  if (v === 0) return '0';
  const a = Math.abs(v);
  if (a >= 1e6 || a < 1e-3) {
    const [m = '0', e = '0'] = v.toExponential(Math.max(0, Math.min(2, d - 1))).split('e');
    return minus((m.includes('.') ? m.replace(/\.?0+$/, '') : m) + 'e' + Number(e));
  }
  if (a >= 1e4) return minus(Math.round(v).toLocaleString('en-US'));
  return minus(String(Number(v.toPrecision(d))));
}

/** Labels of an axis: as short as they can be and still true to a fiftieth of their distance. */
export function ticks(vs: (number | null)[]): string[] {
  const real = vs.filter((v) => v !== null);
  let apart = Infinity;
  for (let i = 1; i < real.length; i++) apart = Math.min(apart, Math.abs(real[i]! - real[i - 1]!));
  let d = 2;
  while (d < 9 && real.some((v) => Math.abs(Number(v.toPrecision(d)) - v) > apart / 50)) d++;
  return vs.map((v) => (v === null ? '' : short(v, Math.max(d, apart === Infinity ? 3 : 2))));
}

/** A number for an axis, at `d` significant digits: 1.6M, 184k, 2e−4. */
export function short(v: number, d = 3): string {
  const a = Math.abs(v);
  if (!Number.isFinite(v)) return num(v);
  const unit: [number, string][] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];
  if (a >= 1e15) return minus(v.toExponential(1).replace('.0', '').replace('e+', 'e'));
  for (const [n, u] of unit) if (a >= n) return minus(String(Number((v / n).toPrecision(d)))) + u;
  if (a > 0 && a < 1e-3) return minus(trimExp(v.toExponential(d - 2)));
  return minus(String(Number(v.toPrecision(d))));
}

const trimExp = (s: string) => s.replace(/\.?0+e/, 'e');

/** A whole number with its thousands apart. */
export const int = (v: number): string => minus(Math.round(v).toLocaleString('en-US'));

/** A span of seconds: 14h 22m, 3m 04s, 8s. */
export function span(s: number): string {
  if (!Number.isFinite(s)) return '–';
  s = Math.max(0, Math.round(s));
  const d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600), m = Math.floor((s % 3600) / 60);
  const two = (n: number) => String(n).padStart(2, '0');
  return d ? `${d}d ${h}h` : h ? `${h}h ${two(m)}m` : m ? `${m}m ${two(s % 60)}s` : `${s}s`;
}

/** Bytes in powers of 1024, as file managers write them. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let i = -1;
  do { n /= 1024; i++; } while (n >= 1024 && i < units.length - 1);
  return `${n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

/** How long ago: "just now", "4 s", "3 min", "2 h", "5 d". Future times, of a clock that is off, are "just now". */
export function ago(then: number, now: number): string {
  const s = Math.floor((now - then) / 1000);
  if (s < 2) return 'just now';
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400 * 2) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86400)} d ago`;
}

/** A date and time in the reader's zone: 19 Sep 2026, 21:04:10. */
export function when(t: number | string | Date): string {
  const d = new Date(t);
  if (Number.isNaN(d.getTime())) return '–';
  return d.toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
}
export const day = (t: number | string | Date): string => new Date(t).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
export const clock = (t: number | Date): string => new Date(t).toLocaleTimeString('en-GB');

/** Cuts the middle of a long name to n letters: both ends tell runs apart. */
export function midcut(s: string, n: number): string {
  return s.length <= n ? s : s.slice(0, Math.ceil(n * 0.58) - 1) + '…' + s.slice(-Math.floor(n * 0.42));
}

/** Folds the leading words that most siblings share: ["…", "lr3e-4-s17"]. `among` includes the name itself. */
export function foldName(name: string, shared: Map<string, number>, among: number): [string, string] {
  const words = name.split('-');
  let cut = 0;
  for (let k = 1; k < words.length - 1; k++) {
    if ((shared.get(words.slice(0, k).join('-')) ?? 0) >= Math.max(3, among * 0.5)) cut = k;
  }
  return cut ? ['…', words.slice(cut).join('-')] : ['', name];
}

/** Counts the leading words of names, for foldName. */
export function sharedPrefixes(names: string[]): Map<string, number> {
  const count = new Map<string, number>();
  for (const n of names) {
    const words = n.split('-');
    for (let k = 1; k < Math.min(words.length - 1, 8); k++) {
      const p = words.slice(0, k).join('-');
      count.set(p, (count.get(p) ?? 0) + 1);
    }
  }
  return count;
}

/** A value of config or summary on one line. Special numbers come as numbers or as the server's strings. */
export function value(v: unknown): string {
  if (v === null) return 'null';
  if (v === undefined) return '–';
  if (typeof v === 'number') return Math.abs(v) < 1e15 && (Number.isInteger(v) || Math.abs(v) >= 1e4) ? minus(v.toLocaleString('en-US', { maximumFractionDigits: 3 })) : num(v, 7);
  if (typeof v === 'string') return v;
  return JSON.stringify(v, (_k, x: unknown) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x));
}
