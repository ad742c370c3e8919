// Choosing a value of runs: a summary metric, a key of the config, or a field of the run.
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { natural } from '../../chart/sections';
import { json } from '../../data/client';
import type { Catalogue, RunPage } from '../../data/run';
import { leaves, runDocsQuery } from '../../data/runset';
import { axisName, configAxis, summaryAxis } from './axis';
import css from '../inside/inside.module.css';

/** Paths of the configs of the newest runs. */
export function useConfigPaths(project: string): string[] {
  const some = useQuery({ queryKey: ['runs', project, 'newest'], queryFn: ({ signal }) => json<RunPage>('/api/runs', { project, q: '', filter: null, order: ['-created_at'], columns: [], offset: 0, limit: 50 }, { signal }).then((p) => p.rows.map((r) => r.name)), staleTime: 60_000 });
  const docs = useQuery({ ...runDocsQuery(project, some.data ?? []), enabled: (some.data?.length ?? 0) > 0 });
  return [...new Set((docs.data ?? []).flatMap((d) => leaves(d.config).map(([k]) => k)))].sort(natural);
}

const RUN: [string, string][] = [['run:createdAt', 'Created'], ['run:duration', 'Duration']];

/** A field with the names that there are; any other text may be typed. */
export function AxisPicker({ label, value, catalogue, paths, onValue, numbers = true }: { label: string; value: string | null | undefined; catalogue: Catalogue; paths: string[]; onValue: (v: string | null) => void; numbers?: boolean }) {
  const id = useId();
  const keys = catalogue.history.filter((k) => !numbers || k.type === 'number' || k.type === 'bool').map((k) => k.key).sort(natural);
  const all: [string, string][] = [...keys.map((k): [string, string] => [summaryAxis(k), k]), ...paths.map((p): [string, string] => [configAxis(p), p]), ...RUN];
  const text = value ? (all.find(([v]) => v === value)?.[0] ?? value) : '';
  return (
    <>
      <select className={css.input} id={id} aria-label={label} value={text} onChange={(e) => onValue(e.target.value || null)}>
        <option value="">None</option>
        {text && !all.some(([v]) => v === text) && <option value={text}>{axisName(text)}</option>}
        <optgroup label="Metrics, last value">
          {keys.map((k) => (
            <option key={k} value={summaryAxis(k)}>{k}</option>
          ))}
        </optgroup>
        <optgroup label="Config">
          {paths.map((p) => (
            <option key={p} value={configAxis(p)}>{p.replaceAll('\\.', '.')}</option>
          ))}
        </optgroup>
        <optgroup label="Run">
          {RUN.map(([v, n]) => (
            <option key={v} value={v}>{n}</option>
          ))}
        </optgroup>
      </select>
    </>
  );
}
