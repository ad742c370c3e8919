// Tables that runs logged.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { isTable } from './types';

export const table: PanelKind<'table'> = {
  kind: 'table',
  title: 'Table',
  what: 'The rows of a table that runs logged, sorted, searched and filtered on the server.',
  icon: 'rows',
  viewTypes: ['Data Frame Table'],
  takes: isTable,
  auto: (k) => isTable(k.type),
  section: 'Tables',
  size: { w: 24, h: 8 },
  defaults: (keys) => ({ tableKey: keys[0]?.key ?? '' }),
  name: (c) => c.tableKey || 'No table yet',
  keys: (c) => [c.tableKey],
  View: lazy(() => import('./View').then((m) => ({ default: m.TableView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.TableEditor }))),
};
