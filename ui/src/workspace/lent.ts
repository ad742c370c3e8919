// What an address lends to one's own workspace: it is seen, and not stored before a person changes it. Opening
// somebody's link must not replace one's own filter with theirs.
import { useCallback, useEffect, useState } from 'react';
import type { ViewDoc } from '../panel/document';
import type { Asked } from './address';

/** The names of what is lent, by the part of the document. */
export type Lent = { view: string[]; settings: string[]; runs: string[] };

export const lentBy = (a: Asked): Lent => ({ view: a.cols === undefined ? [] : ['cols'], settings: Object.keys(a.settings), runs: Object.keys(a.runs) });

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const untouched = (names: string[], now: object, then: object): string[] => names.filter((k) => same(now[k as never], then[k as never]));

/** What of it is still as it was when the document was opened. */
export const stillLent = (l: Lent, doc: ViewDoc, opened: ViewDoc): Lent => ({ view: untouched(l.view, doc, opened), settings: untouched(l.settings, doc.settings, opened.settings), runs: untouched(l.runs, doc.runs, opened.runs) });

function giveBack<T extends object>(doc: T, names: string[], own: T): T {
  const rest = Object.entries(doc).filter(([k]) => !names.includes(k));
  return Object.fromEntries([...rest, ...Object.entries(own).filter(([k]) => names.includes(k))]) as T;
}

/** The document to store: what is lent is as in one's own. */
export const owned = (doc: ViewDoc, l: Lent, own: ViewDoc): ViewDoc => ({ ...giveBack(doc, l.view, own), settings: giveBack(doc.settings, l.settings, own.settings), runs: giveBack(doc.runs, l.runs, own.runs) });

/** Turns the document on the screen into the one to store. `own` is what was stored, `opened` with the address over it. */
export function useOwned(asked: Asked, doc: ViewDoc, opened: ViewDoc, own: ViewDoc): (doc: ViewDoc) => ViewDoc {
  const [lent] = useState(() => ({ now: lentBy(asked) }));
  useEffect(() => {
    lent.now = stillLent(lent.now, doc, opened);
  }, [lent, doc, opened]);
  return useCallback((d: ViewDoc) => owned(d, lent.now, own), [lent, own]);
}
