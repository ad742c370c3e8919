// The document of a board with its history, and the board that comes of it and the catalogue.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { matcher } from '../chart/sections';
import type { Catalogue } from '../data/run';
import { FRESH, type Edit, type ViewDoc } from './document';
import { begin, edit, redo, replace, undo, type History } from './history';
import { Automatics, EMPTY, layOut, type Laid } from './layout';

type Act = { act: 'edit'; edit: Edit; laid: Laid; now: number } | { act: 'undo' } | { act: 'redo' } | { act: 'replace'; doc: ViewDoc };

const step = (h: History, a: Act): History => (a.act === 'edit' ? edit(h, a.edit, a.laid, a.now) : a.act === 'undo' ? undo(h) : a.act === 'redo' ? redo(h) : replace(h, a.doc));

export type BoardDoc = {
  doc: ViewDoc;
  laid: Laid; // all of it, for edits
  shown: Laid; // what the search leaves
  history: History;
  edit: (e: Edit) => void;
  undo: () => void;
  redo: () => void;
  /** Opens the sections in which the search found something, and folds the others. */
  foldOthers: () => void;
  /** Another document in its place; one step of undo. */
  replace: (doc: ViewDoc) => void;
};

/** `only` leaves one stream of the catalogue. */
export function useBoard(catalogue: Catalogue | undefined, search: string, only?: 'history' | 'events', first: ViewDoc = FRESH): BoardDoc {
  const [history, act] = useReducer(step, first, begin);
  const [auto] = useState(() => new Automatics());
  const doc = history.doc;
  const c = useMemo(() => (!catalogue || !only ? catalogue : only === 'events' ? { history: [], events: catalogue.events } : { history: catalogue.history, events: [] }), [catalogue, only]);
  const laid = useMemo(() => (c ? layOut(doc, c, null, auto) : EMPTY), [doc, c, auto]);
  const shown = useMemo(() => {
    const match = matcher(search);
    return match && c ? layOut(doc, c, match, auto) : laid;
  }, [doc, c, search, auto, laid]);
  const now = useRef({ laid, shown });
  useEffect(() => {
    now.current = { laid, shown };
  });
  return {
    doc,
    laid,
    shown,
    history,
    edit: useCallback((e: Edit) => act({ act: 'edit', edit: e, laid: now.current.laid, now: Date.now() }), []),
    foldOthers: useCallback(() => {
      const { laid: all, shown: found } = now.current, open = found.sections.map((s) => s.id);
      act({ act: 'edit', edit: { do: 'fold', open, close: all.sections.flatMap((s) => (open.includes(s.id) ? [] : [s.id])) }, laid: all, now: Date.now() });
    }, []),
    undo: useCallback(() => act({ act: 'undo' }), []),
    redo: useCallback(() => act({ act: 'redo' }), []),
    replace: useCallback((d: ViewDoc) => act({ act: 'replace', doc: d }), []),
  };
}
