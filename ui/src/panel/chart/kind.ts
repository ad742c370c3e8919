// Custom charts: Vega and Vega-Lite over the tables of runs.
import { lazy } from 'react';
import type { PanelKind } from '../kind';

export const chart: PanelKind<'chart'> = {
  kind: 'chart',
  title: 'Custom chart',
  what: 'A chart of wandb.plot, or a Vega or Vega-Lite spec of your own, over tables, config, summary or history.',
  icon: 'wave',
  viewTypes: ['Vega2'],
  takes: (type) => type === 'chart' || /^media:(incremental-)?table(-file)?$/.test(type),
  auto: (k) => k.type === 'chart',
  section: 'Custom charts',
  defaults: (keys) => {
    const k = keys[0];
    if (!k) return { panelDefId: 'wandb/scatter/v0' };
    if (k.type === 'chart') return { visualize: k.key };
    return { panelDefId: 'wandb/scatter/v0', userQuery: { queryFields: [{ name: 'runSets', args: [{ name: 'runSets', value: '${runSets}' }], fields: [{ name: 'id' }, { name: 'name' }, { name: 'summaryTable', args: [{ name: 'tableKey', value: k.key }] }] }] } };
  },
  name: (c) => c.stringSettings?.title || c.visualize || 'Custom chart',
  keys: (c) => (c.visualize ? [c.visualize] : []),
  View: lazy(() => import('./View').then((m) => ({ default: m.ChartView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.ChartEditor }))),
};
