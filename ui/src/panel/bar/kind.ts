// Bars, boxes and violins.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { isNumber } from '../line/takes';

export const bar: PanelKind<'bar'> = {
  kind: 'bar',
  title: 'Bar',
  what: 'The last values of metrics as bars, boxes or violins, by run or by a key of the config.',
  icon: 'rows',
  viewTypes: ['Bar Chart'],
  takes: isNumber,
  defaults: (keys) => ({ metrics: keys.map((k) => k.key) }),
  name: (c) => c.metrics.join(', ') || 'Bars',
  keys: (c) => c.metrics,
  View: lazy(() => import('./View').then((m) => ({ default: m.BarView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.BarEditor }))),
};
