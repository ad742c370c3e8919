// The rows of a stored table: the server sorts, filters and cuts them out; only what is in sight is here.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { int } from '../../data/format';
import { TABLE_PAGE, tablePageQuery, type TableAsk, type TableOrder, type TablePage } from '../../data/media';
import { Button } from '../../parts/button';
import { Icon } from '../../parts/icon';
import { Said, SaidFailed, SaidWaiting } from '../inside/Inside';
import { Cell, cellText, isThing } from './Cell';
import css from './table.module.css';

type Props = { ask: TableAsk; label: string; url: (path: string) => string; hiddenColumns: string[]; onSort: (s: TableOrder[]) => void; onClear: () => void; onPage?: (p: TablePage) => void };

const WIDTHS: Record<string, number> = { number: 96, boolean: 80, string: 200, list: 200, object: 200, null: 80 };

export function Table({ ask, label, url, hiddenColumns, onSort, onClear, onPage }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const first = useQuery({ ...tablePageQuery(ask, 0), placeholderData: keepPreviousData });
  const page0 = first.data;
  const columns = useMemo(() => (page0?.columns ?? []).map((c, i) => ({ ...c, i })).filter((c) => !hiddenColumns.includes(c.name)), [page0, hiddenColumns]);
  const high = columns.some((c) => isThing(c.type)) ? 64 : 28;
  const found = page0?.found ?? 0;
  const v = useVirtualizer({ count: found, getScrollElement: () => box.current, estimateSize: () => high, overscan: 6 });
  useEffect(() => v.measure(), [v, high]);
  const items = v.getVirtualItems();
  const need = [...new Set(items.map((it) => Math.floor(it.index / TABLE_PAGE)))].filter((p) => p > 0);
  const more = useQueries({ queries: need.map((p) => tablePageQuery(ask, p)) });
  const [cell, setCell] = useState<{ row: number; column: string; text: string } | null>(null);
  useEffect(() => {
    if (page0) onPage?.(page0);
  }, [page0, onPage]);
  if (first.error && !page0) return <SaidFailed what="The table could not be read." error={first.error} retry={() => void first.refetch()} />;
  if (!page0) return <SaidWaiting what={`Reading ${label}`} />;
  if (page0.columns.length === 0 || page0.total === 0) return <Said>The table has no rows.</Said>;
  const pageOf = (n: number): TablePage | undefined => (n === 0 ? page0 : more[need.indexOf(n)]?.data);
  const failed = more.find((m) => m.error)?.error;
  const wide = (type: string) => WIDTHS[type] ?? 110;
  const template = `56px ${columns.map((c) => `minmax(0, ${wide(c.type)}fr)`).join(' ')}`, minWidth = 76 + columns.reduce((n, c) => n + wide(c.type) + 12, 0);
  const sortOf = (name: string) => ask.sort.findIndex((s) => s.column === name);
  const press = (name: string, also: boolean) => {
    const k = sortOf(name), old = ask.sort[k];
    const next = old ? (old.desc ? null : { column: name, desc: true }) : { column: name, desc: false };
    const rest = also ? ask.sort.filter((s) => s.column !== name) : [];
    onSort(next ? (also && old ? ask.sort.map((s, i) => (i === k ? next : s)) : [...rest, next]) : rest);
  };
  return (
    <>
      <div ref={box} className={css.rows} role="table" aria-label={`${label}, ${int(found)} rows`} aria-rowcount={found + 1} aria-colcount={columns.length + 1} tabIndex={0}>
        <div role="rowgroup" className={css.top}>
          <div className={css.header} role="row" style={{ gridTemplateColumns: template, minWidth }}>
            <span role="columnheader" className={css.at}>#</span>
            {columns.map((c) => {
              const k = sortOf(c.name), s = ask.sort[k];
              return (
                <span key={c.i} role="columnheader" aria-sort={s ? (s.desc ? 'descending' : 'ascending') : 'none'} data-type={c.type}>
                  <button type="button" title={`${c.name} (${c.type.replace('media:', '')})\nSort; with ⇧ after the others`} onClick={(e) => press(c.name, e.shiftKey)}>
                    <span className="cut" dir="auto">{c.name}</span>
                    {s && <Icon name={s.desc ? 'down' : 'up'} small />}
                    {s && ask.sort.length > 1 && <small>{k + 1}</small>}
                  </button>
                </span>
              );
            })}
          </div>
        </div>
        {found > 0 && (
          <div role="rowgroup" style={{ height: v.getTotalSize(), position: 'relative' }}>
            {items.map((it) => {
              const n = Math.floor(it.index / TABLE_PAGE), p = pageOf(n), row = p?.rows[it.index - n * TABLE_PAGE];
              return (
                <div key={it.key} role="row" aria-rowindex={it.index + 2} className={css.row} style={{ gridTemplateColumns: template, minWidth, height: high, transform: `translateY(${it.start}px)` }}>
                  <span role="cell" className={css.at}>{p?.index[it.index - n * TABLE_PAGE] ?? ''}</span>
                  {columns.map((c) => (
                    <span key={c.i} role="cell" data-type={c.type} className={css.cell} onDoubleClick={() => row && setCell({ row: p!.index[it.index - n * TABLE_PAGE]!, column: c.name, text: cellText(row[c.i], true) })}>
                      {row ? <Cell value={row[c.i]} type={c.type} url={(path) => p!.links[path] || url(path)} high={high} label={`${c.name} of row ${p!.index[it.index - n * TABLE_PAGE]}`} /> : <i className={css.bar} />}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        )}
      </div>
      {found === 0 && (
        <div className={css.none}>
          No row matches. <Button small onClick={onClear}>Clear the filter</Button>
        </div>
      )}
      {failed && <div className={css.note} role="alert">Some rows could not be read: {failed.message} <Button small onClick={() => more.forEach((m) => m.error && void m.refetch())}>Retry</Button></div>}
      {cell && (
        <div className={css.whole} role="region" aria-label={`${cell.column} of row ${cell.row}`}>
          <header>
            <b className="cut">{cell.column}</b> <span className="dim">row {int(cell.row)}</span>
            <Button kind="ghost" icon small aria-label="Close the cell" onClick={() => setCell(null)}><Icon name="x" small /></Button>
          </header>
          <pre tabIndex={0}>{cell.text}</pre>
        </div>
      )}
    </>
  );
}
