// A tree of names and values with a search: config and summary.
import { useMemo, useState } from 'react';
import { int, value } from '../data/format';
import type { Json } from '../data/json';
import { copyText } from '../parts/copy';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Card } from '../parts/surface';
import { mediaWords, treeRows } from './tree';
import css from './tree.module.css';

const show = (v: Json) => mediaWords(v) ?? value(v);

/** A card with a tree. Pressing a value copies it, pressing a branch folds it. */
export function TreeCard({ title, root, empty }: { title: string; root: { [k: string]: Json }; empty: string }) {
  const [filter, setFilter] = useState('');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(root, folded, filter, show), [root, folded, filter]);
  const nested = useMemo(() => rows.some((r) => r.children !== undefined), [rows]);
  const count = Object.keys(root).length;
  const fold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };
  return (
    <Card title={title} head={<><span className="dim small num">{int(count)} {count === 1 ? 'key' : 'keys'}</span><Search label={`Search ${title.toLowerCase()}`} className={css.find ?? ''} value={filter} onValue={setFilter} placeholder={`Search ${title.toLowerCase()}`} /></>}>
      {rows.length === 0 ? (
        <p className={css.none}>{filter ? `Nothing in ${title.toLowerCase()} holds “${filter}”.` : empty}</p>
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
                <span className={css.value}><code className="cut">{text}</code></span>
              </button>
            );
          })}
        </div>
      )}
    </Card>
  );
}
