import { expect, it } from 'vitest';
import { decodeGroups } from './group';

/** Packs as internal/query/groupcode.go does. */
function pack(groups: { name: string; x: number[]; cols: Record<'mean' | 'min' | 'max' | 'stddev' | 'stderr' | 'median' | 'count', number[]> }[]): ArrayBuffer {
  let meta = JSON.stringify({ x: '_step', min: 0, max: 9, start: 0, width: 5, groups: groups.map((g) => ({ name: g.name, n: g.x.length, runs: 2, missing: 0, total: 4, nan: 1, inf: 0 })) });
  meta += ' '.repeat((8 - (meta.length % 8)) % 8);
  const parts: Uint8Array[] = [new TextEncoder().encode('BPG1'), new Uint8Array(Uint32Array.of(meta.length).buffer), new TextEncoder().encode(meta)];
  const f32 = (v: number[]) => {
    const b = new Uint8Array((v.length * 4 + 7) & ~7);
    b.set(new Uint8Array(Float32Array.from(v).buffer));
    parts.push(b);
  };
  for (const g of groups) {
    parts.push(new Uint8Array(Float64Array.from(g.x).buffer));
    for (const k of ['mean', 'min', 'max', 'stddev', 'stderr', 'median', 'count'] as const) f32(g.cols[k]);
  }
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out.buffer;
}
const cols = { mean: [2, 4, 6], min: [1, 3, 5], max: [3, 5, 8], stddev: [0.5, 0.5, 1], stderr: [0.25, 0.25, 0.5], median: [2, 4, 5.5], count: [2, 2, 1] };
const buf = pack([{ name: 'adam', x: [4, 9, 14], cols }, { name: 'none', x: [], cols: { mean: [], min: [], max: [], stddev: [], stderr: [], median: [], count: [] } }]);

it('gives each group its line and band', () => {
  const p = decodeGroups(buf, 'mean', 'minmax');
  expect([p.min, p.max, p.runs.map((r) => [r.run, r.missing, r.special])]).toEqual([0, 9, [['adam', false, 1], ['none', true, 1]]]);
  const r = p.runs[0]!;
  expect([[...r.x], [...r.last], [...r.min], [...r.max], [...r.count]]).toEqual([[4, 9, 14], cols.mean, cols.min, cols.max, cols.count]);
  const s = decodeGroups(buf, 'median', 'stddev').runs[0]!;
  expect([[...s.last], [...s.min], [...s.max]]).toEqual([cols.median, [1.5, 3.5, 5], [2.5, 4.5, 7]]);
  expect([...decodeGroups(buf, 'max', 'none').runs[0]!.max]).toEqual(cols.max);
});
it('refuses what is none', () => {
  expect(() => decodeGroups(new ArrayBuffer(4), 'mean', 'none')).toThrow(/Reload/);
  expect(() => decodeGroups(new TextEncoder().encode('BPN1........').buffer as ArrayBuffer, 'mean', 'none')).toThrow(/Reload/);
});
