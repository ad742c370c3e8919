// What somebody changed in a view and what is not saved yet: kept in their browser, so that a reload loses nothing.
import { useEffect, useState } from 'react';
import type { ViewDoc } from '../panel/document';
import { fromSpec, toSpec, type Place } from '../panel/spec';
import type { SaveState, Source } from './store';

/** `revision` is that of the stored view when the changes began: a newer one is somebody else's. */
export type Draft = { spec: string; revision: number };
const REST = 250; // ms without an edit

export const draftKey = (user: string, place: Place, view: string): string => ['draft', user, place.entity, place.project, view].join(':');

export function readDraft(key: string): Draft | null {
  try {
    const d = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Draft> | null;
    return d && typeof d.spec === 'string' && typeof d.revision === 'number' ? { spec: d.spec, revision: d.revision } : null;
  } catch {
    return null;
  }
}
export function keepDraft(key: string, d: Draft | null): void {
  try {
    if (d) localStorage.setItem(key, JSON.stringify(d));
    else localStorage.removeItem(key);
  } catch {
    // Storage is full or closed: the changes last as long as the page.
  }
}

/** Whether a draft was made on top of a stored revision, or on a save of that one which did not arrive. */
export const follows = (d: Pick<Draft, 'revision'>, stored: number): boolean => stored === d.revision || stored === d.revision - 1;

export type OpenDraft = { key: string | null; left: string | null; revision: number | null; doc: ViewDoc | null };

/** The draft of the view that is open. `key` is where that of a saved view is kept. One's own workspace saves itself and
 * has one at `left` only when the page was left before a save could end. */
export function useDraft(user: string | undefined, place: Place, source: Source): OpenDraft {
  const kept = source.entry ? draftKey(user ?? '', place, source.entry.id) : null;
  return useState(() => {
    const d = kept === null ? null : readDraft(kept);
    if (!source.mine) return { key: kept, left: null, revision: d?.revision ?? null, doc: d && fromSpec(d.spec, place) };
    return { key: null, left: kept, revision: null, doc: d && follows(d, source.entry!.revision) ? fromSpec(d.spec, place) : null };
  })[0];
}

/** Keeps the draft while there is something to save, and forgets it once it is saved. */
export function useKeepDraft(key: string | null, place: Place, doc: ViewDoc, state: SaveState['kind'], revision: number): void {
  useEffect(() => {
    if (key === null || state === 'saving') return;
    if (state === 'saved') return keepDraft(key, null);
    const keep = () => keepDraft(key, { spec: toSpec(doc, place), revision });
    const t = setTimeout(keep, REST);
    window.addEventListener('pagehide', keep);
    return () => {
      clearTimeout(t);
      window.removeEventListener('pagehide', keep);
    };
  }, [key, place, doc, state, revision]);
}
