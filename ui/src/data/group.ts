// Statistics over groups of runs, as the server packs them (docs/format/group-v1.md): each group becomes one line
// with a band.
import type { Panel, RunSeries } from './panel';

export type GroupAsk = { name: string; runs: string[] };
export type GroupLine = 'mean' | 'median' | 'min' | 'max';
export type GroupBand = 'minmax' | 'stddev' | 'stderr' | 'none';

type Meta = { x: string; min: number; max: number; start: number; width: number; groups: { name: string; n: number; runs: number; missing: number; total: number; nan: number; inf: number }[] };
const pad8 = (n: number) => (n + 7) & ~7;

/** Decodes the answer to a question about groups. Throws on anything that is not one. */
export function decodeGroups(buf: ArrayBuffer, line: GroupLine, band: GroupBand): Panel {
  if (buf.byteLength < 8 || String.fromCharCode(...new Uint8Array(buf, 0, 4)) !== 'BPG1') throw new Error('The server sent a grouped panel in a form that this page does not know. Reload the page.');
  const size = new DataView(buf).getUint32(4, true);
  const meta = JSON.parse(new TextDecoder().decode(new Uint8Array(buf, 8, size))) as Meta;
  let at = 8 + size;
  const f64 = (n: number) => {
    const a = new Float64Array(buf, at, n);
    at += n * 8;
    return a;
  };
  const f32 = (n: number) => {
    const a = new Float32Array(buf, at, n);
    at += pad8(n * 4);
    return a;
  };
  const runs = meta.groups.map((g): RunSeries => {
    const x = f64(g.n), mean = f32(g.n), min = f32(g.n), max = f32(g.n), stddev = f32(g.n), stderr = f32(g.n), median = f32(g.n), count = f32(g.n);
    const by = { mean, median, min, max }[line];
    const spread = band === 'stddev' ? stddev : band === 'stderr' ? stderr : null;
    return {
      run: g.name,
      mode: 'buckets',
      x,
      last: by,
      min: band === 'minmax' ? min : spread ? mean.map((m, i) => m - spread[i]!) : by,
      max: band === 'minmax' ? max : spread ? mean.map((m, i) => m + spread[i]!) : by,
      count,
      bucket: null,
      odd: [],
      total: g.total,
      special: g.nan + g.inf,
      missing: g.n === 0,
    };
  });
  return { grid: { start: meta.start, width: meta.width, n: 0 }, x: meta.x, min: meta.min, max: meta.max, runs, bytes: buf.byteLength };
}
