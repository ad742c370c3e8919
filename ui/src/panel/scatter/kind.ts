// One dot per run.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { axisName, summaryAxis } from '../axis/axis';
import { isNumber } from '../line/takes';

export const scatter: PanelKind<'scatter'> = {
  kind: 'scatter',
  title: 'Scatter',
  what: 'One dot per run: metrics or config against each other, a third value as colour.',
  icon: 'grid',
  viewTypes: ['Scatter Plot'],
  takes: isNumber,
  defaults: (keys) => ({ xAxis: keys[0] ? summaryAxis(keys[0].key) : '', yAxis: keys[1] ? summaryAxis(keys[1].key) : '', zAxis: keys[2] ? summaryAxis(keys[2].key) : null }),
  name: (c) => (c.xAxis && c.yAxis ? `${axisName(c.yAxis)} over ${axisName(c.xAxis)}` : 'Scatter'),
  keys: (c) => [c.xAxis, c.yAxis, c.zAxis].filter((a): a is string => Boolean(a)).map(axisName),
  View: lazy(() => import('./View').then((m) => ({ default: m.ScatterView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ScatterEditor }))),
};
