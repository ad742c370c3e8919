// A report's stored form (version 5), read block by block. What has a wrong form becomes the nearest that can be
// shown; what is not known stays, with its name.
import { bool, list, num, obj, str, type Wire } from '../panel/spec';

export type Inline =
  | { kind: 'text'; text: string; bold?: boolean; italic?: boolean; underline?: boolean; strike?: boolean; code?: boolean }
  | { kind: 'link'; url: string; children: Inline[] }
  | { kind: 'math'; tex: string };

export type Item = { children: Inline[]; checked?: boolean; inside: Block[] };
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; id: string; children: Inline[]; folded: Block[] | null }
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'quote'; children: Inline[] }
  | { kind: 'callout'; lines: Inline[][] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'markdown'; text: string }
  | { kind: 'math'; tex: string }
  | { kind: 'image'; url: string; caption: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Item[] }
  | { kind: 'rule' }
  | { kind: 'contents' }
  | { kind: 'gallery'; links: { url: string; title: string; text: string }[] }
  | { kind: 'outside'; what: string; url: string | null }
  | { kind: 'grid'; grid: GridDoc }
  | { kind: 'unknown'; type: string };

export type RunSetWire = { name: string; project: { entity: string; project: string } | null; wire: Wire };
/** A grid of panels: its run sets, of which one is shown at a time, and its panels in the stored form. */
export type GridDoc = { sets: RunSetWire[]; first: number; hideSets: boolean; section: Wire; colours: Wire };
export type ReportDoc = { blocks: Block[]; width: 'readable' | 'fixed' | 'fluid'; authors: string[]; wrong: boolean };

/** Reads a spec. `wrong` when it is no JSON object, or of a version that may mean other things. */
export function readReport(text: string): ReportDoc {
  let spec: Wire;
  try {
    spec = obj(JSON.parse(text));
  } catch {
    return { blocks: [], width: 'readable', authors: [], wrong: true };
  }
  const ids = new Map<string, number>();
  const width = str(spec.width);
  const authors = list(spec.authors).flatMap((a) => str(obj(a).name) ?? str(obj(a).username) ?? []);
  return { blocks: blocks(spec.blocks, ids), width: width === 'fixed' || width === 'fluid' ? width : 'readable', authors, wrong: spec.version !== 5 };
}

/** The blocks of a list; empty paragraphs, which the editor leaves around others, are none. */
const blocks = (of: unknown, ids: Map<string, number>): Block[] => list(of).map((b) => block(obj(b), ids)).filter((b) => b.kind !== 'paragraph' || b.children.length > 0);

function block(b: Wire, ids: Map<string, number>): Block {
  const type = str(b.type) ?? '';
  switch (type) {
    case 'heading': {
      const children = inlines(b.children);
      const level = Math.min(3, Math.max(1, Math.round(num(b.level) ?? 1))) as 1 | 2 | 3;
      const id = anchor(plain(children), ids); // before those of what is folded below it
      return { kind: 'heading', level, children, id, folded: Array.isArray(b.collapsedChildren) ? blocks(b.collapsedChildren, ids) : null };
    }
    case 'paragraph':
    case 'default':
      return { kind: 'paragraph', children: inlines(b.children) };
    case 'block-quote':
      return { kind: 'quote', children: inlines(b.children) };
    case 'callout-block':
      return { kind: 'callout', lines: list(b.children).map((l) => inlines(obj(l).children)) };
    case 'code-block':
      return { kind: 'code', language: str(b.language) ?? str(obj(list(b.children)[0]).language) ?? '', text: list(b.children).map((l) => plain(inlines(obj(l).children))).join('\n') };
    case 'markdown-block':
      return { kind: 'markdown', text: str(b.content) ?? '' };
    case 'latex':
      return { kind: 'math', tex: str(b.content) ?? '' };
    case 'image':
      return { kind: 'image', url: str(b.url) ?? '', caption: b.hasCaption === true ? inlines(b.children) : [] };
    case 'list':
      return { kind: 'list', ordered: b.ordered === true || obj(list(b.children)[0]).ordered === true, items: list(b.children).map((i) => item(obj(i), ids)) };
    case 'horizontal-rule':
      return { kind: 'rule' };
    case 'table-of-contents':
      return { kind: 'contents' };
    case 'gallery':
      return { kind: 'gallery', links: list(b.links).map(obj).filter((l) => str(l.url)).map((l) => ({ url: str(l.url)!, title: str(l.title) || str(l.url)!, text: str(l.description) ?? '' })) };
    case 'video':
      return { kind: 'outside', what: 'a video', url: str(b.url) ?? null };
    case 'spotify':
      return { kind: 'outside', what: 'a track', url: str(b.spotifyID) ? `https://open.spotify.com/track/${encodeURIComponent(str(b.spotifyID)!)}` : null };
    case 'soundcloud':
    case 'twitter':
      return { kind: 'outside', what: type === 'twitter' ? 'a post' : 'a sound', url: /https:\/\/[^\s"'<>]+/.exec(str(b.html) ?? '')?.[0] ?? null };
    case 'panel-grid':
      return { kind: 'grid', grid: grid(obj(b.metadata)) };
  }
  return { kind: 'unknown', type: type || 'without a name' };
}

function item(i: Wire, ids: Map<string, number>): Item {
  const children = list(i.children).map(obj), inside = children.filter((c) => c.type === 'list');
  const checked = bool(i.checked);
  return { children: inlines(children.filter((c) => c.type !== 'list')), inside: blocks(inside, ids), ...(checked === undefined ? {} : { checked }) };
}

/** What stands in a line. Paragraphs within it are taken for their text. */
function inlines(of: unknown): Inline[] {
  return list(of).map(obj).flatMap((c): Inline[] => {
    if (c.type === 'link') return [{ kind: 'link', url: str(c.url) ?? '', children: inlines(c.children) }];
    if (c.type === 'latex') return [{ kind: 'math', tex: str(c.content) ?? '' }];
    if (c.text === undefined && Array.isArray(c.children)) return inlines(c.children);
    const text = str(c.text) ?? '';
    if (text === '') return [];
    const marks = { bold: c.bold, italic: c.italic, underline: c.underline, strike: c.strikethrough, code: c.inlineCode };
    return [{ kind: 'text', text, ...Object.fromEntries(Object.entries(marks).filter(([, on]) => on === true)) }];
  });
}

/** The letters of a line. */
export const plain = (of: Inline[]): string => of.map((i) => (i.kind === 'text' ? i.text : i.kind === 'math' ? i.tex : plain(i.children))).join('');

/** An anchor of a heading, different from those before. */
function anchor(text: string, ids: Map<string, number>): string {
  const base = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 80) || 'section';
  const n = (ids.get(base) ?? 0) + 1;
  ids.set(base, n);
  return n === 1 ? base : `${base}-${n}`;
}

/** All headings, those in folded parts too. */
export const headings = (of: Block[]): { id: string; level: number; text: string }[] =>
  of.flatMap((b) => (b.kind === 'heading' ? [{ id: b.id, level: b.level, text: plain(b.children) }, ...headings(b.folded ?? [])] : []));

function grid(m: Wire): GridDoc {
  const all = list(m.runSets).map(obj).map((wire, i) => {
    const p = obj(wire.project), entity = str(p.entityName), project = str(p.name);
    return { name: str(wire.name) || `Run set ${i + 1}`, project: entity && project ? { entity, project } : null, wire };
  });
  const open = num(m.openRunSet) ?? 0;
  return { sets: all, first: open >= 0 && open < all.length ? open : 0, hideSets: m.hideRunSets === true, section: obj(m.panelBankSectionConfig), colours: obj(m.customRunColors) };
}

/** A workspace's spec that shows a grid's panels with one of its run sets: the board reads no other form. */
export function gridSpec(g: GridDoc, set: RunSetWire): string {
  const hidden = list(obj(set.wire.selections).tree);
  return JSON.stringify({
    section: {
      runSets: [{ ...set.wire, selections: { root: 1, bounds: [], ...obj(set.wire.selections), tree: hidden } }],
      customRunColors: g.colours,
      settings: { shouldAutoGeneratePanels: false },
      panelBankConfig: { state: 1, sections: [{ ...g.section, __id__: 'grid', name: set.name, isOpen: true }] },
    },
  });
}
