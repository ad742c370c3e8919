// A tree of names and values with a search: config and summary.
import { useMemo, useState } from 'react';
import { int, value } from '../data/format';
import type { Json } from '../data/json';
import { Segment } from '../parts/button';
import { copyText } from '../parts/copy';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Card } from '../parts/surface';
import { mediaWords, pruned, treeRows, valuesByPath } from './tree';
import css from './tree.module.css';

const show = (v: Json) => mediaWords(v) ?? value(v);

/** A card with a tree. Pressing a value copies it, pressing a branch folds it. */
export function TreeCard({ title, root: whole, empty, other }: { title: string; root: { [k: string]: Json }; empty: string; other?: { name: string; root: { [k: string]: Json } } | null }) {
  const [only, setOnly] = useState(false);
  const values = useMemo(() => (other ? valuesByPath(other.root, show) : null), [other]);
  const differs = useMemo(() => new Set(values ? [...valuesByPath(whole, show)].flatMap(([p, v]) => (values.get(p) === v ? [] : [p])) : []), [values, whole]);
  const root = useMemo(() => (only && values ? pruned(whole, (p) => differs.has(p)) : whole), [only, values, whole, differs]);
  const [filter, setFilter] = useState('');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(root, folded, filter, show), [root, folded, filter]);
  const nested = useMemo(() => rows.some((r) => r.children !== undefined), [rows]);
  const count = Object.keys(whole).length;
  const fold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };
  return (
    <Card title={title} head={<>{values && count > 0 ? <Segment label={`Keys of ${title.toLowerCase()}`} value={only ? 'differs' : 'all'} options={[{ value: 'all', label: `All ${int(count)}` }, { value: 'differs', label: `Differs ${int(differs.size)}`, name: `Differs from ${other?.name ?? ''}: ${int(differs.size)}` }]} onChange={(v) => setOnly(v === 'differs')} /> : <span className="dim small num">{int(count)} {count === 1 ? 'key' : 'keys'}</span>}<Search label={`Search ${title.toLowerCase()}`} className={css.find ?? ''} value={filter} onValue={setFilter} placeholder={`Search ${title.toLowerCase()}`} /></>}>
      {rows.length === 0 ? (
        <p className={css.none}>{only && !filter ? `Nothing differs from ${other?.name ?? ''}.` : filter ? `Nothing in ${title.toLowerCase()} holds “${filter}”.` : empty}</p>
      ) : (
        <div className={css.tree} tabIndex={0} role="region" aria-label={title}>
          {rows.map((r) => {
            const depth = { ['--depth' as string]: r.depth };
            if (r.children !== undefined)
              return (
                <button key={r.path} type="button" className={css.line} aria-expanded={!folded.has(r.path) || filter !== ''} onClick={() => fold(r.path)}>
                  <span className={`${css.key} ${css.branch}`} style={depth}><Icon name={folded.has(r.path) && !filter ? 'right' : 'down'} small />{r.name}</span>
                  <span className="dim small">{int(r.children)} {r.children === 1 ? 'key' : 'keys'}</span>
                </button>
              );
            const text = show(r.value ?? null);
            return (
              <button key={r.path} type="button" className={css.line} title={`${r.path} = ${text.slice(0, 400)}\nPress to copy the value`} onClick={() => void copyText(value(r.value ?? null))}>
                <span className={`${css.key} ${nested ? css.leaf : css.flat}`} style={depth}><span className="cut">{r.name}</span></span>
                <span className={css.value}><code className="cut">{text}</code>{differs.has(r.path) && <span className={`${css.note} cut`} title={`${other?.name ?? ''}: ${values?.get(r.path) ?? 'not there'}`}>{values?.has(r.path) ? `before ${values.get(r.path)!.slice(0, 60)}` : 'new'}</span>}</span>
              </button>
            );
          })}
        </div>
      )}
    </Card>
  );
}
