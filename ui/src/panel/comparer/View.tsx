// Runs as columns, their documents as rows.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { paint } from '../../chart/colour';
import { int, midcut } from '../../data/format';
import { runDocsQuery } from '../../data/runset';
import { Button } from '../../parts/button';
import { copyText } from '../../parts/copy';
import { Search } from '../../parts/field';
import { Said, SaidFailed, SaidWaiting, useDrawn } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import type { PanelViewProps } from '../kind';
import { compare, visible, type CompareRow } from './rows';
import css from './comparer.module.css';

const RUNS = 20;

export function ComparerView({ view, panel, title, head, bind, onConfig, onOpen }: PanelViewProps<'comparer'>) {
  const diffOnly = panel.config.diffOnly !== null && panel.config.diffOnly !== undefined && panel.config.diffOnly !== false;
  const { runs, names, left, live } = useDrawn(view, RUNS);
  const q = useQuery({ ...runDocsQuery(view.project, names, live), placeholderData: keepPreviousData });
  const docs = useMemo(() => (q.data ?? []).filter((d) => names.includes(d.name)), [q.data, names]);
  const rows = useMemo(() => compare(docs), [docs]);
  const [text, setText] = useState('');
  const shown = useMemo(() => visible(rows, { diffOnly, text }), [rows, diffOnly, text]);
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => 26, overscan: 10 });
  const latest = useRef({ shown, docs });
  useEffect(() => {
    latest.current = { shown, docs };
  });
  useEffect(() => {
    bind({ table: () => ({ head: ['Part', 'Key', ...latest.current.docs.map((d) => d.display)], rows: latest.current.shown.map((r) => [r.part, r.key, ...r.values]) }) });
    return () => bind(null);
  }, [bind]);
  if (q.error && !q.data) return <SaidFailed what="The runs could not be read." error={q.error} retry={() => void q.refetch()} />;
  if (names.length === 0) return <Said>No run is visible.</Said>;
  if (!q.data) return <SaidWaiting what={`Reading ${title}`} />;
  const colour = (name: string) => paint(runs.find((r) => r.name === name)?.stroke.colour ?? 0);
  const template = `minmax(150px, 1.2fr) repeat(${docs.length}, minmax(0, 1fr))`, minWidth = 170 + docs.length * 140;
  return (
    <div className={css.comparer}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            <span>{int(shown.length)} of {int(rows.length)} rows</span>
            {left > 0 && <span>{int(docs.length)} of {int(docs.length + left)} runs</span>}
          </span>,
          head,
        )}
      <div className={css.tools}>
        <Search label={`Search in ${title}`} placeholder="Search keys and values" value={text} onValue={setText} />
        <Button small aria-pressed={diffOnly} disabled={docs.length < 2} onClick={() => onConfig({ diffOnly: diffOnly ? null : true })}>Only differences</Button>
      </div>
      <div ref={box} className={css.rows} role="table" aria-label={`${title}: ${int(docs.length)} runs`} aria-rowcount={shown.length + 1} tabIndex={0}>
        <div role="rowgroup" className={css.top}>
        <div role="row" className={css.header} style={{ gridTemplateColumns: template, minWidth }}>
          <span role="columnheader">Key</span>
          {docs.map((d) => (
            <span key={d.name} role="columnheader" title={d.display}>
              <button type="button" className="row" onClick={() => onOpen(d.name)}>
                <i style={{ background: colour(d.name) }} />
                <span className="cut" dir="auto">{midcut(d.display, 32)}</span>
              </button>
            </span>
          ))}
        </div>
        </div>
        {shown.length > 0 && (
        <div role="rowgroup" style={{ height: v.getTotalSize(), position: 'relative' }}>
          {v.getVirtualItems().map((it) => {
            const r = shown[it.index]!;
            return (
              <div key={r.part + r.key} role="row" aria-rowindex={it.index + 2} className={[css.row, r.differs && docs.length > 1 && css.differs].filter(Boolean).join(' ')} style={{ gridTemplateColumns: template, minWidth, transform: `translateY(${it.start}px)` }}>
                <span role="rowheader" className="cut" title={`${r.part}: ${r.key}`} dir="auto"><span className="dim">{r.part === 'Run' ? '' : r.part === 'Config' ? 'config.' : 'summary.'}</span>{r.key}</span>
                {r.values.map((x, i) => (
                  <Value key={docs[i]!.name} row={r} value={x} first={r.values[0] ?? null} index={i} />
                ))}
              </div>
            );
          })}
        </div>
        )}
      </div>
      {shown.length === 0 && <p className={css.none}>{text ? 'Nothing matches.' : 'These runs do not differ.'}</p>}
    </div>
  );
}

function Value({ row, value: x, first, index }: { row: CompareRow; value: string | null; first: string | null; index: number }) {
  if (x === null) return <span role="cell" className="dim" aria-label="has none">–</span>;
  const other = index > 0 && row.differs && x !== first;
  return (
    <span role="cell" className={other ? css.other : undefined}>
      <button type="button" className="cut" title={`${x}\nCopy`} onClick={() => copyText(x)} dir="auto">{other && <span className="sr">differs: </span>}{x.length > 200 ? x.slice(0, 200) + '…' : x}</button>
    </span>
  );
}
