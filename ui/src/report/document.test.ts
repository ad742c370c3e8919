import { describe, expect, it, test } from 'vitest';
import { reportID, reportSlug } from '../data/report';
import { fromSpec } from '../panel/spec';
import { gridSpec, headings, plain, readReport, type Block, type GridDoc } from './document';
import stored from './testdata/report.json?raw'; // as wandb-workspaces 0.4.13 writes it (test/sdk/test_report.py)

const one = (block: object): Block => readReport(JSON.stringify({ version: 5, blocks: [block] })).blocks[0]!;

describe('a report that the package wrote', () => {
  const doc = readReport(stored);
  it('has every block', () => {
    expect(doc.wrong).toBe(false);
    expect(doc.blocks.map((b) => b.kind)).toEqual(['contents', 'heading', 'paragraph', 'list', 'list', 'list', 'quote', 'callout', 'code', 'math', 'markdown', 'image', 'rule', 'gallery', 'outside', 'heading', 'grid']);
  });
  it('has links and formulas in its lines', () => {
    const p = doc.blocks.find((b) => b.kind === 'paragraph')!;
    expect(p.kind === 'paragraph' && p.children.map((c) => c.kind)).toEqual(['text', 'link', 'text', 'math', 'text', 'text']);
    expect(p.kind === 'paragraph' && plain(p.children)).toBe('We follow the paper with x^2 and code.');
  });
  it('has checked items', () => {
    const checked = doc.blocks.filter((b) => b.kind === 'list').at(-1)!;
    expect(checked.kind === 'list' && checked.items.map((i) => i.checked)).toEqual([true, false]);
  });
  it('has a grid that a board reads', () => {
    const g = doc.blocks.at(-1)!;
    if (g.kind !== 'grid') throw new Error('no grid');
    expect(g.grid.sets.map((s) => [s.name, s.project])).toEqual([['Adam', { entity: 'alice', project: 'vit' }], ['All', { entity: 'alice', project: 'vit' }]]);
    const board = fromSpec(gridSpec(g.grid, g.grid.sets[0]!), { entity: 'alice', project: 'vit' });
    expect(board.auto).toBe(false);
    expect(board.sections.map((s) => [s.title, s.panels.map((p) => p.kind)])).toEqual([['Adam', ['line', 'scalar']]]);
    expect(board.runs.query).toBe('adam');
    expect(board.runs.group).toEqual(['config.opt']);
  });
  it('has contents', () => expect(headings(doc.blocks)).toEqual([{ id: 'aims-of-it', level: 1, text: 'Aims of it' }, { id: 'aims-of-it-2', level: 2, text: 'Aims of it' }]));
});

test('a folded heading keeps what is below it, with anchors of its own', () => {
  const b = one({ type: 'heading', level: 2, children: [{ text: 'A' }], collapsedChildren: [{ type: 'heading', level: 3, children: [{ text: 'A' }] }, { type: 'paragraph', children: [{ text: 'x' }] }] });
  expect(headings([b]).map((h) => h.id)).toEqual(['a', 'a-2']);
});

test.each([
  ['an unknown block keeps its name', { type: 'hologram' }, { kind: 'unknown', type: 'hologram' }],
  ['a block without a type', {}, { kind: 'unknown', type: 'without a name' }],
  ['a heading of a strange level', { type: 'heading', level: 17, children: 'x' }, { kind: 'heading', level: 3, id: 'section', children: [], folded: null }],
  ['text of a wrong type', { type: 'block-quote', children: [{ text: 7 }, null, 'x'] }, { kind: 'quote', children: [] }],
  ['a list without items', { type: 'list' }, { kind: 'list', ordered: false, items: [] }],
  ['embedded HTML is a link at most', { type: 'twitter', html: '<script src="https://x.example/a.js"></script>' }, { kind: 'outside', what: 'a post', url: 'https://x.example/a.js' }],
])('%s', (_, block, want) => expect(one(block)).toEqual(want));

test('a grid without anything is a grid without run sets', () => {
  const g = one({ type: 'panel-grid' }) as { grid: GridDoc };
  expect(g.grid.sets).toEqual([]);
});

test.each(['', 'null', '[]', '{"version":4,"blocks":[]}', '{"blocks":7}'])('what is no report of version 5 says so: %s', (text) => expect(readReport(text).wrong).toBe(true));

test.each([
  ['Weekly-notes--Vmlldzox', 'Vmlldzox'],
  ['a--b--VmlldzoxMA', 'VmlldzoxMA=='],
  ['no-id', null],
])('the id in %s', (slug, id) => expect(reportID(slug)).toBe(id));
test('an address leads back to the id', () => expect(reportID(reportSlug({ id: 'VmlldzoxMA==', displayName: 'a / b -- c' }))).toBe('VmlldzoxMA=='));
