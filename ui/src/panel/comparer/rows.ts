// Documents of runs side by side, row by row.
import { leaves, type RunDoc } from '../../data/runset';
import { span, value, when } from '../../data/format';
import { natural } from '../../chart/sections';

export type CompareRow = { part: 'Run' | 'Config' | 'Summary'; key: string; values: (string | null)[]; differs: boolean };

const FACTS: [string, (d: RunDoc) => string][] = [
  ['State', (d) => d.state], ['Created', (d) => when(d.created)], ['Duration', (d) => (d.duration === null ? '' : span(d.duration))], ['User', (d) => d.user], ['Group', (d) => d.group], ['Job type', (d) => d.jobType], ['Tags', (d) => d.tags.join(', ')], ['Notes', (d) => d.notes],
  ['Host', (d) => d.host], ['OS', (d) => d.os], ['Python', (d) => d.python], ['GPU', (d) => d.gpu], ['Commit', (d) => d.commit], ['Program', (d) => d.program],
];

/** Rows of everything that any of the documents has. */
export function compare(docs: RunDoc[]): CompareRow[] {
  const row = (part: CompareRow['part'], key: string, values: (string | null)[]): CompareRow => ({ part, key, values, differs: values.some((v) => v !== values[0]) });
  const facts = FACTS.map(([name, of]) => row('Run', name, docs.map((d) => of(d) || null))).filter((r) => r.values.some((v) => v !== null));
  const part = (name: 'Config' | 'Summary', of: (d: RunDoc) => RunDoc['config']) => {
    const maps = docs.map((d) => new Map(leaves(of(d)).map(([k, v]) => [k.replaceAll('\\.', '.'), value(v)])));
    const keys = [...new Set(maps.flatMap((m) => [...m.keys()]))].filter((k) => !k.startsWith('_')).sort(natural);
    return keys.map((k) => row(name, k, maps.map((m) => m.get(k) ?? null)));
  };
  return [...facts, ...part('Config', (d) => d.config), ...part('Summary', (d) => d.summary)];
}

/** Rows to show; with one run everything is shown, since nothing can differ. */
export function visible(rows: CompareRow[], o: { diffOnly: boolean; text: string }): CompareRow[] {
  const t = o.text.trim().toLowerCase(), many = (rows[0]?.values.length ?? 0) > 1;
  return rows.filter((r) => (!o.diffOnly || !many || r.differs) && (!t || r.key.toLowerCase().includes(t) || r.values.some((v) => v?.toLowerCase().includes(t))));
}
