// The heads of the columns: order by a press, width and place by dragging, histogram with a brush, menu by keyboard.
import { useRef, useState } from 'react';
import { num } from '../data/format';
import type { ColumnStat } from '../data/runtable';
import { brushed, numberText, type Column, type Sort } from './columns';
import { LEAD } from './grid';
import { HeadMenu, type HeadActs } from './HeadMenu';
import css from './table.module.css';

type Props = {
  columns: Column[];
  pinned: number;
  stats: Map<string, ColumnStat>;
  sort: Sort[];
  found: string;
  every: boolean;
  onEvery: (on: boolean) => void;
  onSort: (field: string, more: boolean) => void;
  onWidth: (field: string, w: number, done: boolean) => void;
  onFit: (field: string) => void;
  onMove: (field: string, before: string | null) => void;
  by: string[];
  acts: HeadActs;
  onBrush: (field: string, range: [number, number] | null) => void;
};

export function Head(p: Props) {
  const drag = useRef<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  let x = LEAD;
  const places = p.columns.map((c) => (x += c.width) - c.width);
  const head = (c: Column, k: number) => {
    const s = p.stats.get(c.field), key = p.sort.find((q) => q.field === c.field), rank = p.sort.length > 1 && key ? p.sort.indexOf(key) + 1 : null;
    const fixed = k < p.pinned;
    return (
      <div
        key={c.field}
        role="columnheader"
        aria-colindex={k + 2}
        aria-sort={key ? (key.desc ? 'descending' : 'ascending') : 'none'}
        data-column={c.field}
        className={[css.th, c.right && css.right, k === p.pinned - 1 && css.lastpin, over === c.field && css.over].filter(Boolean).join(' ')}
        style={{ width: c.width, ...(fixed ? {} : { position: 'absolute', left: places[k], top: 0 }) }}
        draggable={k > 0}
        onDragStart={(e) => ((drag.current = c.field), e.dataTransfer.setData('text/plain', c.field), (e.dataTransfer.effectAllowed = 'move'))}
        onDragOver={(e) => drag.current && k > 0 && (e.preventDefault(), setOver(c.field))}
        onDragLeave={() => setOver(null)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(null);
          if (drag.current && drag.current !== c.field && k > 0) p.onMove(drag.current, c.field);
          drag.current = null;
        }}
        onContextMenu={(e) => k > 0 && (e.preventDefault(), setMenu(c.field))}
      >
        <button type="button" className={css.label} title={`${c.prefix}${c.title}: order by it; ⇧ adds it to the order`} onClick={(e) => p.onSort(c.field, e.shiftKey)}>
          {key && <span aria-hidden="true">{key.desc ? '↓' : '↑'}{rank}</span>}
          <span className="cut">
            <span className={css.pre}>{c.prefix}</span>
            {c.title}
          </span>
        </button>
        {k > 0 && <HeadMenu field={c.field} name={c.prefix + c.title} pinned={fixed} first={k === 1} last={k === p.columns.length - 1} grouped={p.by.includes(c.field)} acts={p.acts} open={menu === c.field} onOpen={(on) => setMenu(on ? c.field : null)} />}
        {k === 0 ? <span className={css.sub}>{p.found}</span> : s?.bins ? <Bars s={s} title={c.title} onBrush={(r) => p.onBrush(c.field, r)} /> : s?.texts?.length ? <span className={`${css.sub} cut`}>{s.texts.length >= 20 ? '20+ values' : `${s.texts.length} ${s.texts.length === 1 ? 'value' : 'values'}`}</span> : s && s.count > 0 ? <span className={css.sub}>{numberText(s.min, c.field, Date.now())}</span> : null}
        <Grip column={c} onWidth={(w, done) => p.onWidth(c.field, w, done)} onFit={() => p.onFit(c.field)} />
      </div>
    );
  };
  return (
    <div className={css.head} role="rowgroup" style={{ width: x }}>
      <div className={css.headrow} role="row" aria-rowindex={1}>
        <div className={css.headpin} role="none">
          <div className={css.headcheck} role="columnheader" aria-colindex={1} style={{ width: LEAD }}>
            <input type="checkbox" aria-label="Select all runs found" checked={p.every} onChange={(e) => p.onEvery(e.target.checked)} />
          </div>
          {p.columns.slice(0, p.pinned).map(head)}
        </div>
        {p.columns.slice(p.pinned).map((c, k) => head(c, k + p.pinned))}
      </div>
    </div>
  );
}

/** The spread of a column over the runs found. Drag over it to keep a range; a double press takes the range away. */
function Bars({ s, title, onBrush }: { s: ColumnStat; title: string; onBrush: (range: [number, number] | null) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<[number, number] | null>(null);
  const most = Math.max(...s.bins!), at = (e: React.PointerEvent) => {
    const r = box.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (e.clientX - r.left) / r.width));
  };
  return (
    <div
      ref={box}
      className={css.hist}
      role="img"
      aria-label={`${title}: ${s.count} values, ${num(s.min)} to ${num(s.max)}, mean ${num(s.mean)}`}
      title={s.time ? undefined : `${num(s.min)} to ${num(s.max)}${s.odd ? `, ${s.odd} not finite` : ''}; drag to filter`}
      draggable
      onDragStart={(e) => (e.preventDefault(), e.stopPropagation())}
      onPointerDown={(e) => !s.time && (e.currentTarget.setPointerCapture(e.pointerId), setBrush([at(e), at(e)]))}
      onPointerMove={(e) => brush && setBrush([brush[0], at(e)])}
      onPointerUp={() => {
        if (brush && Math.abs(brush[1] - brush[0]) > 0.03) onBrush(brushed(s, brush[0], brush[1]));
        setBrush(null);
      }}
      onDoubleClick={() => onBrush(null)}
    >
      {s.bins!.map((n, i) => (
        <i key={i} style={{ height: n ? Math.max(8, (n / most) * 100) + '%' : 0 }} />
      ))}
      {brush && <span className={css.brush} style={{ left: Math.min(...brush) * 100 + '%', width: Math.abs(brush[1] - brush[0]) * 100 + '%' }} />}
    </div>
  );
}

function Grip({ column, onWidth, onFit }: { column: Column; onWidth: (w: number, done: boolean) => void; onFit: () => void }) {
  const fit = (w: number) => Math.round(Math.max(56, Math.min(900, w)));
  return (
    <span
      className={css.grip}
      draggable
      onDragStart={(e) => (e.preventDefault(), e.stopPropagation())}
      onDoubleClick={onFit}
      onPointerDown={(e) => {
        const from = e.clientX, w = column.width, el = e.currentTarget;
        el.setPointerCapture(e.pointerId);
        const move = (m: PointerEvent) => onWidth(fit(w + m.clientX - from), false);
        el.addEventListener('pointermove', move);
        const up = (m: PointerEvent) => {
          el.removeEventListener('pointermove', move);
          if (m.clientX !== from) onWidth(fit(w + m.clientX - from), true);
        };
        el.addEventListener('pointerup', up, { once: true });
      }}
    />
  );
}
