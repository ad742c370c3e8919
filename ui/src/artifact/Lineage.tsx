// The lineage of a version: drag to pan, the wheel with Ctrl or + and − to zoom, arrows to walk from node to node.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Version } from '../data/artifact';
import { bytes, int, midcut } from '../data/format';
import { lineageQuery, type LineageNode } from '../data/lineage';
import { Button, Segment } from '../parts/button';
import { Icon } from '../parts/icon';
import { Card, Failed, Waiting } from '../parts/surface';
import { draw, HEIGHT, WIDTH, words, type Drawing, type Placed } from './graph';
import css from './lineage.module.css';

const ZOOMS = [0.25, 0.4, 0.6, 0.8, 1, 1.25, 1.6];
const MARGIN = 300; // pixels around what is in sight that are drawn too
const NONE: ReadonlySet<string> = new Set();

const addressOf = (n: LineageNode) => '/' + [n.entityName, n.projectName, ...(n.isRun ? ['runs', n.name] : ['artifacts', n.type, n.name, `v${n.versionIndex}`])].map(encodeURIComponent).join('/');

export function Lineage({ of: v, tall, head }: { of: Version; tall?: boolean; head?: React.ReactNode }) {
  const [whole, setWhole] = useState(false);
  const { data, error, refetch, isPlaceholderData } = useQuery(lineageQuery(v.id, whole));
  const [open, setOpen] = useState(NONE);
  const drawing = useMemo(() => (data ? draw(data, v.id, open) : null), [data, v.id, open]);
  return (
    <Card
      title="Lineage"
      className={`${css.card} ${tall ? css.tall : ''}`}
      head={
        <>
          {data && <span className="dim small num">{int(data.nodes.length)} {data.nodes.length === 1 ? 'node' : 'nodes'}{data.more ? ', more beyond' : ''}</span>}
          <span className="grow" />
          {open.size > 0 && <Button small onClick={() => setOpen(NONE)}>Stack again</Button>}
          <Segment label="How far" value={whole ? 'whole' : 'direct'} options={[{ value: 'direct', label: 'Direct' }, { value: 'whole', label: 'Complete' }]} onChange={(w) => setWhole(w === 'whole')} />
          {head}
        </>
      }
    >
      {error && !data ? <Failed what="The lineage could not be read." error={error} retry={() => void refetch()} />
        : !drawing ? <Waiting rows={4} label="Reading the lineage" />
        : <Canvas key={v.id} drawing={drawing} stale={isPlaceholderData} onOpen={(id) => setOpen(new Set([...open, id]))} />}
    </Card>
  );
}

function Canvas({ drawing, stale, onOpen }: { drawing: Drawing; stale: boolean; onOpen: (id: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const [sight, setSight] = useState({ x: 0, y: 0, w: 1200, h: 400 });
  const [at, setAt] = useState<string | null>(null);
  const current = drawing.nodes.find((n) => n.current);
  const look = useCallback(() => {
    const b = box.current;
    if (b) setSight({ x: b.scrollLeft, y: b.scrollTop, w: b.clientWidth, h: b.clientHeight });
  }, []);
  const show = useCallback((n: Placed, middle: boolean) => {
    const b = box.current;
    if (!b) return;
    const x = n.x * zoom, y = n.y * zoom, away = (from: number, size: number, start: number, room: number) => from < start || from + size > start + room;
    if (middle || away(x, WIDTH * zoom, b.scrollLeft, b.clientWidth)) b.scrollLeft = x - (b.clientWidth - WIDTH * zoom) / 2;
    if (middle || away(y, HEIGHT * zoom, b.scrollTop, b.clientHeight)) b.scrollTop = y - (b.clientHeight - HEIGHT * zoom) / 2;
    look();
  }, [zoom, look]);
  // The current version is in the middle at first, and when nodes come or the zoom changes.
  useLayoutEffect(() => {
    if (current) show(current, true);
  }, [current, show]);
  useEffect(() => {
    const b = box.current;
    if (!b) return;
    const ro = new ResizeObserver(look);
    ro.observe(b);
    // React's wheel listeners are passive: this one keeps the page from zooming.
    const wheel = (e: WheelEvent) => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      setZoom((z) => nearZoom(z, e.deltaY < 0 ? 1 : -1));
    };
    b.addEventListener('wheel', wheel, { passive: false });
    return () => {
      ro.disconnect();
      b.removeEventListener('wheel', wheel);
    };
  }, [look]);
  useEffect(() => {
    if (at) box.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
  }, [at]);

  const walk = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === '+' || e.key === '=' || e.key === '-' || e.key === '0') {
      e.preventDefault();
      setZoom((z) => (e.key === '0' ? 1 : nearZoom(z, e.key === '-' ? -1 : 1)));
      return;
    }
    const from = drawing.nodes.find((n) => n.id === (document.activeElement as HTMLElement | null)?.dataset['node']);
    const to = from && nextNode(drawing, from, e.key);
    if (!to) return;
    e.preventDefault();
    show(to, false);
    setAt(to.id);
  };
  const drag = (e: PointerEvent<HTMLDivElement>) => {
    const b = box.current;
    if (!b || e.button !== 0 || (e.target as HTMLElement).closest('[data-node]')) return;
    const start = { x: e.clientX + b.scrollLeft, y: e.clientY + b.scrollTop };
    const move = (m: globalThis.PointerEvent) => { b.scrollLeft = start.x - m.clientX; b.scrollTop = start.y - m.clientY; };
    const end = () => { window.removeEventListener('pointermove', move); window.removeEventListener('pointerup', end); };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
  };
  const near = (n: Placed) => n.id === at || n.current || ((n.x + WIDTH) * zoom > sight.x - MARGIN && n.x * zoom < sight.x + sight.w + MARGIN && (n.y + HEIGHT) * zoom > sight.y - MARGIN && n.y * zoom < sight.y + sight.h + MARGIN);
  const shown = drawing.nodes.filter(near), seen = new Set(shown);
  return (
    <div className={css.around} aria-busy={stale || undefined}>
      <div ref={box} className={css.box} role="group" aria-label="Lineage" tabIndex={-1} onScroll={look} onKeyDown={walk} onPointerDown={drag}>
        <div className={css.sheet} style={{ width: drawing.width * zoom, height: drawing.height * zoom }}>
          <div className={css.scaled} style={{ width: drawing.width, height: drawing.height, transform: `scale(${zoom})` }}>
            <svg width={drawing.width} height={drawing.height} aria-hidden="true">
              {drawing.lines.filter((l) => seen.has(l.from) || seen.has(l.to)).map((l) => <path key={`${l.from.id}>${l.to.id}`} className={l.on ? css.on : undefined} d={curve(l.from, l.to)} />)}
            </svg>
            {shown.map((n) => <Node key={n.id} n={n} tab={at === null ? n.current : n.id === at} onOpen={onOpen} onFocus={() => setAt(n.id)} />)}
          </div>
        </div>
      </div>
      <div className={css.zoom}>
        <Button small icon aria-label="Smaller" title="Smaller  −" onClick={() => setZoom((z) => nearZoom(z, -1))}>−</Button>
        <Button small icon aria-label="Larger" title="Larger  +" onClick={() => setZoom((z) => nearZoom(z, 1))}><Icon name="plus" small /></Button>
      </div>
    </div>
  );
}

function Node({ n, tab, onOpen, onFocus }: { n: Placed; tab: boolean; onOpen: (id: string) => void; onFocus: () => void }) {
  const { title, note } = words(n, bytes);
  const rest = {
    className: [css.node, n.isRun && css.run, n.current && css.current, !n.on && css.faint, n.of.length > 1 && css.stack].filter(Boolean).join(' '),
    style: { left: n.x, top: n.y }, 'data-node': n.id, tabIndex: tab ? 0 : -1, title: `${title}\n${note}`, onFocus,
  };
  const inside = <><Icon name={n.isRun ? 'run' : 'box'} small /><span><b className="cut">{midcut(title, 28)}</b><span className="cut">{note}</span></span></>;
  const label = `${n.isRun ? 'Run' : 'Artifact'} ${title}, ${note}${n.current ? ', this version' : ''}`;
  if (n.of.length > 1) return <button type="button" {...rest} aria-label={`${title}, ${note}: show each`} onClick={() => onOpen(n.id)}>{inside}</button>;
  return <Link {...rest} aria-label={label} aria-current={n.current ? 'true' : undefined} to={addressOf(n.of[0]!) as '/'} draggable={false}>{inside}</Link>;
}

const nearZoom = (z: number, by: 1 | -1): number => ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, ZOOMS.indexOf(z) + by))]!;

/** From the right edge of one to the left edge of the other; back and around where a circle closes. */
function curve(a: Placed, b: Placed): string {
  const x0 = a.x + WIDTH, y0 = a.y + HEIGHT / 2, x1 = b.x, y1 = b.y + HEIGHT / 2;
  if (x1 > x0) return `M${x0} ${y0}C${(x0 + x1) / 2} ${y0} ${(x0 + x1) / 2} ${y1} ${x1} ${y1}`;
  return `M${x0} ${y0}C${x0 + 50} ${y0 + 60} ${x1 - 50} ${y1 + 60} ${x1} ${y1}`;
}

/** Where an arrow leads: to a neighbour, or up and down in the column. */
function nextNode(d: Drawing, from: Placed, key: string): Placed | undefined {
  const nearest = (all: Placed[]) => all.sort((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y))[0];
  if (key === 'ArrowLeft') return nearest(d.nodes.filter((n) => from.before.includes(n.id)));
  if (key === 'ArrowRight') return nearest(d.nodes.filter((n) => from.after.includes(n.id)));
  if (key === 'ArrowUp') return nearest(d.nodes.filter((n) => n.column === from.column && n.y < from.y));
  if (key === 'ArrowDown') return nearest(d.nodes.filter((n) => n.column === from.column && n.y > from.y));
  return undefined;
}
