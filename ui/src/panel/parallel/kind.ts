// Parallel coordinates.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { axisName, summaryAxis } from '../axis/axis';
import { isNumber } from '../line/takes';

export const parallel: PanelKind<'parallel'> = {
  kind: 'parallel',
  title: 'Parallel coordinates',
  what: 'Each run a line through config and metrics; a brush on a column keeps what passes.',
  icon: 'flow',
  viewTypes: ['Parallel Coordinates Plot'],
  takes: isNumber,
  size: { w: 24, h: 8 },
  defaults: (keys) => ({ columns: keys.map((k) => ({ accessor: summaryAxis(k.key) })) }),
  name: () => 'Parallel coordinates',
  keys: (c) => c.columns.map((x) => axisName(x.accessor)),
  View: lazy(() => import('./View').then((m) => ({ default: m.ParallelView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ParallelEditor }))),
};
