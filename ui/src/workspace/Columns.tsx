// Choosing columns: which the list shows, what it is grouped and coloured by.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { configOf } from '../data/json';
import { runQuery, type Catalogue, type CatalogueKey } from '../data/run';
import { KeyPicker } from '../panel/KeyPicker';
import { Button } from '../parts/button';
import { Dialog } from '../parts/menu';
import { flat } from '../data/differences';
import { metricColumn } from '../runset/metric';
import css from './workspace.module.css';

export type ColumnTask = 'columns' | 'group' | 'colour';
type Props = { task: ColumnTask; entity: string; project: string; runs: string[]; catalogue: Catalogue | undefined; chosen: string[]; onChosen: (columns: string[]) => void; onClose: () => void };

const RUN_FIELDS = ['state', 'group', 'job_type', 'username', 'tags', 'created_at'];
const LOOK = 3; // runs whose config is read for its keys
const WORDS: Record<ColumnTask, { title: string; hint: string }> = {
  columns: { title: 'Columns of the list', hint: 'Shown beside the name, in the order in which they are chosen.' },
  group: { title: 'Group runs by', hint: 'Several make groups in groups, the first the outermost. Panels draw one line for each of the innermost.' },
  colour: { title: 'Colour runs by', hint: 'Numbers get a ramp of one hue, words a colour each.' },
};

export function Columns({ task, entity, project, runs, catalogue, chosen, onChosen, onClose }: Props) {
  const keys = useColumnKeys(entity, project, runs, catalogue, task !== 'group');
  const w = WORDS[task];
  return (
    <Dialog open onClose={onClose} title={w.title} width={480} foot={<><Button disabled={chosen.length === 0} onClick={() => onChosen([])}>None</Button><Button kind="primary" onClick={onClose}>Done</Button></>}>
      <p className={`mid small ${css.hint}`}>{w.hint}{task === 'group' && chosen.length > 0 ? ` Now: ${chosen.join(', then ')}.` : ''}</p>
      <KeyPicker label="Columns" keys={keys} chosen={chosen} onChosen={onChosen} one={task === 'colour'} tall />
    </Dialog>
  );
}

/** A column without the part that says where it is from. */
export const short = (c: string): string => c.replace(/^(config|summary_metrics)\./, '');

/** What there is to choose from: fields of runs, keys of the config of the first of them, and the last values of metrics. */
export function useColumnKeys(entity: string, project: string, runs: string[], catalogue: Catalogue | undefined, metrics: boolean): CatalogueKey[] {
  const configs = useQueries({ queries: runs.slice(0, LOOK).map((r) => runQuery(entity, project, r)) });
  const texts = configs.map((q) => q.data?.config ?? '');
  return useMemo(() => {
    const config = new Set(texts.flatMap((t) => [...flat(configOf(t)).keys()]));
    const key = (k: string, type: string): CatalogueKey => ({ key: k, type, runs: 0, step: null, hidden: false });
    const numbers = !metrics ? [] : (catalogue?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).map((k) => key(metricColumn(k.key), 'last value'));
    return [...RUN_FIELDS.map((f) => key(f, 'run')), ...[...config].filter(Boolean).map((k) => key('config.' + k, 'config')), ...numbers];
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [texts.join('\n'), catalogue, metrics]);
}
