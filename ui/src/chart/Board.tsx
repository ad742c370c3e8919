// A board: the sections of a catalogue with their panels. The workspace shows it with many runs, a run's page with one.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Catalogue } from '../data/run';
import { int } from '../data/format';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Empty } from '../parts/surface';
import { Full } from './Full';
import { Panel } from './Panel';
import { buildBoard, matcher, pageSize, type PanelSpec, type Section } from './sections';
import type { View } from './view';
import css from './chart.module.css';

const MANY = 5000; // keys from which sections start closed

export type BoardState = { open: Record<string, boolean>; page: Record<string, number>; log: string[] };
type Props = { view: View; catalogue: Catalogue; search: string; onSearch: (v: string) => void; cols: number; state: BoardState; onState: (s: BoardState) => void; onOpen: (run: string) => void; only?: 'history' | 'events'; noRuns?: React.ReactNode };

/** Columns that suit a width. */
export const columnsFor = (w: number): number => (w > 2200 ? 5 : w > 1700 ? 4 : w > 1180 ? 3 : w > 760 ? 2 : 1);

export function Board({ view, catalogue, search, onSearch, cols, state, onState, onOpen, only, noRuns }: Props) {
  const [root, setRoot] = useState<HTMLDivElement | null>(null);
  const [full, setFull] = useState<PanelSpec | null>(null);
  const specs = useRef(new Map<string, PanelSpec>());
  const board = useMemo(() => {
    const c = only === 'events' ? { history: [], events: catalogue.events } : only === 'history' ? { history: catalogue.history, events: [] } : catalogue;
    const b = buildBoard(c, matcher(search));
    // The same key keeps the same object, so that a new catalogue does not mount its panel anew.
    for (const s of b.sections) s.panels = s.panels.map((p) => keep(specs.current, p));
    return b;
  }, [catalogue, search, only]);
  const height = useHeight(root, cols);
  const now = useRef(state);
  useEffect(() => {
    now.current = state;
  });
  const onLog = useCallback((id: string) => onState({ ...now.current, log: now.current.log.includes(id) ? now.current.log.filter((x) => x !== id) : [...now.current.log, id] }), [onState]);
  const closed = board.total > MANY;
  return (
    <div ref={setRoot} className={css.scroll} style={{ ['--cols' as string]: cols, ['--ph' as string]: height + 'px' }} onKeyDown={(e) => walk(e, root, cols)} tabIndex={0} role="region" aria-label="Panels">
      {noRuns}
      {!noRuns && board.sections.map((s) => (
        <Group
          key={s.name + (s.system ? '·' : '')}
          section={s}
          cols={cols}
          searching={search.trim() !== ''}
          open={state.open[s.title] ?? (only === 'events' || (!closed && (!s.system || search.trim() !== '')))}
          page={state.page[s.title] ?? 0}
          onOpenChange={(o) => onState({ ...state, open: { ...state.open, [s.title]: o } })}
          onPage={(n) => onState({ ...state, page: { ...state.page, [s.title]: n } })}
          render={(p) => <Panel key={p.id} view={view} spec={p} log={state.log.includes(p.id)} onLog={onLog} onFull={setFull} onOpen={onOpen} root={root} />}
        />
      ))}
      {!noRuns && board.sections.length === 0 && (
        <Empty action={search ? <Button onClick={() => onSearch('')}>Clear search</Button> : undefined}>{search ? <>No panel matches <code>{search}</code>.</> : 'No number was logged yet. Panels appear with the first one.'}</Empty>
      )}
      {!noRuns && board.other.length > 0 && !search && (
        <p className={css.other}>
          Not drawn as lines: {board.other.map((o) => `${int(o.keys.length)} ${o.keys.length === 1 ? 'key' : 'keys'} of type ${o.type.replace(/^media:/, '')} (${o.keys.slice(0, 4).join(', ')}${o.keys.length > 4 ? ', …' : ''})`).join('; ')}.
        </p>
      )}
      {full && <Full view={view} spec={full} log={state.log.includes(full.id)} onLog={onLog} onOpen={onOpen} onClose={() => setFull(null)} />}
    </div>
  );
}

function keep(known: Map<string, PanelSpec>, p: PanelSpec): PanelSpec {
  const old = known.get(p.id);
  if (old && old.step === p.step) return old;
  known.set(p.id, p);
  return p;
}

function Group({ section: s, cols, open, page, searching, onOpenChange, onPage, render }: { section: Section; cols: number; open: boolean; page: number; searching: boolean; onOpenChange: (o: boolean) => void; onPage: (n: number) => void; render: (p: PanelSpec) => React.ReactNode }) {
  const size = pageSize(cols), pages = Math.ceil(s.panels.length / size), at = Math.min(page, pages - 1);
  const shown = open ? s.panels.slice(at * size, at * size + size) : [];
  return (
    <section className={css.sec} aria-label={s.title}>
      <header>
        <h2 className="row">
          <button type="button" className={css.tg} aria-expanded={open} onClick={() => onOpenChange(!open)}>
            <Icon name="right" />
            <span className="cut">{s.title}</span>
          </button>
        </h2>
        <span className={css.n}>{searching ? `${int(s.panels.length)} found` : pages > 1 && open ? `${int(shown.length)} of ${int(s.panels.length)}` : int(s.panels.length)}</span>
        {open && pages > 1 && (
          <span className={css.right}>
            <Button kind="ghost" icon small aria-label={`Previous page of ${s.title}`} disabled={at === 0} onClick={() => onPage(at - 1)}>
              <Icon name="left" small />
            </Button>
            <span className="num">
              {at + 1} / {pages}
            </span>
            <Button kind="ghost" icon small aria-label={`Next page of ${s.title}`} disabled={at >= pages - 1} onClick={() => onPage(at + 1)}>
              <Icon name="right" small />
            </Button>
          </span>
        )}
      </header>
      {open && <div className={css.grid}>{shown.map(render)}</div>}
    </section>
  );
}

/** A panel's height follows its width. */
function useHeight(root: HTMLElement | null, cols: number): number {
  const [w, setW] = useState(1000);
  useEffect(() => {
    if (!root) return;
    const ro = new ResizeObserver(() => setW(root.clientWidth));
    ro.observe(root);
    return () => ro.disconnect();
  }, [root]);
  return Math.round(Math.max(196, Math.min(300, (w / cols) * 0.54)));
}

/** Arrows move between panels. */
function walk(e: React.KeyboardEvent, root: HTMLElement | null, cols: number): void {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cols, ArrowUp: -cols }[e.key];
  const here = document.activeElement as HTMLElement | null;
  if (!by || !root || e.shiftKey || (here !== root && !here?.dataset.panel)) return;
  const all = [...root.querySelectorAll<HTMLElement>('[data-panel]')];
  const i = here ? all.indexOf(here) : -1;
  const to = all[i < 0 ? 0 : Math.max(0, Math.min(all.length - 1, i + by))];
  if (!to) return;
  e.preventDefault();
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: 'nearest' });
}
