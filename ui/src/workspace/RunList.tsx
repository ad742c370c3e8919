// The run list: stroke and eye, name, state, one metric, a small line. Virtual: ten thousand runs are thirty rows.
import { useVirtualizer } from '@tanstack/react-virtual';
import { Link } from '@tanstack/react-router';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { LIST_DASH, paint, type Stroke } from '../chart/colour';
import type { View } from '../chart/view';
import { foldName, int, midcut, num, sharedPrefixes, when } from '../data/format';
import type { RunRow } from '../data/run';
import { useKeys } from '../keys';
import { Icon } from '../parts/icon';
import { State } from '../parts/state';
import { useTheme } from '../parts/usetheme';
import { metricValue } from './metric';
import { useSparks } from './sparks';
import css from './workspace.module.css';

type Props = {
  entity: string;
  project: string;
  view: View;
  found: number;
  row: (i: number) => RunRow | undefined;
  visible: (name: string, i: number) => boolean;
  stroke: (name: string) => Stroke | undefined;
  metric: string | null;
  width: number;
  onToggle: (name: string, now: boolean) => void;
  onOnly: (name: string) => void;
  onRange: (first: number, last: number) => void;
  onOpen: (run: string) => void;
};

export function RunList({ entity, project, view, found, row, visible, stroke, metric, width, onToggle, onOnly, onRange, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [cur, setCur] = useState(0);
  const height = useTouch() ? 36 : 28;
  const v = useVirtualizer({ count: found, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12, getItemKey: (i) => row(i)?.name ?? i });
  const items = v.getVirtualItems();
  const first = items[0]?.index ?? 0, last = items[items.length - 1]?.index ?? 0;
  useEffect(() => onRange(first, last), [first, last, onRange]);
  useEffect(() => v.measure(), [v, height]);

  const shown = useMemo(() => items.flatMap((it) => row(it.index) ?? []), [items, row]);
  const sparks = useSparks(`${entity}/${project}`, metric, shown);
  const shared = useMemo(() => sharedPrefixes(shown.map((r) => r.display || r.name)), [shown]);
  useFocusMark(box, view);
  const theme = useTheme();

  const letters = Math.floor(((height === 36 ? innerWidth : width) - 186) / 6.6); // what fits beside the other columns

  const at = Math.min(cur, Math.max(0, found - 1));
  const armed = useRef(false); // Enter opens once j or k chose a row, also before the focus has followed
  const move = (by: number) => {
    armed.current = true;
    const n = Math.max(0, Math.min(found - 1, document.activeElement?.closest('[data-run]') ? at + by : at));
    setCur(n);
    v.scrollToIndex(n, { align: 'auto' });
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-at="${n}"] a`)?.focus({ preventScroll: true }));
    const r = row(n);
    view.setFocus(r && visible(r.name, n) ? r.name : null);
  };
  const here = () => row(at);
  useKeys({
    'run.next': () => move(1),
    'run.previous': () => move(-1),
    'run.open': () => armed.current && here() && onOpen(here()!.name),
    'run.toggle': () => here() && onToggle(here()!.name, visible(here()!.name, at)),
    'run.only': () => here() && onOnly(here()!.name),
  });
  return (
    <div
      ref={box}
      className={css.list}
      role="list"
      aria-label={`${int(found)} runs`}
      onMouseMove={(e) => {
        const el = (e.target as HTMLElement).closest<HTMLElement>('[data-run]');
        view.setFocus(el && el.dataset.on ? (el.dataset.run ?? null) : null);
      }}
      onMouseLeave={() => view.setFocus(null)}
    >
      <div role="presentation" style={{ height: v.getTotalSize(), position: 'relative' }}>
        {items.map((it) => {
          const r = row(it.index);
          return (
            <Row
              key={it.key}
              entity={entity}
              project={project}
              at={it.index}
              top={it.start}
              found={found}
              row={r}
              on={!!r && visible(r.name, it.index)}
              stroke={r && stroke(r.name)}
              metric={metric}
              spark={r && sparks.get(r.name)}
              fold={r ? shorten(foldName(r.display || r.name, shared, shown.length), letters) : null}
              current={it.index === at}
              theme={theme}
              onCurrent={setCur}
              onToggle={onToggle}
              onOnly={onOnly}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Cuts the middle of what is left of a name: its end tells siblings apart. */
const shorten = ([dots, name]: [string, string], n: number): [string, string] => [dots, midcut(name, Math.max(10, n - dots.length))];

type RowProps = { entity: string; project: string; at: number; top: number; found: number; row: RunRow | undefined; on: boolean; stroke: Stroke | undefined; metric: string | null; spark: string | undefined; fold: [string, string] | null; current: boolean; theme: string; onCurrent: (i: number) => void; onToggle: Props['onToggle']; onOnly: Props['onOnly'] };

const Row = memo(
  function Row({ entity, project, at, top, found, row: r, on, stroke, metric, spark, fold, current, onCurrent, onToggle, onOnly }: RowProps) {
    const place = { transform: `translateY(${top}px)` };
    if (!r || !fold) return <div className={css.rr} style={place} role="listitem" aria-busy="true"><span /><span className={css.bar} /></div>;
    const name = r.display || r.name;
    const value = metric === null ? null : metricValue(r.values['summary_metrics.' + metric]);
    const tab = current ? 0 : -1;
    return (
      <div className={[css.rr, !on && css.hidden].filter(Boolean).join(' ')} style={place} role="listitem" aria-posinset={at + 1} aria-setsize={found} data-run={r.name} data-at={at} data-on={on ? '1' : undefined} onFocus={() => onCurrent(at)}>
        <button type="button" className={css.eye} tabIndex={tab} aria-pressed={on} aria-label={`${on ? 'Hide' : 'Show'} ${name}`} title={`${on ? 'Hide' : 'Show'}  v,  only this: ⇧V or Alt-click`} onClick={(e) => (e.altKey ? onOnly(r.name) : onToggle(r.name, on))}>
          {on && stroke ? <Line stroke={stroke} /> : <Icon name="eyeoff" className={css.off ?? ''} />}
        </button>
        <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: r.name }} className={`${css.nm} cut`} title={`${name}\n${r.name}, ${r.user}, ${when(r.created)}`} tabIndex={tab}>
          {fold[0] && <span className="dim">{fold[0]}</span>}
          {fold[1]}
        </Link>
        <State state={r.state} bare />
        <span className={css.v}>{metric === null ? '' : num(value)}</span>
        {spark ? (
          <svg className={css.spark} viewBox="0 0 44 16" aria-hidden="true">
            <path d={spark} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
          </svg>
        ) : (
          <span />
        )}
      </div>
    );
  },
  (a, b) => (Object.keys(a) as (keyof RowProps)[]).every((k) => (k === 'fold' ? a.fold?.[1] === b.fold?.[1] && a.fold?.[0] === b.fold?.[0] : k === 'stroke' ? a.stroke?.colour === b.stroke?.colour && a.stroke?.dash === b.stroke?.dash : Object.is(a[k], b[k]))),
);

/** The stroke that charts draw the run with. */
function Line({ stroke }: { stroke: Stroke }) {
  return (
    <svg className={css.ln} viewBox="0 0 16 10" aria-hidden="true">
      <path d="M1 5h14" stroke={paint(stroke.colour)} strokeWidth="3" strokeLinecap="round" strokeDasharray={LIST_DASH[stroke.dash]} />
    </svg>
  );
}

/** Lights the row of the run in focus, without drawing React anew. */
function useFocusMark(box: React.RefObject<HTMLDivElement | null>, view: View): void {
  useEffect(
    () =>
      view.on((a) => {
        if (a !== 'focus') return;
        for (const el of box.current?.querySelectorAll('[data-focus]') ?? []) el.removeAttribute('data-focus');
        if (view.focus !== null) box.current?.querySelector(`[data-run="${CSS.escape(view.focus)}"]`)?.setAttribute('data-focus', '');
      }),
    [box, view],
  );
}

function useTouch(): boolean {
  const q = '(max-width: 760px)';
  const [touch, set] = useState(() => matchMedia(q).matches);
  useEffect(() => {
    const m = matchMedia(q);
    const f = () => set(m.matches);
    m.addEventListener('change', f);
    return () => m.removeEventListener('change', f);
  }, []);
  return touch;
}
