// One number.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { axisName } from '../axis/axis';
import { isNumber } from '../line/takes';

export const scalar: PanelKind<'scalar'> = {
  kind: 'scalar',
  title: 'Scalar',
  what: 'The last value of a metric as a large number: of one run, or of all in view together.',
  icon: 'tag',
  viewTypes: ['Scalar Chart'],
  takes: isNumber,
  size: { w: 6, h: 4 },
  defaults: (keys) => ({ metrics: keys.slice(0, 1).map((k) => k.key) }),
  name: (c) => (c.metrics[0] ? axisName(c.metrics[0]) : 'Scalar'),
  keys: (c) => c.metrics,
  View: lazy(() => import('./View').then((m) => ({ default: m.ScalarView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ScalarEditor }))),
};
