import type { PanelEditorProps } from '../kind';
import { AxisPicker, useConfigPaths } from '../axis/AxisPicker';
import { EditCheck, EditChoice, EditRow } from '../inside/Inside';

export function ScatterEditor({ project, config, catalogue, onConfig }: PanelEditorProps<'scatter'>) {
  const paths = useConfigPaths(project);
  return (
    <>
      <EditRow label="x"><AxisPicker label="x axis" value={config.xAxis} catalogue={catalogue} paths={paths} onValue={(v) => onConfig({ xAxis: v ?? '' })} /><EditCheck label="log" on={config.xAxisLogScale ?? false} onChange={(v) => onConfig({ xAxisLogScale: v })} /></EditRow>
      <EditRow label="y"><AxisPicker label="y axis" value={config.yAxis} catalogue={catalogue} paths={paths} onValue={(v) => onConfig({ yAxis: v ?? '' })} /><EditCheck label="log" on={config.yAxisLogScale ?? false} onChange={(v) => onConfig({ yAxisLogScale: v })} /></EditRow>
      <EditRow label="Colour"><AxisPicker label="Colour" value={config.zAxis} catalogue={catalogue} paths={paths} onValue={(zAxis) => onConfig({ zAxis })} /></EditRow>
      <EditRow label="Lines">
        <EditCheck label="Regression" on={config.showLinearRegression ?? false} onChange={(v) => onConfig({ showLinearRegression: v })} />
        <EditChoice label="Frontier" value={config.frontier ?? ''} options={[{ value: '', label: 'No frontier' }, { value: 'min', label: 'Running least' }, { value: 'max', label: 'Running most' }]} onValue={(v) => onConfig({ frontier: (v || null) as 'min' | null })} />
      </EditRow>
    </>
  );
}
