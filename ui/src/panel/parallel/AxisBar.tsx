// One axis of parallel coordinates: its title with a menu, its ticks, its brush.
import { useRef } from 'react';
import { Menu, MenuItem } from '../../parts/menu';
import type { Axis, Brush, Column } from './lines';
import { nameOf, ticksOf } from './paint';
import css from './parallel.module.css';

type Props = { axis: Axis; x: number; top: number; height: number; width: number; brush: Brush | undefined; onDrag: (b: Brush | null) => void; /** `soon`: by a key, of which more may follow. */ onBrush: (b: Brush | null, soon?: boolean) => void; onMove: (by: number) => void; onDrop: (px: number) => void; onSet: (c: Partial<Column>) => void; onRemove: () => void };

export function AxisBar({ axis, x, top, height, width, brush, onDrag, onBrush, onMove, onDrop, onSet, onRemove }: Props) {
  const c = axis.column, name = nameOf(c);
  const start = useRef<number | null>(null);
  const part = (e: React.PointerEvent) => Math.max(0, Math.min(1, 1 - (e.clientY - e.currentTarget.getBoundingClientRect().top) / height));
  const keys = (e: React.KeyboardEvent) => {
    const b = brush ?? [0, 1], by = e.key === 'ArrowUp' ? 0.05 : e.key === 'ArrowDown' ? -0.05 : 0;
    if (by) onBrush(e.shiftKey ? [b[0], Math.max(b[0], Math.min(1, b[1] + by))] : [Math.max(0, Math.min(b[1], b[0] + by)), b[1]], true);
    else if (e.key === 'Escape' || e.key === 'Delete') onBrush(null);
    else if (e.altKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) onMove(e.key === 'ArrowRight' ? 1 : -1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <>
      <div
        className={css.title}
        style={{ left: x - width / 2, width }}
        draggable
        onDragStart={(e) => e.dataTransfer.setData('text/plain', name)}
        onDragEnd={(e) => onDrop(e.clientX - (e.currentTarget.parentElement?.getBoundingClientRect().left ?? 0))}
      >
        <Menu trigger={<button type="button" className="cut" title={`${name}\nDrag to reorder`} aria-label={`Column ${name}`}>{name}{c.log ? ' · log' : ''}{c.inverted ? ' · ↓' : ''}</button>}>
          <MenuItem onSelect={() => onSet({ log: !c.log })} disabled={!axis.scale}>{c.log ? 'Linear' : 'Logarithmic'}</MenuItem>
          <MenuItem onSelect={() => onSet({ inverted: !c.inverted })}>Turn over</MenuItem>
          <MenuItem icon="left" onSelect={() => onMove(-1)}>Move left</MenuItem>
          <MenuItem icon="right" onSelect={() => onMove(1)}>Move right</MenuItem>
          <MenuItem icon="x" onSelect={onRemove}>Remove column</MenuItem>
        </Menu>
      </div>
      <div
        className={css.axis}
        style={{ left: x - 12, top, height }}
        tabIndex={0}
        role="slider"
        aria-label={`Brush of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((brush?.[0] ?? 0) * 100)}
        aria-valuetext={brush ? `keeps ${Math.round(brush[0] * 100)} to ${Math.round(brush[1] * 100)} per cent of the axis` : 'keeps all; arrows move the lower end, ⇧ arrows the upper'}
        onKeyDown={keys}
        onPointerDown={(e) => {
          start.current = part(e);
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => start.current !== null && onDrag([Math.min(start.current, part(e)), Math.max(start.current, part(e))])}
        onPointerUp={(e) => {
          const a = start.current ?? 0, b = part(e);
          start.current = null;
          onBrush(Math.abs(a - b) < 0.02 ? null : [Math.min(a, b), Math.max(a, b)]);
        }}
      >
        <i className={css.rule} />
        {brush && <i className={css.brush} style={{ top: (1 - brush[1]) * height, height: Math.max(3, (brush[1] - brush[0]) * height) }} />}
        {ticksOf(axis).map((t) => <span key={t.text} className={css.tick} style={{ top: (1 - t.at) * height }}>{t.text}</span>)}
      </div>
    </>
  );
}
