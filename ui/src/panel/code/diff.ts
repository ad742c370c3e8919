// The difference of two texts by lines (Myers 1986), bounded.
export type DiffLine = { kind: 'same' | 'old' | 'new'; a: number | null; b: number | null; text: string };

const MOST = 20_000; // lines of one side
const EDITS = 4000; // beyond which the rest is one block out and one in

/** Lines in order; `a` and `b` count from 1. */
export function diff(left: string, right: string): DiffLine[] {
  const A = lines(left), B = lines(right);
  let start = 0, ea = A.length, eb = B.length;
  while (start < ea && start < eb && A[start] === B[start]) start++;
  while (ea > start && eb > start && A[ea - 1] === B[eb - 1]) {
    ea--;
    eb--;
  }
  const out: DiffLine[] = [];
  const same = (i: number, j: number) => out.push({ kind: 'same', a: i + 1, b: j + 1, text: A[i]! });
  for (let i = 0; i < start; i++) same(i, i);
  for (const [kind, i, j] of script(A.slice(start, ea), B.slice(start, eb))) {
    if (kind === 'same') same(start + i, start + j);
    else if (kind === 'old') out.push({ kind, a: start + i + 1, b: null, text: A[start + i]! });
    else out.push({ kind, a: null, b: start + j + 1, text: B[start + j]! });
  }
  for (let k = 0; ea + k < A.length; k++) same(ea + k, eb + k);
  return out;
}

const lines = (t: string) => (t === '' ? [] : t.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n').slice(0, MOST));

type Step = ['same' | 'old' | 'new', number, number];
function script(A: string[], B: string[]): Step[] {
  const n = A.length, m = B.length, most = Math.min(n + m, EDITS);
  const v = new Map<number, number>([[1, 0]]), trace: Map<number, number>[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(v));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1)) ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      while (x < n && x - k < m && A[x] === B[x - k]) x++;
      v.set(k, x);
      if (x >= n && x - k >= m) return back(trace, n, m, d);
    }
    if (d * d > 4_000_000) break; // what is kept for the way back
  }
  return [...A.map((_, i): Step => ['old', i, 0]), ...B.map((_, j): Step => ['new', n, j])];
}

function back(trace: Map<number, number>[], n: number, m: number, d: number): Step[] {
  const out: Step[] = [];
  let x = n, y = m;
  for (let e = d; e >= 0; e--) {
    const v = trace[e]!, k = x - y;
    const before = k === -e || (k !== e && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1)) ? k + 1 : k - 1;
    const px = v.get(before) ?? 0, py = px - before;
    while (x > px && y > py && x > 0 && y > 0) out.push(['same', --x, --y]);
    if (e === 0) break;
    if (x === px) out.push(['new', x, --y]);
    else out.push(['old', --x, y]);
  }
  return out.reverse();
}

/** Folds long stretches of equal lines; each fold says how many it holds. */
export function folded(all: DiffLine[], around = 3): (DiffLine | { kind: 'fold'; from: number; count: number })[] {
  const keep = new Uint8Array(all.length);
  all.forEach((l, i) => l.kind !== 'same' && keep.fill(1, Math.max(0, i - around), i + around + 1));
  const out: (DiffLine | { kind: 'fold'; from: number; count: number })[] = [];
  for (let i = 0; i < all.length; ) {
    if (keep[i]) {
      out.push(all[i++]!);
      continue;
    }
    let j = i;
    while (j < all.length && !keep[j]) j++;
    if (j - i > 2) out.push({ kind: 'fold', from: i, count: j - i });
    else out.push(...all.slice(i, j));
    i = j;
  }
  return out;
}
