// Lines over x.
import type { PanelKind } from '../kind';
import { LineEditor } from './Editor';
import { isNumber } from './takes';
import { LineView } from './View';

export const line: PanelKind<'line'> = {
  kind: 'line',
  title: 'Line',
  what: 'Metrics over steps, time or another metric, one line per run or group.',
  icon: 'run',
  viewTypes: ['Run History Line Plot'],
  takes: isNumber,
  auto: (k) => isNumber(k.type),
  defaults: (keys) => ({ metrics: keys.map((k) => k.key), ...(keys[0]?.step ? { step: keys[0].step } : {}) }),
  name: (c) => (c.expressions?.some(Boolean) ? c.expressions.filter(Boolean) : c.metrics).join(', ') || 'No metric yet',
  keys: (c) => c.metrics,
  View: LineView,
  Editor: LineEditor,
};
