import type { PanelEditorProps } from '../kind';
import { AxisPicker } from '../axis/AxisPicker';
import { EditRow } from '../inside/Inside';

export function ImportanceEditor({ config, catalogue, onConfig }: PanelEditorProps<'importance'>) {
  return (
    <EditRow label="Explains">
      <AxisPicker label="Metric to explain" value={config.targetKey} catalogue={catalogue} paths={[]} onValue={(v) => onConfig({ targetKey: v ?? '' })} />
    </EditRow>
  );
}
