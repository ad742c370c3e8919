import type { PanelEditorProps } from '../kind';
import { EditChoice, EditRow } from '../inside/Inside';

export function CodeEditor({ config, onConfig }: PanelEditorProps<'code'>) {
  return (
    <EditRow label="Differences">
      <EditChoice label="Differences" value={config.diff ?? 'unified'} options={[{ value: 'unified', label: 'One below the other' }, { value: 'split', label: 'Side by side' }]} onValue={(v) => onConfig({ diff: v as 'split' })} />
    </EditRow>
  );
}
