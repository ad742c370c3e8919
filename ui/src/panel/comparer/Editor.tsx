import type { PanelEditorProps } from '../kind';
import { EditCheck, EditRow } from '../inside/Inside';

export function ComparerEditor({ config, onConfig }: PanelEditorProps<'comparer'>) {
  return (
    <EditRow label="Rows">
      <EditCheck label="Only differences" on={Boolean(config.diffOnly)} onChange={(v) => onConfig({ diffOnly: v ? true : null })} />
    </EditRow>
  );
}
