import { describe, expect, it } from 'vitest';
import { decodePanel, mergeTail, tailFrom, type Panel } from './panel';
import packed from './testdata/panel-v1.base64?raw'; // as the server packs it (internal/query/panelfixture_test.go)

type Col = { bits?: number[]; f32?: number[]; f64?: number[] };

/** Writes the packed form as the server does. */
function pack(meta: unknown, cols: Col[]): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(meta));
  const metaLen = Math.ceil(text.length / 8) * 8;
  const parts: Uint8Array[] = [];
  const head = new Uint8Array(8 + metaLen).fill(32);
  head.set([66, 80, 78, 49]);
  new DataView(head.buffer).setUint32(4, metaLen, true);
  head.set(text, 8);
  parts.push(head);
  for (const c of cols) {
    const raw = c.bits ? Uint8Array.from({ length: Math.ceil(c.bits.length / 8) }, (_, i) => c.bits!.slice(i * 8, i * 8 + 8).reduce((a, b, k) => a | (b << k), 0)) : c.f32 ? new Uint8Array(Float32Array.from(c.f32).buffer) : new Uint8Array(Float64Array.from(c.f64!).buffer);
    const padded = new Uint8Array(Math.ceil(raw.length / 8) * 8);
    padded.set(raw);
    parts.push(padded);
  }
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out.buffer;
}
const run = (r: object) => ({ run: 'a', mode: 'grid', n: 0, total: 0, nan: 0, inf: 0, missing: false, ...r });

describe('decodePanel', () => {
  it('reads a grid, skipping empty buckets and clipping the last to the data', () => {
    const p = decodePanel(pack({ grid: { start: 0, width: 10, n: 3 }, x: '_step', min: 0, max: 24, runs: [run({ n: 3, total: 20, nan: 1 })] }, [{ bits: [1, 0, 1] }, { bits: [0, 1, 0] }, { f32: [1, 0, 3] }, { f32: [0.5, 0, 2] }, { f32: [1.5, 0, 4] }, { f32: [10, 0, 5] }]));
    const r = p.runs[0]!;
    expect([...r.x]).toEqual([9, 24]);
    expect([...r.last]).toEqual([1, 3]);
    expect([...r.max]).toEqual([1.5, 4]);
    expect([...r.bucket!]).toEqual([0, 2]);
    expect(r.odd).toEqual([{ x: 19, kind: 'nan' }]);
  });
  it('reads points and sets special numbers aside', () => {
    const p = decodePanel(pack({ grid: { start: 0, width: 1, n: 0 }, x: '_step', min: 0, max: 4, runs: [run({ mode: 'points', n: 5, total: 5 })] }, [{ f64: [0, 1, 2, 3, 4] }, { f64: [1, NaN, 3, Infinity, -Infinity] }]));
    const r = p.runs[0]!;
    expect([...r.x]).toEqual([0, 2]);
    expect(r.odd).toEqual([{ x: 1, kind: 'nan' }, { x: 3, kind: '+inf' }, { x: 4, kind: '-inf' }]);
  });
  it('reads several runs behind one another, one of them empty', () => {
    const p = decodePanel(pack({ grid: { start: 0, width: 1, n: 0 }, x: '_runtime', min: 0, max: 9, runs: [run({ mode: 'buckets', n: 3, total: 9 }), run({ run: 'b', missing: true }), run({ run: 'c', mode: 'points', n: 1, total: 1 })] }, [{ f64: [1, 2, 3] }, { f32: [4, NaN, 6] }, { f32: [3, 0, 5] }, { f32: [5, 0, 7] }, { f32: [3, 0, 3] }, { f64: [7] }, { f64: [8] }]));
    expect(p.runs.map((r) => r.x.length)).toEqual([2, 0, 1]);
    expect(p.runs[0]!.odd).toEqual([{ x: 2, kind: 'odd' }]);
    expect(p.runs[2]!.last[0]).toBe(8);
  });
  it('reads what the server packs: every mode, a run that is not there, one that is damaged', () => {
    const p = decodePanel(Uint8Array.from(atob(packed.trim()), (c) => c.charCodeAt(0)).buffer);
    expect(p.runs.map((r) => [r.run, r.mode, [...r.x], [...r.last], r.missing])).toEqual([
      ['a', 'grid', [767, 1200], [1, 3], false],
      ['b', 'points', [], [], false],
      ['c', 'buckets', [0.5], [1], false],
      ['d', 'points', [], [], true],
      ['e', 'points', [], [], false],
    ]);
    expect(p.runs.map((r) => r.damaged)).toEqual([undefined, undefined, undefined, undefined, 'the steps 0 to 9 of history are damaged']);
  });
  it('refuses what is no panel', () => {
    expect(() => decodePanel(new TextEncoder().encode('<html>....').buffer)).toThrow(/Reload/);
  });
});

const points = (xs: number[], ys: number[], max = xs[xs.length - 1]!): Panel => decodePanel(pack({ grid: { start: 0, width: 1, n: 0 }, x: '_step', min: xs[0], max, runs: [run({ mode: 'points', n: xs.length, total: xs.length })] }, [{ f64: xs }, { f64: ys }]));
const grid = (width: number, last: number[], max: number): Panel => decodePanel(pack({ grid: { start: 0, width, n: last.length }, x: '_step', min: 0, max, runs: [run({ n: last.length, total: last.length * width })] }, [{ bits: last.map(() => 1) }, { bits: last.map(() => 0) }, { f32: last }, { f32: last.map((v) => v - 1) }, { f32: last.map((v) => v + 1) }, { f32: last.map(() => width) }]));

describe('mergeTail', () => {
  it('adds points behind points, replacing from the border on', () => {
    const p = points([0, 1, 2], [1, 2, 3]);
    const m = mergeTail(p, points([2, 3, 4], [3, 4, 5]), tailFrom(p, p.runs[0]!)!, 1000)!;
    expect([...m.runs[0]!.x]).toEqual([0, 1, 2, 3, 4]);
    expect([...m.runs[0]!.last]).toEqual([1, 2, 3, 4, 5]);
    expect(m.max).toBe(4);
  });
  it('folds points into buckets of the grid, replacing the last one whole', () => {
    const p = grid(10, [1, 2, 3], 25);
    expect(tailFrom(p, p.runs[0]!)).toBe(20);
    const m = mergeTail(p, points([20, 21, 29, 30, 31], [7, 9, 8, 5, 6]), 20, 1000)!;
    const r = m.runs[0]!;
    expect([...r.bucket!]).toEqual([0, 1, 2, 3]);
    expect([...r.last]).toEqual([1, 2, 8, 6]);
    expect([...r.min]).toEqual([0, 1, 7, 5]);
    expect([...r.max]).toEqual([2, 3, 9, 6]);
    expect([...r.count]).toEqual([10, 10, 3, 2]);
    expect([...r.x]).toEqual([9, 19, 29, 31]);
    expect(m.grid.n).toBe(4);
  });
  it('folds finer buckets and asks for all on a coarser grid or too many places', () => {
    const p = grid(16, [1, 2], 31);
    const fine = grid(4, [0, 0, 0, 0, 5, 6, 7, 8, 9], 35);
    const m = mergeTail(p, fine, 16, 1000)!;
    expect([...m.runs[0]!.last]).toEqual([1, 8, 9]);
    expect([...m.runs[0]!.max]).toEqual([2, 9, 10]);
    expect(mergeTail(p, grid(32, [1, 2], 63), 16, 1000)).toBeNull();
    expect(mergeTail(p, fine, 16, 2)).toBeNull();
    expect(mergeTail(points([0], [1]), fine, 0, 1000)).toBeNull();
  });
  it('asks for all when a run turns out damaged', () => {
    const p = points([0, 1], [1, 2]), t = points([], [], 1);
    expect(mergeTail(p, { ...t, runs: [{ ...t.runs[0]!, damaged: 'the steps 0 to 1' }] }, 1, 1000)).toBeNull();
  });
  it('leaves runs alone that the tail says nothing of', () => {
    const p = grid(10, [1, 2, 3], 29);
    const other = { ...points([30], [1]), runs: [{ ...points([30], [1]).runs[0]!, run: 'b' }] };
    expect(mergeTail(p, other, 20, 1000)!.runs[0]).toBe(p.runs[0]);
  });
});
