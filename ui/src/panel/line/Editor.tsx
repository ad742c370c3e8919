// What a line panel shows: its metrics. Axes, smoothing and groups are settings, which the drawer edits for all kinds.
import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { isNumber } from './takes';

export function LineEditor({ config, catalogue, onConfig }: PanelEditorProps<'line'>) {
  const keys = [...catalogue.history, ...catalogue.events].filter((k) => isNumber(k.type));
  return <KeyPicker label="Metrics" keys={keys} chosen={config.metrics} onChosen={(metrics) => onConfig({ metrics, ...(config.step && metrics.length !== 1 ? { step: null } : {}) })} />;
}
