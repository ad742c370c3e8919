// What a log is made of: how many errors and warnings it has, which processes wrote it; and choosing among them.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { int } from '../data/format';
import { logCountsQuery, logLevelQuery } from '../data/log';
import { Segment } from '../parts/button';
import css from './logs.module.css';

const NONE: number[] = [];

export type KindsOf = { levels: [string, number][]; labels: [string, number][]; errors: number[] };

/** What the log is made of, asked for once its lines are there, and where its errors are. */
export function useKinds(entity: string, project: string, run: string, live: boolean, on: boolean): KindsOf {
  const every = live ? { refetchInterval: 60_000 } : {};
  const counts = useQuery({ ...logCountsQuery(entity, project, run), ...every, enabled: on }).data;
  const errors = useQuery({ ...logLevelQuery(entity, project, run, 'error'), ...every, enabled: on && (counts?.levels['error'] ?? 0) > 0 }).data ?? NONE;
  return useMemo(() => ({ levels: ['warning', 'error'].flatMap((l): [string, number][] => (counts?.levels[l] ? [[l, counts.levels[l]]] : [])), labels: Object.entries(counts?.labels ?? {}).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })), errors }), [counts, errors]);
}

export function Kinds({ kinds, level, onLevel, label, onLabel }: { kinds: KindsOf; level: string; onLevel: (v: string) => void; label: string; onLabel: (v: string) => void }) {
  return (
    <>
      {(kinds.levels.length > 0 || level !== '') && (
        <Segment label="Level" value={level} onChange={onLevel} options={[{ value: '', label: 'All', name: 'All lines' }, ...kinds.levels.map(([l, n]) => ({ value: l, label: <span className={`row num ${l === 'error' ? css.err : css.wrn}`}><i aria-hidden="true" />{int(n)}</span>, name: l === 'error' ? `${int(n)} lines of errors (standard error)` : `${int(n)} warnings` }))]} />
      )}
      {(kinds.labels.length > 0 || label !== '') && (
        <select className={css.node} aria-label="Process" value={label} onChange={(e) => onLabel(e.target.value)}>
          <option value="">All {int(kinds.labels.length)} processes</option>
          {kinds.labels.map(([l, n]) => <option key={l} value={l}>{l}, {int(n)} lines</option>)}
        </select>
      )}
    </>
  );
}
