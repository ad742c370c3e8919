// Words.
import { lazy } from 'react';
import type { PanelKind } from '../kind';

export const markdown: PanelKind<'markdown'> = {
  kind: 'markdown',
  title: 'Markdown',
  what: 'Words, lists, tables and formulas between the panels.',
  icon: 'edit',
  viewTypes: ['Markdown Panel'],
  takes: null,
  defaults: () => ({ value: '' }),
  name: (c) => /^#+\s*(.+)$/m.exec(c.value)?.[1]?.trim() || 'Notes',
  keys: (c) => [c.value.slice(0, 500)],
  View: lazy(() => import('./View').then((m) => ({ default: m.MarkdownView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.MarkdownEditor }))),
};
