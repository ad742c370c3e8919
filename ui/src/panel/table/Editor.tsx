import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { EditRow, EditText } from '../inside/Inside';
import { isTable } from './types';

export function TableEditor({ config, catalogue, onConfig }: PanelEditorProps<'table'>) {
  return (
    <>
      <KeyPicker one label="Tables" keys={catalogue.history.filter((k) => isTable(k.type))} chosen={config.tableKey ? [config.tableKey] : []} onChosen={(k) => onConfig({ tableKey: k[0] ?? '', sort: [], where: [], hiddenColumns: [] })} />
      <EditRow label="Hidden columns">
        <EditText label="Hidden columns, with commas between" value={(config.hiddenColumns ?? []).join(', ')} onValue={(v) => onConfig({ hiddenColumns: v.split(',').map((s) => s.trim()).filter(Boolean) })} />
      </EditRow>
    </>
  );
}
