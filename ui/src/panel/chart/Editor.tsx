// The editor of a custom chart: which chart, which table and columns, words; or the spec itself. The panel beside it
// draws what is typed.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { runDocsQuery } from '../../data/runset';
import { json } from '../../data/client';
import type { RunPage } from '../../data/run';
import { Button } from '../../parts/button';
import type { ChartConfig } from '../config';
import { EditChoice, EditRow, EditText } from '../inside/Inside';
import type { PanelEditorProps } from '../kind';
import { isTable } from '../table/types';
import { definition, specOf } from './definition';
import { holes, PRESETS, readSpec } from './preset';
import { wanted } from './rows';
import css from './chart.module.css';

/** The query of one table, as wandb.plot writes it. */
export const tableQuery = (key: string): ChartConfig['userQuery'] => ({ queryFields: [{ name: 'runSets', args: [{ name: 'runSets', value: '${runSets}' }], fields: [{ name: 'id' }, { name: 'name' }, { name: 'summaryTable', args: [{ name: 'tableKey', value: key }] }] }] });

export function ChartEditor({ project, config, catalogue, onConfig }: PanelEditorProps<'chart'>) {
  const some = useQuery({ queryKey: ['runs', project, 'newest'], queryFn: ({ signal }) => json<RunPage>('/api/runs', { project, q: '', filter: null, order: ['-created_at'], columns: [], offset: 0, limit: 50 }, { signal }).then((p) => p.rows.map((r) => r.name)), enabled: config.visualize !== undefined });
  const docs = useQuery({ ...runDocsQuery(project, some.data ?? []), enabled: (some.data?.length ?? 0) > 0 });
  const def = definition(config, docs.data ?? []) ?? config;
  const read = def.spec ? readSpec(def.spec) : null;
  const spec = read && 'spec' in read ? read.spec : null;
  const names = spec ? holes(spec) : { fields: PRESETS[def.panelDefId ?? '']?.fields ?? [], strings: PRESETS[def.panelDefId ?? '']?.strings ?? [] };
  const table = wanted(def.userQuery).tables[0]?.key ?? '';
  const tables = catalogue.history.filter((k) => isTable(k.type)).map((k) => k.key);
  const write = () => {
    const made = specOf(def, { names: [], colours: [] });
    const text = 'spec' in made ? withoutRuns(made.spec) : '{\n  "mark": "point",\n  "encoding": {}\n}';
    onConfig({ spec: text });
  };
  return (
    <div className={css.edit}>
      {!def.spec && (
        <EditRow label="Chart">
          <EditChoice label="Chart" value={def.panelDefId ?? ''} options={[...(def.panelDefId && !(def.panelDefId in PRESETS) ? [{ value: def.panelDefId, label: def.panelDefId }] : []), ...Object.entries(PRESETS).map(([value, p]) => ({ value, label: p.title }))]} onValue={(panelDefId) => onConfig({ panelDefId, fieldSettings: {}, stringSettings: def.stringSettings ?? {} })} />
        </EditRow>
      )}
      <EditRow label="Table">
        <EditChoice label="Table" value={table} options={[...new Set([table, ...tables])].map((t) => ({ value: t, label: t || 'None' }))} onValue={(t) => onConfig({ userQuery: tableQuery(t) })} />
      </EditRow>
      {names.fields.map((f) => (
        <EditRow key={f} label={f}>
          <EditText label={`Column for ${f}`} value={def.fieldSettings?.[f] ?? ''} placeholder={f} onValue={(v) => onConfig({ fieldSettings: { ...def.fieldSettings, [f]: v || null } })} />
        </EditRow>
      ))}
      {names.strings.map((s) => (
        <EditRow key={s} label={s}>
          <EditText label={`Text for ${s}`} value={def.stringSettings?.[s] ?? ''} onValue={(v) => onConfig({ stringSettings: { ...def.stringSettings, [s]: v } })} />
        </EditRow>
      ))}
      {def.spec !== undefined ? <SpecText text={def.spec} onText={(t) => onConfig({ spec: t })} onDrop={() => onConfig({ spec: undefined })} /> : <Button small onClick={write}>Edit as Vega spec</Button>}
    </div>
  );
}

function SpecText({ text, onText, onDrop }: { text: string; onText: (t: string) => void; onDrop: () => void }) {
  const [now, setNow] = useState(text);
  const read = readSpec(now);
  const fault = 'error' in read ? read.error : '';
  return (
    <>
      <label htmlFor="vega-spec" className="mid">Vega or Vega-Lite, data "wandb"</label>
      <textarea
        id="vega-spec"
        className={css.spec}
        value={now}
        spellCheck={false}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? 'vega-fault' : undefined}
        onChange={(e) => {
          setNow(e.target.value);
          onText(e.target.value);
        }}
      />
      {fault && <p id="vega-fault" className={css.fault} role="alert">{fault}</p>}
      <Button small onClick={onDrop}>Back to the ready-made chart</Button>
    </>
  );
}

/** A ready-made spec as text; colours of runs come with the runs, so they are left to the scheme. */
const withoutRuns = (spec: object): string => JSON.stringify(spec, (k, v: unknown) => (k === 'scale' && v && typeof v === 'object' && 'range' in v ? undefined : v), 2);
