// A tree of names and values with a search: config and summary.
import { useMemo, useState } from 'react';
import { int, value } from '../data/format';
import type { Json } from '../data/json';
import { Button, Segment } from '../parts/button';
import { copyText } from '../parts/copy';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Card } from '../parts/surface';
import type { Against, How } from './against';
import { mediaWords, pruned, treeRows, valuesByPath } from './tree';
import css from './tree.module.css';

const show = (v: Json) => mediaWords(v) ?? value(v);

const SHOWN = 500; // rows, until a person asks for all
const WHAT: Record<How, string> = { baseline: 'the baseline', parent: 'the parent', previous: 'the run before' };
const WAS: Record<How, string> = { baseline: 'baseline', parent: 'parent', previous: 'before' };

/** A card with a tree. Pressing a value copies it, the sign beside it the path; pressing a branch folds it. */
export function TreeCard({ title, root: whole, empty, against }: { title: string; root: { [k: string]: Json }; empty: string; against?: Against }) {
  const other = against?.other ?? null, how = other?.how ?? 'previous';
  const [only, setOnly] = useState(false);
  const [all, setAll] = useState(false);
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
    <Card title={title} head={<>{values && count > 0 ? <><Segment label={`Keys of ${title.toLowerCase()}`} value={only ? 'differs' : 'all'} options={[{ value: 'all', label: `All ${int(count)}` }, { value: 'differs', label: `Differs ${int(differs.size)}`, name: `Differs from ${other?.display ?? ''}: ${int(differs.size)}` }]} onChange={(v) => setOnly(v === 'differs')} />{against && against.hows.length > 1 && <select className={css.how} aria-label="Differs from" value={how} onChange={(e) => against.choose(e.target.value as How)}>{against.hows.map((h) => <option key={h} value={h}>{WHAT[h]}</option>)}</select>}</> : <span className="dim small num">{int(count)} {count === 1 ? 'key' : 'keys'}</span>}<Search label={`Search ${title.toLowerCase()}`} className={css.find ?? ''} value={filter} onValue={setFilter} placeholder={`Search ${title.toLowerCase()}`} /></>}>
      {rows.length === 0 ? (
        <p className={css.none}>{only && !filter ? `Nothing differs from ${other?.display ?? ''}.` : filter ? `Nothing in ${title.toLowerCase()} holds “${filter}”.` : empty}</p>
      ) : (
        <div className={css.tree} tabIndex={0} role="region" aria-label={title}>
          {(all ? rows : rows.slice(0, SHOWN)).map((r) => {
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
              <div key={r.path} className={css.pair}>
                <button type="button" className={css.line} title={`${r.path} = ${text.slice(0, 400)}\nPress to copy the value`} onClick={() => void copyText(value(r.value ?? null))}>
                  <span className={`${css.key} ${nested ? css.leaf : css.flat}`} style={depth}><span className="cut">{r.name}</span></span>
                  <span className={css.value}><code className="cut">{text}</code>{differs.has(r.path) && <span className={`${css.note} cut`} title={`${other?.display ?? ''}: ${values?.get(r.path) ?? 'not there'}`}>{values?.has(r.path) ? `${WAS[how]} ${values.get(r.path)!.slice(0, 60)}` : 'new'}</span>}</span>
                </button>
                <button type="button" className={css.path} aria-label={`Copy the path ${r.path}`} title={`Copy the path ${r.path}`} onClick={() => void copyText(r.path)}><Icon name="copy" small /></button>
              </div>
            );
          })}
          {rows.length > SHOWN && !all && <p className={css.none}><Button onClick={() => setAll(true)}>Show all {int(rows.length)}</Button></p>}
        </div>
      )}
    </Card>
  );
}
