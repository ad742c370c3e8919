// Parameter importance.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { axisName, summaryAxis } from '../axis/axis';
import { isNumber } from '../line/takes';

export const importance: PanelKind<'importance'> = {
  kind: 'importance',
  title: 'Parameter importance',
  what: 'Which parameters a metric depends on: permutation importance with its interval, next to the correlation.',
  icon: 'star',
  viewTypes: ['Parameter Importance'],
  takes: isNumber,
  size: { w: 12, h: 8 },
  defaults: (keys) => ({ targetKey: keys[0] ? summaryAxis(keys[0].key) : '' }),
  name: (c) => (c.targetKey ? `Importance for ${axisName(c.targetKey)}` : 'Parameter importance'),
  keys: (c) => [axisName(c.targetKey)],
  View: lazy(() => import('./View').then((m) => ({ default: m.ImportanceView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ImportanceEditor }))),
};
