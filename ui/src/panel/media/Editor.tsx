import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { EditCheck, EditChoice, EditRow } from '../inside/Inside';
import { isMedia } from './items';

export function MediaEditor({ config, catalogue, onConfig }: PanelEditorProps<'media'>) {
  return (
    <>
      <KeyPicker one label="Media" keys={catalogue.history.filter((k) => isMedia(k.type))} chosen={config.mediaKeys} onChosen={(mediaKeys) => onConfig({ mediaKeys })} />
      <EditRow label="Columns">
        <EditChoice label="Columns" value={String(config.columnCount ?? 0)} options={[{ value: '0', label: 'By width' }, ...[1, 2, 3, 4, 6, 8].map((n) => ({ value: String(n), label: String(n) }))]} onValue={(v) => onConfig({ columnCount: Number(v) || undefined })} />
      </EditRow>
      <EditRow label="Runs">
        <EditChoice label="Runs at most" value={String(config.maxRuns ?? 12)} options={[4, 12, 24, 48, 100].map((n) => ({ value: String(n), label: String(n) }))} onValue={(v) => onConfig({ maxRuns: Number(v) })} />
      </EditRow>
      <EditRow label="Films">
        <EditCheck label="Start by themselves, without sound" on={config.autoPlay ?? false} onChange={(autoPlay) => onConfig({ autoPlay })} />
      </EditRow>
      <EditRow label="Step">
        <EditCheck label="Move with the other media panels" on={config.sync ?? false} onChange={(sync) => onConfig({ sync })} />
      </EditRow>
    </>
  );
}
