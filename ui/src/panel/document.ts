// A view as a document: sections with panels, settings, and how the list of runs is shown. Edits are data; applying
// one makes a new document and leaves the old one as it was (undo keeps it).
//
// Panels and sections that appear by themselves (layout.ts) are not in the document until somebody changes them.
import { DEFAULTS, type Settings } from '../chart/view';
import type { PanelDoc, Size } from './config';
import type { Laid } from './layout';

export type SectionDoc = {
  id: string;
  title: string;
  collects: string | null; // "p:train", "p:", "e:", "k:Media": whose automatic panels it shows
  open?: boolean;
  pinned?: boolean;
  cols?: number;
  rows?: number; // of panels on a page
  settings?: Partial<Settings>;
  order?: string[]; // panels by hand; others follow in their own order
  panels: PanelDoc[];
  rest?: Record<string, unknown>;
};

/** How the list of runs is shown and drawn. */
export type RunSetDoc = {
  query: string;
  filters?: unknown; // of the stored view, kept as they are
  group: string[]; // columns, outermost first
  order: string[]; // "-created_at", "+config.lr"
  columns: string[];
  pinned: string[]; // runs kept on top
  baseline: string | null;
  colours: Record<string, string>; // by hand: the name of a run, or "group:" and its values
  colourBy: string | null; // a column
  visible: { base: 'first' | 'all' | 'none'; over: Record<string, boolean>; first?: number };
};

export type ViewDoc = {
  settings: Partial<Settings>;
  by: 'first' | 'last';
  auto: boolean;
  cols: number | null;
  order: string[] | null; // sections by hand; null: as they come
  sections: SectionDoc[];
  removed: string[]; // automatic panels that were taken out
  runs: RunSetDoc;
  rest?: Record<string, unknown>; // stored parts that we do not know
};

export const FRESH_RUNS: RunSetDoc = { query: '', group: [], order: ['-created_at'], columns: [], pinned: [], baseline: null, colours: {}, colourBy: null, visible: { base: 'first', over: {} } };
export const FRESH: ViewDoc = { settings: {}, by: 'first', auto: true, cols: null, order: null, sections: [], removed: [], runs: FRESH_RUNS };

/** A section that an edit brings with it, before another or at the end. */
export type FreshSection = { title: string; before: string | null };
type Change<T> = { [K in keyof T]?: T[K] | undefined };
export type Edit =
  | { do: 'view'; change: Partial<Pick<ViewDoc, 'by' | 'auto' | 'cols'>> }
  | { do: 'runs'; change: Partial<RunSetDoc> }
  | { do: 'settings'; section?: string; panel?: string; change: Change<Settings> }
  | { do: 'panel.config'; panel: string; change: Record<string, unknown> }
  | { do: 'panel.title'; panel: string; title: string }
  | { do: 'panel.size'; panel: string; size: Size | undefined }
  | { do: 'panel.put'; panel: PanelDoc }
  | { do: 'panel.add'; section: string; panels: PanelDoc[]; after?: string; fresh?: FreshSection }
  | { do: 'panel.remove'; panel: string }
  | { do: 'panel.move'; panel: string; section: string; before: string | null; fresh?: FreshSection }
  | { do: 'section.add'; id: string; title: string; before: string | null }
  | { do: 'section.change'; section: string; change: Change<Pick<SectionDoc, 'title' | 'open' | 'pinned' | 'cols' | 'rows'>> }
  | { do: 'section.remove'; section: string }
  | { do: 'section.move'; section: string; before: string | null }
  | { do: 'fold'; open: string[]; close: string[] }
  | { do: 'restore'; panels: string[] };

/** What an edit is called in menus and messages. */
export const WORDS: Record<Edit['do'], string> = {
  view: 'view setting', runs: 'run list', settings: 'settings', 'panel.config': 'panel', 'panel.title': 'title', 'panel.size': 'size', 'panel.put': 'panel', 'panel.add': 'added panel', 'panel.remove': 'removed panel', 'panel.move': 'moved panel',
  'section.add': 'added section', 'section.change': 'section', 'section.remove': 'removed section', 'section.move': 'moved section', fold: 'folded sections', restore: 'restored panels',
};

/** A random id for a panel or section. */
export const freshId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => (b % 36).toString(36)).join('') + Date.now().toString(36).slice(-3);

/** Applies an edit. `laid` is the board as it is shown: edits of what appears by itself take it from there. */
export function apply(doc: ViewDoc, e: Edit, laid: Laid): ViewDoc {
  switch (e.do) {
    case 'view':
      return { ...doc, ...e.change };
    case 'runs':
      return { ...doc, runs: { ...doc.runs, ...e.change } };
    case 'settings':
      if (e.panel) return changePanel(doc, laid, e.panel, (p) => withSettings(p, e.change));
      if (e.section) return changeSection(doc, laid, e.section, (s) => withSettings(s, e.change));
      return { ...doc, settings: merged(doc.settings, e.change) };
    case 'panel.config':
      return changePanel(doc, laid, e.panel, (p) => ({ ...p, config: merged(p.config, e.change) }) as PanelDoc);
    case 'panel.title':
      return changePanel(doc, laid, e.panel, (p) => (e.title.trim() ? { ...p, title: e.title.trim() } : without(p, 'title')));
    case 'panel.size':
      return changePanel(doc, laid, e.panel, (p) => (e.size ? { ...p, size: e.size } : without(p, 'size')));
    case 'panel.put':
      return changePanel(doc, laid, e.panel.id, () => e.panel);
    case 'panel.add':
      return addPanels(withFresh(doc, laid, e.section, e.fresh), laid, e.section, e.panels, e.after);
    case 'panel.remove':
      return removePanel(doc, e.panel);
    case 'panel.move':
      return movePanel(withFresh(doc, laid, e.section, e.fresh), laid, e.panel, e.section, e.before);
    case 'section.add':
      return withFresh(doc, laid, e.id, e);
    case 'section.change':
      return changeSection(doc, laid, e.section, (s) => merged(s, e.change) as SectionDoc);
    case 'section.remove':
      return removeSection(doc, laid, e.section);
    case 'section.move':
      return moveSection(doc, laid, e.section, e.before);
    case 'fold':
      return [...e.open, ...e.close].reduce((d, id) => changeSection(d, laid, id, (s) => ({ ...s, open: e.open.includes(id) })), doc);
    case 'restore':
      return { ...doc, removed: doc.removed.filter((id) => !e.panels.includes(id)) };
  }
}

/** `change` over `old`; what is undefined there is taken out. */
function merged<T extends object>(old: T, change: object): T {
  const gone = new Set(Object.entries(change).flatMap(([k, v]) => (v === undefined ? [k] : [])));
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([k]) => !gone.has(k))) as T;
}
const without = <T extends object>(o: T, key: keyof T & string): T => merged(o, { [key]: undefined });
function withSettings<T extends { settings?: Partial<Settings> }>(of: T, change: Change<Settings>): T {
  const settings = merged(of.settings ?? {}, change);
  return Object.keys(settings).length ? { ...of, settings } : without(of, 'settings');
}

const withFresh = (doc: ViewDoc, laid: Laid, id: string, fresh: FreshSection | undefined): ViewDoc => (fresh ? moveSection({ ...doc, sections: [...doc.sections, { id, title: fresh.title, collects: null, open: true, panels: [] }] }, laid, id, fresh.before) : doc);

/** The document with this section in it. */
function withSection(doc: ViewDoc, laid: Laid, id: string): ViewDoc {
  if (doc.sections.some((s) => s.id === id)) return doc;
  const s = laid.sections.find((t) => t.id === id);
  return s ? { ...doc, sections: [...doc.sections, { id, title: s.title, collects: s.collects, panels: [] }] } : doc;
}
function changeSection(doc: ViewDoc, laid: Laid, id: string, f: (s: SectionDoc) => SectionDoc): ViewDoc {
  const d = withSection(doc, laid, id);
  return { ...d, sections: d.sections.map((s) => (s.id === id ? f(s) : s)) };
}
const holder = (doc: ViewDoc, panel: string): SectionDoc | undefined => doc.sections.find((s) => s.panels.some((p) => p.id === panel));

/** The document with this panel in it. The board may be older than the document: what was removed meanwhile is not taken from it. */
function withPanel(doc: ViewDoc, laid: Laid, panel: string): ViewDoc {
  if (holder(doc, panel) || !isAutomatic(panel) || doc.removed.includes(panel)) return doc;
  const at = laid.sections.find((s) => s.panels.some((p) => p.id === panel));
  const p = at?.panels.find((q) => q.id === panel);
  return at && p ? changeSection(doc, laid, at.id, (s) => ({ ...s, panels: [...s.panels, p] })) : doc;
}
function changePanel(doc: ViewDoc, laid: Laid, panel: string, f: (p: PanelDoc) => PanelDoc): ViewDoc {
  const d = withPanel(doc, laid, panel), at = holder(d, panel);
  return at ? { ...d, sections: d.sections.map((s) => (s === at ? { ...s, panels: s.panels.map((p) => (p.id === panel ? f(p) : p)) } : s)) } : d;
}

/** The order of a section's panels as shown, for edits that fix it. */
const shown = (laid: Laid, section: string): string[] => laid.sections.find((s) => s.id === section)?.panels.map((p) => p.id) ?? [];
const insert = (list: string[], ids: string[], before: string | null): string[] => {
  const rest = list.filter((x) => !ids.includes(x));
  const at = before === null ? -1 : rest.indexOf(before);
  return at < 0 ? [...rest, ...ids] : [...rest.slice(0, at), ...ids, ...rest.slice(at)];
};

function addPanels(doc: ViewDoc, laid: Laid, section: string, panels: PanelDoc[], after?: string): ViewDoc {
  const order = shown(laid, section), at = after === undefined ? -1 : order.indexOf(after);
  const before = after === undefined ? (order[0] ?? null) : (order[at + 1] ?? null);
  return changeSection(doc, laid, section, (s) => ({ ...s, panels: [...s.panels, ...panels], ...(s.order || after !== undefined ? { order: insert(order, panels.map((p) => p.id), before) } : {}) }));
}
function removePanel(doc: ViewDoc, panel: string): ViewDoc {
  const d = { ...doc, sections: doc.sections.map((s) => (s.panels.some((p) => p.id === panel) ? { ...s, panels: s.panels.filter((p) => p.id !== panel) } : s)) };
  return isAutomatic(panel) ? { ...d, removed: [...new Set([...d.removed, panel])] } : d;
}
function movePanel(doc: ViewDoc, laid: Laid, panel: string, section: string, before: string | null): ViewDoc {
  const d = withSection(withPanel(doc, laid, panel), laid, section), from = holder(d, panel);
  const p = from?.panels.find((q) => q.id === panel);
  if (!from || !p || panel === before) return doc;
  const sections = d.sections.map((s) => {
    const panels = s.panels.filter((q) => q.id !== panel);
    if (s.id === section) return { ...s, panels: [...panels, p], order: insert(shown(laid, section), [panel], before) };
    return s === from ? { ...s, panels, ...(s.order ? { order: s.order.filter((x) => x !== panel) } : {}) } : s;
  });
  return { ...d, sections };
}
function moveSection(doc: ViewDoc, laid: Laid, section: string, before: string | null): ViewDoc {
  const d = withSection(doc, laid, section);
  return { ...d, order: insert(laid.sections.map((s) => s.id), [section], before) };
}
function removeSection(doc: ViewDoc, laid: Laid, section: string): ViewDoc {
  const gone = (laid.sections.find((s) => s.id === section)?.all ?? []).filter(isAutomatic);
  return { ...doc, sections: doc.sections.filter((s) => s.id !== section), removed: [...new Set([...doc.removed, ...gone])] };
}

/** Whether a panel's id says that a key brings it by itself. */
export const isAutomatic = (id: string): boolean => /^[he]:/.test(id);

/** Settings after the cascade. */
export const cascade = (doc: ViewDoc, section?: { settings?: Partial<Settings> } | null, panel?: { settings?: Partial<Settings> } | null): Settings => ({ ...DEFAULTS, ...doc.settings, ...section?.settings, ...panel?.settings });

/** The names of settings that an element of the cascade overrides. */
export const overrides = (of: { settings?: Partial<Settings> } | null | undefined): (keyof Settings)[] => Object.keys(of?.settings ?? {}).sort() as (keyof Settings)[];
