import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { AxisPicker, useConfigPaths } from '../axis/AxisPicker';
import { EditChoice, EditRow } from '../inside/Inside';
import { isNumber } from '../line/takes';

export function BarEditor({ project, config, catalogue, onConfig }: PanelEditorProps<'bar'>) {
  const paths = useConfigPaths(project);
  return (
    <>
      <KeyPicker label="Metrics" keys={catalogue.history.filter((k) => isNumber(k.type))} chosen={config.metrics} onChosen={(metrics) => onConfig({ metrics })} />
      <EditRow label="Drawn as">
        <EditChoice label="Drawn as" value={config.plotStyle ?? 'bar'} options={[{ value: 'bar', label: 'Bars' }, { value: 'boxplot', label: 'Boxes' }, { value: 'violin', label: 'Violins' }]} onValue={(v) => onConfig({ plotStyle: v as 'bar' })} />
      </EditRow>
      <EditRow label="Group by">
        <AxisPicker numbers={false} label="Group by" value={config.groupBy} catalogue={catalogue} paths={paths} onValue={(groupBy) => onConfig({ groupBy })} />
      </EditRow>
      <EditRow label="Bar of a group">
        <EditChoice label="Bar of a group" value={config.groupAgg ?? 'mean'} options={['mean', 'median', 'min', 'max'].map((v) => ({ value: v, label: v }))} onValue={(v) => onConfig({ groupAgg: v as 'mean' })} />
      </EditRow>
    </>
  );
}
