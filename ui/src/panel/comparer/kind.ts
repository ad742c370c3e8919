// Runs side by side.
import { lazy } from 'react';
import type { PanelKind } from '../kind';

export const comparer: PanelKind<'comparer'> = {
  kind: 'comparer',
  title: 'Run comparer',
  what: 'Config, summary and facts of the runs in view side by side, or only what differs.',
  icon: 'diff',
  viewTypes: ['Run Comparer'],
  takes: null,
  size: { w: 24, h: 9 },
  defaults: () => ({ diffOnly: true }),
  name: () => 'Run comparer',
  keys: () => [],
  View: lazy(() => import('./View').then((m) => ({ default: m.ComparerView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ComparerEditor }))),
};
