// Undo and redo: documents are immutable, so that the steps are the documents themselves.
import { apply, WORDS, type Edit, type ViewDoc } from './document';
import type { Laid } from './layout';

export type Step = { doc: ViewDoc; what: string };
export type History = { doc: ViewDoc; past: Step[]; future: Step[]; tag: string; at: number };

const STEPS = 200;
const TOGETHER = 700; // ms: a slider that is dragged is one step

export const begin = (doc: ViewDoc): History => ({ doc, past: [], future: [], tag: '', at: 0 });

/** Edits that say where one looks, not what there is: kept, but not undone step by step. */
const quiet = (e: Edit): boolean => e.do === 'fold' || (e.do === 'section.change' && Object.keys(e.change).every((k) => k === 'open')) || (e.do === 'runs' && Object.keys(e.change).every((k) => k === 'visible'));

/** What makes two edits the same gesture. */
const gesture = (e: Edit): string => {
  const keys = 'change' in e ? Object.keys(e.change).join() : '';
  const where = ['section' in e ? e.section : '', 'panel' in e ? (typeof e.panel === 'string' ? e.panel : e.panel?.id) : ''].join();
  return /^(settings|panel\.(config|size|title|put)|runs)$/.test(e.do) ? [e.do, where, keys].join(' ') : '';
};

export function edit(h: History, e: Edit, laid: Laid, now: number): History {
  const doc = apply(h.doc, e, laid);
  if (doc === h.doc) return h;
  if (quiet(e)) return { ...h, doc };
  const tag = gesture(e);
  if (tag && tag === h.tag && now - h.at < TOGETHER && h.past.length > 0) return { ...h, doc, future: [], at: now };
  return { doc, past: [...h.past, { doc: h.doc, what: WORDS[e.do] }].slice(-STEPS), future: [], tag, at: now };
}

/** Another document in the place of this one. */
export const replace = (h: History, doc: ViewDoc): History => ({ doc, past: [...h.past, { doc: h.doc, what: 'the whole view' }].slice(-STEPS), future: [], tag: '', at: 0 });

export function undo(h: History): History {
  const s = h.past.at(-1);
  return s ? { doc: keepQuiet(s.doc, h.doc), past: h.past.slice(0, -1), future: [...h.future, { doc: h.doc, what: s.what }], tag: '', at: 0 } : h;
}
export function redo(h: History): History {
  const s = h.future.at(-1);
  return s ? { doc: keepQuiet(s.doc, h.doc), past: [...h.past, { doc: h.doc, what: s.what }], future: h.future.slice(0, -1), tag: '', at: 0 } : h;
}

/** Which runs are visible stays as it is now. */
const keepQuiet = (to: ViewDoc, now: ViewDoc): ViewDoc => (to.runs.visible === now.runs.visible ? to : { ...to, runs: { ...to.runs, visible: now.runs.visible } });
