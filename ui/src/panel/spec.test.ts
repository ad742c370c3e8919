import stored from './testdata/workspace.json?raw'; // as wandb-workspaces 0.4.13 writes it
import { describe, expect, it } from 'vitest';
import { apply, cascade, FRESH, type Edit } from './document';
import { Automatics, layOut } from './layout';
import { fromSpec, obj, list, toSpec, type Wire } from './spec';
import { columnOf, filterOf, gid, keyOf, runOf } from './specruns';

const place = { entity: 'alice', project: 'p' };
const read = (text = stored) => fromSpec(text, place);
const again = (text: string) => JSON.parse(text) as Wire;
const bank = (w: Wire) => obj(obj(w.section).panelBankConfig);

describe('a spec of wandb-workspaces', () => {
  const d = read();
  it('becomes a document', () => {
    expect(d).toMatchObject({ by: 'first', auto: false, settings: { smooth: 0.6, smoothing: 'twema', clip: true, max: 20 } });
    expect(d.sections.map((s) => [s.title, s.open, s.pinned ?? false, s.cols, s.settings])).toEqual([
      ['Validation', true, true, 2, { x: 'epoch', smooth: 0.03, smoothing: 'gaussian' }],
      ['Empty', false, false, undefined, undefined],
    ]);
    const p = d.sections[0]!.panels;
    expect(p[0]).toMatchObject({ kind: 'line', config: { metrics: ['val/loss', 'val/acc'] }, settings: { x: '_step', logY: true, smooth: 0.4 } });
    expect(p.map((q) => q.size)).toEqual([undefined, undefined, undefined, undefined]);
    expect(d.runs).toMatchObject({ query: 'adam', group: ['config.opt'], order: ['-created_at'], columns: ['summary_metrics.loss'], pinned: ['r1'], baseline: 'r1', colours: { r1: '#ff0000' }, visible: { base: 'first', over: { r2: false } } });
    expect(filterOf(d.runs.filters)).toEqual({ filter: { 'config.lr': { $gte: 0.001 } }, left: 0 });
  });
  it('is the same document after it was written and read', () => {
    const before = d, after = read(toSpec(d, place));
    const bare = (x: unknown) => JSON.parse(JSON.stringify(x, (k, v: unknown) => (k === 'rest' ? undefined : v))) as unknown;
    expect(bare(after)).toEqual(bare(before));
  });
  it('keeps what the package wrote, field by field', () => {
    const before = again(stored), after = again(toSpec(d, place));
    const lost: string[] = [];
    const walk = (a: unknown, b: unknown, at: string) => {
      if (a && typeof a === 'object') for (const [k, v] of Object.entries(a)) walk(v, (b as Wire | undefined)?.[k], at + '.' + k);
      else if (a !== b) lost.push(`${at}: ${String(a)} is ${String(b)}`);
    };
    walk(before, after, '');
    expect(lost).toEqual(['.section.customRunColors.r2:  is undefined']); // an empty colour says nothing
  });
  it('keeps panels of unknown kinds and unknown fields untouched, also after edits', () => {
    const w = again(stored);
    const hologram = { __id__: 'q', viewType: 'Hologram', config: { a: { b: [1, null] } }, layout: { x: 3, y: 1, w: 12, h: 9 }, isAuto: false, more: 1 };
    list(obj(list(bank(w).sections)[0]).panels).push(hologram);
    bank(w).panelConfigOverrides = { x: 1 };
    let doc = read(JSON.stringify(w));
    const c = { history: [], events: [] }, edits: Edit[] = [{ do: 'settings', change: { smooth: 0.1 } }, { do: 'panel.move', panel: 'q', section: doc.sections[1]!.id, before: null }];
    for (const e of edits) doc = apply(doc, e, layOut(doc, c, null, new Automatics()));
    const out = again(toSpec(doc, place)), sections = list(bank(out).sections).map(obj);
    expect(sections.find((s) => s.name === 'Empty')!.panels).toEqual([hologram]);
    expect(bank(out).panelConfigOverrides).toEqual({ x: 1 });
    expect(obj(obj(out.section).settings)).toMatchObject({ smoothingWeight: 10, ignoreOutliers: true, maxRuns: 20 });
  });
  it('is believed where the package changed it after us: ours is gone then', () => {
    const w = again(toSpec(apply(read(), { do: 'settings', change: { smooth: 0.2 } }, layOut(read(), { history: [], events: [] }, null, new Automatics())), place));
    const strip = (o: unknown): unknown => (Array.isArray(o) ? o.map(strip) : o && typeof o === 'object' ? Object.fromEntries(Object.entries(o).filter(([k]) => k !== 'ballast').map(([k, v]) => [k, strip(v)])) : o);
    const theirs = strip(w) as Wire;
    obj(obj(theirs.section).settings).smoothingWeight = 70;
    expect(read(JSON.stringify(theirs)).settings.smooth).toBe(0.7);
  });
});

describe('our own documents', () => {
  it('come back as they were: order, removed, sizes, settings that the form has not', () => {
    const key = (key: string) => ({ key, type: 'number', runs: 1, step: null, hidden: false });
    const c = { history: ['a/x', 'a/y', 'b/x', 'lr'].map(key), events: [] }, auto = new Automatics();
    let d = FRESH;
    const edits: Edit[] = [
      { do: 'settings', panel: 'h:a/y', change: { logY: true, area: 'stddev', yMin: 0 } },
      { do: 'panel.move', panel: 'h:a/y', section: 'p:b', before: 'h:b/x' },
      { do: 'panel.remove', panel: 'h:lr' },
      { do: 'panel.size', panel: 'h:b/x', size: { w: 12, h: 9 } },
      { do: 'section.change', section: 'p:a', change: { open: false, title: 'Ä 🎉' } },
      { do: 'settings', section: 'p:a', change: { x: '_runtime', grouped: false } },
      { do: 'settings', change: { smooth: 0.35, smoothing: 'mean', band: false } },
      { do: 'runs', change: { query: 'state:running', group: ['config.opt', 'group'], order: ['+config.lr'], columns: ['config.lr'], baseline: 'r', pinned: ['r'], colours: { r: '#112233' }, colourBy: 'config.lr', visible: { base: 'all', over: { z: false } } } },
    ];
    for (const e of edits) d = apply(d, e, layOut(d, c, null, auto));
    const back = fromSpec(toSpec(d, place), place);
    const laid = (x: typeof d) => layOut(x, c, null, auto).sections.map((s) => [s.title, s.all, s.doc?.open, cascade(x, s.doc)]);
    expect(laid(back)).toEqual(laid(d));
    expect(back.runs).toEqual(d.runs);
    expect(back.removed).toEqual(d.removed);
    expect(back.sections.flatMap((s) => s.panels.map((p) => [p.id, p.size, p.settings]))).toEqual(d.sections.flatMap((s) => s.panels.map((p) => [p.id, p.size, p.settings])));
    expect(fromSpec(toSpec(back, place), place).settings).toEqual(d.settings);
  });
  it('of nonsense are empty documents, not errors', () => {
    for (const bad of ['', '[]', '{"section":7}', '{"section":{"panelBankConfig":{"sections":[null,{"panels":[5,{"viewType":3}]}]},"runSets":"x","settings":{"smoothingWeight":"a"}}}']) {
      const d = read(bad);
      expect(layOut(d, { history: [], events: [] }, null, new Automatics()).total).toBeLessThan(4);
      expect(typeof toSpec(d, place)).toBe('string');
    }
  });
});

it('names columns and runs both ways', () => {
  for (const c of ['config.lr', 'config.a.b', 'summary_metrics.val/loss', 'created_at', 'display_name', 'tags.x', 'state']) expect(columnOf(keyOf(c))).toBe(c);
  expect(keyOf('config.a.b')).toEqual({ section: 'config', name: 'a.value.b' });
  expect(runOf(gid('r:ü', place), place)).toBe('r:ü');
  expect(runOf(gid('r', { entity: 'bob', project: 'p' }), place)).toBe(null);
  expect(runOf('plain', place)).toBe('plain');
});
it('reads both forms of filters, AND before OR', () => {
  const leaf = (name: string, op: string, value: unknown, connector?: string) => ({ key: { section: 'config', name }, op, value, ...(connector ? { connector } : {}) });
  expect(filterOf({ filterFormat: 'filterV2', filters: [leaf('a', '=', 1), leaf('b', '>', 2, 'AND'), leaf('c', 'IN', ['x'], 'OR')] }).filter).toEqual({ $or: [{ $and: [{ 'config.a': { $eq: 1 } }, { 'config.b': { $gt: 2 } }] }, { 'config.c': { $in: ['x'] } }] });
  expect(filterOf({ op: 'OR', filters: [{ op: 'AND', filters: [leaf('a', '!=', 1), leaf('b', '<=', 2)] }] }).filter).toEqual({ $and: [{ 'config.a': { $ne: 1 } }, { 'config.b': { $lte: 2 } }] });
  expect(filterOf({ filters: [leaf('a', 'WITHINSECONDS', 5)] })).toEqual({ filter: null, left: 1 });
});
