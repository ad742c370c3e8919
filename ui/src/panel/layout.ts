// From document and catalogue to what is shown: sections in order with their panels, those by hand and those that
// every key brings by itself.
import { natural } from '../chart/sections';
import type { Catalogue, CatalogueKey } from '../data/run';
import type { PanelDoc } from './config';
import type { SectionDoc, ViewDoc } from './document';
import { autoKind, searchText } from './kinds';

export type LaidSection = {
  id: string;
  title: string;
  collects: string | null;
  doc: SectionDoc | null; // null: nobody changed it yet
  system: boolean;
  panels: PanelDoc[]; // that match the search
  all: string[]; // ids of all its panels
};
export type Laid = { sections: LaidSection[]; total: number; other: { type: string; keys: string[] }[] };

export const EMPTY: Laid = { sections: [], total: 0, other: [] };
const HIDDEN = /^_(step|runtime|timestamp|wandb)(\.|$)/;

function prefix(key: string, by: 'first' | 'last'): string {
  const i = by === 'first' ? key.indexOf('/') : key.lastIndexOf('/');
  return i <= 0 ? '' : key.slice(0, i);
}

/** Automatic panels keep their identity, so that a new catalogue does not mount them anew. */
export class Automatics {
  private readonly known = new Map<string, { from: string; panel: PanelDoc }>();

  of(id: string, k: CatalogueKey, stream: 'history' | 'events'): PanelDoc | null {
    const kind = autoKind(k);
    if (!kind) return null;
    const from = [kind.kind, k.type, k.step].join('|'), old = this.known.get(id);
    if (old?.from === from) return old.panel;
    const config = { ...kind.defaults([k]), ...(stream === 'events' ? { stream } : {}) };
    const panel = { id, kind: kind.kind, config, ...(kind.size ? { size: kind.size } : {}) } as PanelDoc;
    this.known.set(id, { from, panel });
    return panel;
  }
}

type Gathered = { collects: string; title: string; panels: PanelDoc[] };

/** The automatic panels of a catalogue by their section. */
function gather(doc: ViewDoc, c: Catalogue, auto: Automatics, taken: Set<string>): { by: Map<string, Gathered>; other: Map<string, string[]> } {
  const by = new Map<string, Gathered>(), other = new Map<string, string[]>();
  const put = (collects: string, title: string, panel: PanelDoc) => {
    const g = by.get(collects) ?? { collects, title, panels: [] };
    g.panels.push(panel);
    by.set(collects, g);
  };
  for (const k of c.history) {
    if (k.hidden || HIDDEN.test(k.key)) continue;
    const id = 'h:' + k.key, panel = auto.of(id, k, 'history');
    if (!panel) {
      other.set(k.type, [...(other.get(k.type) ?? []), k.key]);
      continue;
    }
    if (!doc.auto || taken.has(id)) continue;
    const own = autoKind(k)?.section, name = prefix(k.key, doc.by);
    if (own) put('k:' + own, own, panel);
    else put('p:' + name, name || 'Charts', panel);
  }
  if (doc.auto)
    for (const k of c.events) {
      const id = 'e:' + k.key;
      if (HIDDEN.test(k.key) || taken.has(id)) continue;
      const panel = auto.of(id, k, 'events');
      if (panel) put('e:', 'system', panel);
    }
  return { by, other };
}

const keyOf = (p: PanelDoc) => p.id.slice(2);
const byItself = (p: PanelDoc) => /^[he]:/.test(p.id);

/** A section's panels in order: by hand where somebody ordered them, else what was added first, then keys by name. */
function arrange(doc: SectionDoc | null, automatic: PanelDoc[]): PanelDoc[] {
  const added = doc?.panels.filter((p) => !byItself(p)) ?? [];
  const keys = [...(doc?.panels.filter(byItself) ?? []), ...automatic].sort((a, b) => natural(keyOf(a), keyOf(b)));
  const all = [...added, ...keys];
  if (!doc?.order) return all;
  const at = new Map(doc.order.map((id, i) => [id, i]));
  return all.map((p, i) => ({ p, o: at.get(p.id) ?? doc.order!.length + i })).sort((a, b) => a.o - b.o).map((x) => x.p);
}

/** Where a section stands that nobody moved: what was made by hand, prefixes by name, Charts, other kinds, system. */
const rank = (s: LaidSection): number => (s.collects === null ? 0 : s.collects === 'e:' ? 4 : s.collects.startsWith('k:') ? 3 : s.collects === 'p:' ? 2 : 1);

export function layOut(doc: ViewDoc, c: Catalogue, match: ((key: string) => boolean) | null, auto: Automatics): Laid {
  const taken = new Set([...doc.removed, ...doc.sections.flatMap((s) => s.panels.map((p) => p.id))]);
  const { by, other } = gather(doc, c, auto, taken);
  const sections: LaidSection[] = [];
  const add = (id: string, title: string, collects: string | null, s: SectionDoc | null) => {
    const all = arrange(s, collects === null ? [] : (by.get(collects)?.panels ?? []));
    if (all.length === 0 && collects !== null) return;
    const panels = match ? all.filter((p) => searchText(p).some(match)) : all;
    if (match && panels.length === 0) return;
    sections.push({ id, title, collects, doc: s, system: collects === 'e:', panels, all: all.map((p) => p.id) });
  };
  for (const s of doc.sections) add(s.id, s.title, s.collects, s);
  const held = new Set(doc.sections.map((s) => s.collects));
  for (const g of by.values()) if (!held.has(g.collects)) add(g.collects, g.title, g.collects, null);
  return { sections: inOrder(doc, sections), total: sections.reduce((n, s) => n + s.panels.length, 0), other: [...other].map(([type, keys]) => ({ type, keys })) };
}

const PINNED = 1e6; // places before all others

function inOrder(doc: ViewDoc, sections: LaidSection[]): LaidSection[] {
  const at = new Map(doc.order?.map((id, i) => [id, i]));
  const place = (s: LaidSection) => (at.get(s.id) ?? (doc.order ? doc.order.length : 0)) - (s.doc?.pinned ? PINNED : 0);
  return sections
    .map((s, i) => ({ s, i }))
    .sort((a, b) => place(a.s) - place(b.s) || rank(a.s) - rank(b.s) || (rank(a.s) === 0 ? a.i - b.i : natural(a.s.title, b.s.title)))
    .map((x) => x.s);
}
