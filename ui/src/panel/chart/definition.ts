// What a custom chart is: by hand in the panel, or as the runs logged it with wandb.plot.
import type { ChartConfig } from '../config';
import { parseLoose } from '../../data/json';
import type { RunDoc } from '../../data/runset';
import { fill, PRESETS, readSpec, type PresetRuns, type Spec } from './preset';

type Logged = { panel_type?: string; panel_config?: Partial<ChartConfig> };

/** The charts that a run logged, by name. */
export function loggedCharts(raw: string): Record<string, Partial<ChartConfig>> {
  const all = (parseLoose(raw) as { _wandb?: { value?: { visualize?: Record<string, Logged> } } } | undefined)?._wandb?.value?.visualize ?? {};
  return Object.fromEntries(Object.entries(all).flatMap(([k, v]) => (v?.panel_type === 'Vega2' && v.panel_config ? [[k, v.panel_config]] : [])));
}

/** The chart to draw: what the panel says by hand over what the first run that has it logged; null when neither says anything. */
export function definition(config: ChartConfig, docs: Pick<RunDoc, 'raw'>[]): ChartConfig | null {
  const own = Object.fromEntries(Object.entries(config).filter(([, v]) => v !== undefined)) as ChartConfig;
  if (!config.visualize) return config.panelDefId || config.spec ? own : null;
  for (const d of docs) {
    const logged = loggedCharts(d.raw)[config.visualize];
    if (logged) return { ...logged, ...own };
  }
  return config.spec || (config.panelDefId && config.userQuery) ? own : null;
}

/** The spec to draw, or in words why there is none. */
export function specOf(d: ChartConfig, runs: PresetRuns): { spec: Spec } | { error: string } {
  const fields = d.fieldSettings ?? {}, strings = d.stringSettings ?? {};
  if (d.spec) {
    const read = readSpec(d.spec);
    return 'error' in read ? read : { spec: fill(read.spec, fields, strings) as Spec };
  }
  const preset = PRESETS[d.panelDefId ?? ''];
  if (!preset) return { error: `The chart “${d.panelDefId ?? ''}” is not known here. Edit the panel and write its Vega spec, or choose another chart.` };
  return { spec: preset.spec(fields, strings, runs) };
}
