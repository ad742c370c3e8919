import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { EditChoice, EditRow } from '../inside/Inside';
import { isNumber } from '../line/takes';

export function ScalarEditor({ config, catalogue, onConfig }: PanelEditorProps<'scalar'>) {
  return (
    <>
      <KeyPicker one label="Metric" keys={catalogue.history.filter((k) => isNumber(k.type))} chosen={config.metrics} onChosen={(metrics) => onConfig({ metrics })} />
      <EditRow label="Of several runs">
        <EditChoice label="Of several runs" value={config.groupAgg ?? 'mean'} options={['mean', 'median', 'min', 'max'].map((v) => ({ value: v, label: v }))} onValue={(v) => onConfig({ groupAgg: v as 'mean' })} />
      </EditRow>
    </>
  );
}
