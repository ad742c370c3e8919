import { describe, expect, it } from 'vitest';
import type { PanelDoc } from './config';
import { apply, cascade, FRESH, overrides, type Edit, type ViewDoc } from './document';
import { begin, edit, redo, undo } from './history';
import { Automatics, layOut } from './layout';

const key = (key: string) => ({ key, type: 'number', runs: 1, step: null, hidden: false });
const c = { history: ['a/x', 'a/y', 'a/z', 'b/x', 'lr'].map(key), events: [key('system.cpu')] };
const auto = new Automatics();
const lay = (d: ViewDoc) => layOut(d, c, null, auto);
const after = (...edits: Edit[]) => edits.reduce((d, e) => apply(d, e, lay(d)), FRESH);
const ids = (d: ViewDoc) => Object.fromEntries(lay(d).sections.map((s) => [s.title, s.all.map((p) => p.replace(/^[he]:/, '')).join(' ')]));
const own = (id: string): PanelDoc => ({ id, kind: 'line', config: { metrics: ['a/x'] } });

describe('edits', () => {
  it('of a panel that appeared by itself leave it in its place', () => {
    const d = after({ do: 'settings', panel: 'h:a/y', change: { logY: true } });
    expect(ids(d)).toEqual({ a: 'a/x a/y a/z', b: 'b/x', Charts: 'lr', system: 'system.cpu' });
    expect(d.sections).toEqual([{ id: 'p:a', title: 'a', collects: 'p:a', panels: [{ id: 'h:a/y', kind: 'line', config: { metrics: ['a/y'] }, settings: { logY: true } }] }]);
    expect(apply(d, { do: 'settings', panel: 'h:a/y', change: { logY: undefined } }, lay(d)).sections[0]!.panels[0]).not.toHaveProperty('settings');
  });
  it('move panels within and between sections', () => {
    expect(ids(after({ do: 'panel.move', panel: 'h:a/z', section: 'p:a', before: 'h:a/x' })).a).toBe('a/z a/x a/y');
    expect(ids(after({ do: 'panel.move', panel: 'h:a/x', section: 'p:a', before: null })).a).toBe('a/y a/z a/x');
    expect(ids(after({ do: 'panel.move', panel: 'h:lr', section: 'p:a', before: 'h:a/y' }))).toEqual({ a: 'a/x lr a/y a/z', b: 'b/x', system: 'system.cpu' });
    expect(after({ do: 'panel.move', panel: 'h:lr', section: 'p:a', before: 'h:lr' })).toBe(FRESH);
  });
  it('add, duplicate, remove and restore', () => {
    expect(ids(after({ do: 'panel.add', section: 'p:a', panels: [own('q1'), own('q2')] })).a).toBe('q1 q2 a/x a/y a/z');
    expect(ids(after({ do: 'panel.add', section: 'p:a', after: 'h:a/x', panels: [own('q')] })).a).toBe('a/x q a/y a/z');
    const d = after({ do: 'panel.remove', panel: 'h:a/y' }, { do: 'settings', panel: 'h:a/x', change: { clip: true } }, { do: 'panel.remove', panel: 'h:a/x' });
    expect(ids(d).a).toBe('a/z');
    expect(ids(apply(d, { do: 'restore', panels: d.removed }, lay(d))).a).toBe('a/x a/y a/z');
  });
  it('bring a section with them in one step', () => {
    const fresh = { title: 'Mine', before: 'p:a' };
    expect(ids(after({ do: 'panel.add', section: 'm', panels: [own('q')], fresh }))).toMatchObject({ Mine: 'q' });
    expect(ids(after({ do: 'panel.move', panel: 'h:a/y', section: 'm', before: null, fresh }))).toMatchObject({ Mine: 'a/y', a: 'a/x a/z' });
  });
  it('of a panel that was just removed do not bring it back, though the board still shows it', () => {
    const d = after({ do: 'panel.add', section: 'p:a', panels: [own('q')] }), board = lay(d);
    for (const panel of ['q', 'h:a/y']) {
      const gone = apply(d, { do: 'panel.remove', panel }, board);
      for (const late of [{ do: 'settings', panel, change: { clip: true } }, { do: 'panel.move', panel, section: 'p:b', before: null }, { do: 'panel.config', panel, change: { metrics: [] } }] as Edit[]) expect(ids(apply(gone, late, board))).toEqual(ids(gone));
    }
  });
  it('fold the sections that a search does not find, without a step of undo', () => {
    const fold: Edit = { do: 'fold', open: ['p:b'], close: ['p:a', 'p:'] };
    expect(lay(after(fold)).sections.map((s) => [s.title, s.doc?.open])).toEqual([['a', false], ['b', true], ['Charts', false], ['system', undefined]]);
    expect(edit(begin(FRESH), fold, lay(FRESH), 0).past).toEqual([]);
  });
  it('of sections: rename keeps what it collects, pin goes first, move fixes the order, remove takes its panels', () => {
    expect(ids(after({ do: 'section.change', section: 'p:b', change: { title: 'B!' } }))).toMatchObject({ 'B!': 'b/x' });
    expect(Object.keys(ids(after({ do: 'section.change', section: 'p:b', change: { pinned: true } })))[0]).toBe('b');
    expect(Object.keys(ids(after({ do: 'section.move', section: 'e:', before: 'p:b' })))).toEqual(['a', 'system', 'b', 'Charts']);
    expect(Object.keys(ids(after({ do: 'section.add', id: 'mine', title: 'Mine', before: 'p:b' })))).toEqual(['a', 'Mine', 'b', 'Charts', 'system']);
    const d = after({ do: 'section.remove', section: 'p:a' });
    expect(Object.keys(ids(d))).toEqual(['b', 'Charts', 'system']);
    expect(d.removed).toEqual(['h:a/x', 'h:a/y', 'h:a/z']);
  });
  it('size, title, config; what is empty goes back to the usual', () => {
    let d = after({ do: 'panel.size', panel: 'h:lr', size: { w: 12, h: 8 } }, { do: 'panel.title', panel: 'h:lr', title: ' Rate ' }, { do: 'panel.config', panel: 'h:lr', change: { metrics: ['lr', 'a/x'] } });
    expect(d.sections[0]!.panels[0]).toMatchObject({ size: { w: 12, h: 8 }, title: 'Rate', config: { metrics: ['lr', 'a/x'] } });
    d = apply(d, { do: 'panel.title', panel: 'h:lr', title: ' ' }, lay(d));
    d = apply(d, { do: 'panel.size', panel: 'h:lr', size: undefined }, lay(d));
    expect(Object.keys(d.sections[0]!.panels[0]!)).toEqual(['id', 'kind', 'config']);
  });
  it('of a panel or section that is gone change nothing', () => {
    expect(after({ do: 'panel.title', panel: 'gone', title: 'x' })).toEqual(FRESH);
    expect(after({ do: 'section.change', section: 'gone', change: { open: false } })).toEqual(FRESH);
  });
});

it('settings cascade from the workspace over the section to the panel', () => {
  const d = after({ do: 'settings', change: { smooth: 0.5, x: 'epoch' } }, { do: 'settings', section: 'p:a', change: { smooth: 0.2 } }, { do: 'settings', panel: 'h:a/x', change: { logY: true } });
  const s = d.sections[0]!, p = s.panels[0]!;
  expect(cascade(d, s, p)).toMatchObject({ smooth: 0.2, x: 'epoch', logY: true, band: true });
  expect([overrides(s), overrides(p), overrides(null)]).toEqual([['smooth'], ['logY'], []]);
});

describe('undo', () => {
  const run = (...edits: Edit[]) => edits.reduce((h, e, i) => edit(h, e, lay(h.doc), i * 10_000), begin(FRESH));
  it('goes back and forth over every edit', () => {
    const edits: Edit[] = [
      { do: 'settings', change: { x: 'epoch' } },
      { do: 'panel.move', panel: 'h:a/z', section: 'p:b', before: null },
      { do: 'section.add', id: 's', title: 'S', before: null },
      { do: 'panel.add', section: 's', panels: [own('q')] },
      { do: 'panel.remove', panel: 'h:lr' },
      { do: 'section.remove', section: 'p:a' },
      { do: 'view', change: { by: 'last' } },
      { do: 'runs', change: { query: 'x' } },
    ];
    let h = run(...edits);
    const end = h.doc, all = [end];
    for (let i = 0; i < edits.length; i++) all.push((h = undo(h)).doc);
    expect(h.doc).toEqual(FRESH);
    expect(undo(h)).toBe(h);
    for (let i = edits.length - 1; i >= 0; i--) expect((h = redo(h)).doc).toEqual(all[i]);
    expect(redo(h)).toBe(h);
  });
  it('takes a dragged slider as one step, and forgets what was undone after a new edit', () => {
    let h = begin(FRESH);
    for (let i = 1; i <= 5; i++) h = edit(h, { do: 'settings', change: { smooth: i / 10 } }, lay(h.doc), i * 100);
    h = edit(h, { do: 'settings', change: { band: false } }, lay(h.doc), 600);
    expect(h.past).toHaveLength(2);
    h = edit(undo(h), { do: 'settings', change: { clip: true } }, lay(h.doc), 9000);
    expect(h.future).toEqual([]);
    expect(undo(undo(h)).doc).toEqual(FRESH);
  });
  it('does not undo folding and what is visible', () => {
    let h = run({ do: 'settings', change: { clip: true } }, { do: 'runs', change: { visible: { base: 'none', over: {} } } }, { do: 'section.change', section: 'p:a', change: { open: false } });
    expect(h.past).toHaveLength(1);
    h = undo(h);
    expect(h.doc.runs.visible.base).toBe('none');
    expect(h.doc.settings).toEqual({});
  });
});
