// Every keyboard shortcut. The help and the palette read this list; screens bind what they can do by id.
import { useEffect, useRef } from 'react';

export const SHORTCUTS = [
  { id: 'palette', group: 'Everywhere', label: 'Search, commands', keys: '⌘K' },
  { id: 'filter', group: 'Everywhere', label: 'Filter this page', keys: '/' },
  { id: 'help', group: 'Everywhere', label: 'This help', keys: '?' },
  { id: 'theme', group: 'Everywhere', label: 'Theme', keys: '⇧D' },
  { id: 'leave', group: 'Everywhere', label: 'Close, clear, leave', keys: 'Esc' },
  { id: 'go.home', group: 'Go to', label: 'Home', keys: 'g h' },
  { id: 'go.overview', group: 'Go to', label: 'Overview', keys: 'g o' },
  { id: 'go.workspace', group: 'Go to', label: 'Workspace, charts', keys: 'g w' },
  { id: 'go.table', group: 'Go to', label: 'Table of runs', keys: 'g t' },
  { id: 'go.artifacts', group: 'Go to', label: 'Artifacts', keys: 'g a' },
  { id: 'go.reports', group: 'Go to', label: 'Reports', keys: 'g r' },
  { id: 'go.system', group: 'Go to', label: 'System metrics of the run', keys: 'g y' },
  { id: 'go.logs', group: 'Go to', label: 'Logs of the run', keys: 'g l' },
  { id: 'go.files', group: 'Go to', label: 'Files of the run', keys: 'g f' },
  { id: 'run.next', group: 'Runs', label: 'Next', keys: 'j' },
  { id: 'run.previous', group: 'Runs', label: 'Previous', keys: 'k' },
  { id: 'run.open', group: 'Runs', label: 'Open', keys: '⏎' },
  { id: 'run.toggle', group: 'Runs', label: 'Show or hide', keys: 'v' },
  { id: 'run.only', group: 'Runs', label: 'Show only this one', keys: '⇧V' },
  { id: 'run.peek', group: 'Runs', label: 'Look into it', keys: 'Space' },
  { id: 'run.baseline', group: 'Runs', label: 'Baseline', keys: 'b' },
  { id: 'run.tag', group: 'Runs', label: 'Tag', keys: 't' },
  { id: 'run.select', group: 'Runs', label: 'Select', keys: 'x' },
  { id: 'run.range.down', group: 'Runs', label: 'Select down', keys: '⇧J' },
  { id: 'run.range.up', group: 'Runs', label: 'Select up', keys: '⇧K' },
  { id: 'run.list', group: 'Runs', label: 'Run list', keys: '\\' },
  { id: 'panel.move', group: 'Panels', label: 'Move between panels', keys: '← ↑ ↓ →' },
  { id: 'panel.cross', group: 'Panels', label: 'Move the crosshair', keys: '⇧← ⇧→' },
  { id: 'panel.full', group: 'Panels', label: 'Full screen', keys: 'f' },
  { id: 'panel.log', group: 'Panels', label: 'Log axis', keys: 'l' },
  { id: 'panel.band', group: 'Panels', label: 'Min–max band', keys: 'm' },
  { id: 'panel.less', group: 'Panels', label: 'Less smoothing', keys: ',' },
  { id: 'panel.more', group: 'Panels', label: 'More smoothing', keys: '.' },
  { id: 'panel.reset', group: 'Panels', label: 'Reset zoom', keys: '0' },
  { id: 'panel.edit', group: 'Panels', label: 'Edit the panel', keys: 'e' },
  { id: 'panel.add', group: 'Panels', label: 'Add a panel', keys: 'a' },
  { id: 'panel.place', group: 'Panels', label: 'Move the panel', keys: '⌥← ⌥→' },
  { id: 'panel.size', group: 'Panels', label: 'Resize the panel', keys: '⌥⇧← ⌥⇧→' },
  { id: 'section.fold', group: 'Panels', label: 'In the search: fold sections without a match', keys: 'Tab' },
  { id: 'section.place', group: 'Panels', label: 'Move the section', keys: '⌥↑ ⌥↓' },
  { id: 'panel.undo', group: 'Panels', label: 'Undo', keys: '⌘Z' },
  { id: 'panel.redo', group: 'Panels', label: 'Redo', keys: '⇧⌘Z' },
  { id: 'log.next', group: 'Logs', label: 'Next match', keys: 'n' },
  { id: 'log.previous', group: 'Logs', label: 'Previous match', keys: '⇧N' },
  { id: 'log.follow', group: 'Logs', label: 'Follow', keys: '⇧F' },
] as const;

export type ShortcutId = (typeof SHORTCUTS)[number]['id'];
type Handler = (e: KeyboardEvent) => void;
export type Bindings = Partial<Record<ShortcutId, Handler>>;

const bound: Bindings[] = []; // the last one that knows an id wins
let lead = 0; // when g was pressed

const textual = (t: EventTarget | null) => t instanceof HTMLElement && (t.isContentEditable || t.tagName === 'TEXTAREA' || t.tagName === 'SELECT' || (t.tagName === 'INPUT' && !/^(range|checkbox|radio|button)$/.test((t as HTMLInputElement).type)));

/** Whether shortcuts of a single letter act (they can be switched off in the settings; WCAG 2.1.4). */
export const lettersOn = (): boolean => {
  try {
    return localStorage.getItem('letters') !== 'off';
  } catch {
    return true;
  }
};

export function setLettersOn(on: boolean): void {
  try {
    localStorage.setItem('letters', on ? 'on' : 'off');
  } catch {
    // Storage is closed: they stay on.
  }
}

/** The shortcut that an event means, if any. `now` tells apart a two-key sequence. */
export function shortcutOf(e: Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>, afterG: boolean): ShortcutId | 'lead' | null {
  if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === 'k') return 'palette';
  if ((e.metaKey || e.ctrlKey) && !e.altKey && e.key.toLowerCase() === 'z') return e.shiftKey ? 'panel.redo' : 'panel.undo';
  if (e.ctrlKey && !e.metaKey && !e.altKey && e.key.toLowerCase() === 'y') return 'panel.redo';
  if (e.metaKey || e.ctrlKey || e.altKey) return null;
  if (e.key === 'Escape') return 'leave';
  if (afterG) return SHORTCUTS.find((s) => s.keys === 'g ' + e.key)?.id ?? null;
  if (e.key === 'g') return 'lead';
  const name = e.key === 'Enter' ? '⏎' : e.key === ' ' ? 'Space' : e.shiftKey && /^[A-Z]$/.test(e.key) ? '⇧' + e.key : e.key;
  return SHORTCUTS.find((s) => s.keys === name)?.id ?? null;
}

function onKey(e: KeyboardEvent): void {
  if (e.defaultPrevented) return;
  const id = shortcutOf(e, Date.now() - lead < 900);
  if (id === null) return;
  if (textual(e.target) && id !== 'palette' && id !== 'leave') return;
  if (document.querySelector('[data-veil]') && id !== 'palette') return; // a dialog has the keyboard
  if (id !== 'palette' && id !== 'leave' && id !== 'run.open' && id !== 'panel.undo' && id !== 'panel.redo' && !lettersOn()) return;
  lead = id === 'lead' ? Date.now() : 0;
  if (id === 'lead') return;
  if (id === 'filter') {
    const f = document.querySelector<HTMLInputElement>('[data-slash]');
    if (f) {
      e.preventDefault();
      f.focus();
      f.select();
    }
    return;
  }
  if (id === 'leave' && textual(e.target)) {
    (e.target as HTMLElement).blur();
    return;
  }
  // Space scrolls, and presses buttons; it looks into a run only where a run of the list has the focus.
  if (id === 'run.peek' && !(e.target instanceof HTMLElement && e.target.tagName !== 'BUTTON' && e.target.closest('[data-run], [data-grid]'))) return;
  // Enter on a button or link is that button's.
  if (id === 'run.open' && e.target instanceof HTMLElement && /^(A|BUTTON)$/.test(e.target.tagName)) return;
  const h = bound.findLast((b) => b[id])?.[id];
  if (!h) return;
  if (id !== 'leave') e.preventDefault();
  h(e);
}
if (typeof document !== 'undefined') document.addEventListener('keydown', onKey);

/** Binds shortcuts while the component is there. */
export function useKeys(b: Bindings): void {
  const now = useRef(b);
  useEffect(() => {
    now.current = b;
  });
  const ids = Object.keys(b).sort().join();
  useEffect(() => {
    const mine: Bindings = {};
    for (const id of ids.split(',').filter(Boolean) as ShortcutId[]) mine[id] = (e) => now.current[id]?.(e);
    bound.push(mine);
    return () => {
      bound.splice(bound.indexOf(mine), 1);
    };
  }, [ids]);
}

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
/** Whether a shortcut does something on this page now. */
export const available = (id: ShortcutId): boolean => bound.some((b) => b[id]);
/** Does what a shortcut does, for the palette. */
export const perform = (id: ShortcutId): void => bound.findLast((b) => b[id])?.[id]?.(new KeyboardEvent('keydown'));

/** How this keyboard writes a shortcut. */
export const keyText = (k: string): string => (isMac ? k : k.replace('⌘', 'Ctrl '));
