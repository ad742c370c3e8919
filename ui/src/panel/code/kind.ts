// Saved code.
import { lazy } from 'react';
import type { PanelKind } from '../kind';

export const code: PanelKind<'code'> = {
  kind: 'code',
  title: 'Code',
  what: 'Saved code, requirements and diff.patch of a run, or the difference between two runs.',
  icon: 'term',
  viewTypes: ['Code Comparer'],
  takes: null,
  size: { w: 24, h: 9 },
  defaults: () => ({ diff: 'unified' }),
  name: (c) => c.file ?? 'Code',
  keys: () => [],
  View: lazy(() => import('./View').then((m) => ({ default: m.CodeView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.CodeEditor }))),
};
