import { useMemo } from 'react';
import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import type { CatalogueKey } from '../../data/run';
import { useConfigPaths } from '../axis/AxisPicker';
import { configAxis, summaryAxis } from '../axis/axis';
import { isNumber } from '../line/takes';

/** Columns by accessor, the config's first. */
export function ParallelEditor({ project, config, catalogue, onConfig }: PanelEditorProps<'parallel'>) {
  const paths = useConfigPaths(project);
  const keys = useMemo((): CatalogueKey[] => [...paths.map((p): CatalogueKey => ({ key: configAxis(p), type: 'config', runs: 0, step: null, hidden: false })), ...catalogue.history.filter((k) => isNumber(k.type)).map((k) => ({ ...k, key: summaryAxis(k.key) }))], [paths, catalogue]);
  const known = new Map(config.columns.map((c) => [c.accessor, c]));
  return <KeyPicker label="Columns" keys={keys} chosen={config.columns.map((c) => c.accessor)} onChosen={(chosen) => onConfig({ columns: chosen.map((accessor) => known.get(accessor) ?? { accessor }) })} />;
}
