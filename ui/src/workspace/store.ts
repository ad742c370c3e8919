// Where the workspace's document is kept: the personal one saves itself, a saved view when somebody says so. Each
// save names the revision it was made to, so that nobody's change is overwritten.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../data/client';
import { queryClient } from '../data/cache';
import { stored, storeView, viewQuery, type SavedView, type ViewEntry } from '../data/view';
import type { ViewDoc } from '../panel/document';
import { keepDraft, useKeepDraft, type OpenDraft } from './draft';
import { toSpec, type Place } from '../panel/spec';

export type SaveState = { kind: 'saved' } | { kind: 'changed' } | { kind: 'saving' } | { kind: 'failed'; error: Error } | { kind: 'conflict'; error: Error } | { kind: 'local' };
export type Source = { nw: string; name: string; mine: boolean; entry: ViewEntry | null; canWrite: boolean };

const REST = 900; // ms without an edit before the personal workspace is saved
const AGAIN = 10_000; // ms after which a failed save is tried again

export type Store = { state: SaveState; entry: ViewEntry | null; save: () => Promise<void>; saveAs: (name: string, title: string) => Promise<ViewEntry>; rename: (title: string) => Promise<void>; keepMine: () => Promise<void>; discard: () => Promise<void> };

/** `opened` is the document as the screen began: what differs from it has to be saved. Of one's own workspace `toStore`
 * says what is stored of it; who saves a view by a press saves what they see. A saved view may be open with a draft. */
export function useStore(source: Source, place: Place, doc: ViewDoc, opened: ViewDoc, toStore: (doc: ViewDoc) => ViewDoc, draft: Pick<OpenDraft, 'key' | 'left' | 'revision'> = { key: null, left: null, revision: null }): Store {
  const [state, setState] = useState<SaveState>(() => first(source, draft.revision));
  const [entry, setEntry] = useState(() => source.entry && { ...source.entry, revision: draft.revision ?? source.entry.revision });
  const saved = useRef(opened);
  const now = useRef({ doc, entry });
  useEffect(() => {
    now.current = { doc, entry };
  });
  const busy = useRef<Promise<void> | null>(null);
  // A look at the stored view that is still under way would put what it finds in the place of edits made meanwhile.
  const edited = doc !== opened;
  useEffect(() => {
    if (edited) void queryClient.cancelQueries({ queryKey: viewQuery(place.entity, place.project, source.nw).queryKey });
  }, [edited, place, source.nw]);

  const write = useCallback(async () => {
    const { doc: d, entry: e } = now.current;
    if (d === saved.current) return;
    setState({ kind: 'saving' });
    try {
      const spec = toSpec(source.mine ? toStore(d) : d, place);
      const next = await storeView(e ? { id: e.id, spec, revision: e.revision } : { entityName: place.entity, projectName: place.project, name: source.name, displayName: source.mine ? 'My workspace' : source.name, spec });
      saved.current = d;
      if (draft.left !== null) keepDraft(draft.left, null);
      stored(place.entity, place.project, source.nw, { ...next, spec });
      now.current.entry = next;
      setEntry(next);
      setState({ kind: now.current.doc === d ? 'saved' : 'changed' });
    } catch (err) {
      const conflict = err instanceof ApiError && err.status === 409;
      setState({ kind: conflict ? 'conflict' : 'failed', error: err as Error });
    }
  }, [place, source, toStore, draft.left]);
  const save = useCallback(() => (busy.current ??= write().finally(() => (busy.current = null))), [write]);

  const auto = source.mine && source.canWrite;
  const stuck = state.kind === 'conflict';
  useEffect(() => {
    if (stuck || (source.mine && !source.canWrite)) return;
    if (doc === saved.current) {
      if (!auto) setState((s) => (s.kind === 'changed' ? { kind: 'saved' } : s)); // undone
      return;
    }
    if (!auto) {
      setState((s) => (s.kind === 'saving' ? s : { kind: 'changed' }));
      return;
    }
    const t = setTimeout(() => void save(), state.kind === 'failed' ? AGAIN : REST);
    return () => clearTimeout(t);
  }, [doc, auto, save, stuck, state.kind, source]);
  useKeepDraft(draft.key, place, doc, state.kind, entry?.revision ?? 0);
  // What is not saved yet goes when the page is hidden or left: it may not come back. A save that waits for another, or
  // is too long for a browser to send on, would be lost with the page: the draft is taken up at the next opening.
  useEffect(() => {
    if (!auto || stuck) return;
    const left = () => {
      const { doc: d, entry: e } = now.current;
      if (draft.left !== null && e && d !== saved.current) keepDraft(draft.left, { spec: toSpec(toStore(d), place), revision: e.revision + (busy.current ? 1 : 0) });
      void save();
    };
    const hidden = () => document.hidden && left();
    document.addEventListener('visibilitychange', hidden);
    window.addEventListener('pagehide', left);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      window.removeEventListener('pagehide', left);
    };
  }, [auto, save, stuck, draft.left, place, toStore]);

  const saveAs = useCallback((name: string, title: string) => storeView({ entityName: place.entity, projectName: place.project, name, displayName: title, spec: toSpec(now.current.doc, place) }), [place]);
  const rename = useCallback(async (title: string) => {
    const e = now.current.entry;
    if (!e) return;
    const next = await storeView({ id: e.id, displayName: title, revision: e.revision });
    now.current.entry = next;
    setEntry(next);
  }, []);
  /** Saves over what another window of the same person stored: they said so. */
  const keepMine = useCallback(async () => {
    const { view } = await queryClient.fetchQuery({ ...viewQuery(place.entity, place.project, source.nw), staleTime: 0 });
    if (view) now.current.entry = view;
    await save();
  }, [place, source, save]);
  /** What is stored in the place of what is on screen. */
  const discard = useCallback(async () => {
    if (draft.key !== null) keepDraft(draft.key, null);
    setState({ kind: 'saved' });
    await queryClient.resetQueries({ queryKey: viewQuery(place.entity, place.project, source.nw).queryKey });
  }, [draft.key, place, source.nw]);
  return { state, entry, save, saveAs, rename, keepMine, discard };
}

const CONFLICT = new Error('The view was changed meanwhile.');
/** How a view begins: a draft made to an older revision cannot be saved over the newer one. */
const first = (source: Source, draft: number | null): SaveState => (draft !== null ? (draft === source.entry?.revision ? { kind: 'changed' } : { kind: 'conflict', error: CONFLICT }) : source.mine && !source.canWrite ? { kind: 'local' } : { kind: 'saved' });

/** The stored view as a source, and what it is called. */
export function sourceOf(nw: string, user: string | undefined, view: SavedView | null, readOnly: boolean): Source {
  const mine = nw === 'nwuser' + (user ?? '');
  return { nw, name: `nw-${nw}-v`, mine, entry: view, canWrite: !readOnly && !(view?.readOnly ?? false) && (mine || !nw.startsWith('nwuser')) };
}
