// A board: the sections of a view with their panels. The workspace shows it with many runs, a run's page with one.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { View } from '../chart/view';
import { int } from '../data/format';
import { Button } from '../parts/button';
import { Empty } from '../parts/surface';
import { Icon } from '../parts/icon';
import { cascade, freshId, type Edit } from './document';
import { Frame, type BoardActs } from './Frame';
import { Full } from './Full';
import { gridUnits, pageStarts, ROWS, sizeOf, stepPlace, stepSize, usualRows } from './grid';
import type { LaidSection } from './layout';
import { SectionHead } from './SectionHead';
import type { BoardDoc } from './useBoard';
import css from './panel.module.css';

const MANY = 5000; // keys from which sections start closed

type Props = {
  view: View;
  board: BoardDoc;
  search: string;
  onSearch: (v: string) => void;
  cols: number;
  editable: boolean;
  allOpen?: boolean;
  onOpen: (run: string) => void;
  onEdit?: (panel: string) => void;
  onAdd?: (section: string) => void;
  noRuns?: React.ReactNode;
  before?: React.ReactNode; // above the sections, scrolled with them
};

/** Columns that suit a width. */
export const columnsFor = (w: number): number => (w > 2200 ? 5 : w > 1700 ? 4 : w > 1180 ? 3 : w > 760 ? 2 : 1);

export function Board({ view, board, search, onSearch, cols, editable, allOpen, onOpen, onEdit, onAdd, noRuns, before }: Props) {
  const [root, setRoot] = useState<HTMLDivElement | null>(null);
  const [full, setFull] = useState<string | null>(null);
  const [pages, setPages] = useState<Record<string, number>>({});
  const height = useHeight(root, cols);
  const { edit, doc, laid, shown } = board;
  const now = useRef({ laid, cols });
  useEffect(() => {
    now.current = { laid, cols };
  });
  const onStep = useCallback((panel: string, key: string, resize: boolean) => step(now.current.laid.sections, now.current.cols, panel, key, resize, edit), [edit]);
  const sections = useCallback(() => now.current.laid.sections.map((s) => ({ id: s.id, title: s.title })), []);
  const acts = useMemo((): BoardActs => ({ view, editable, edit, onFull: setFull, onEdit: onEdit ?? null, onOpen, onStep, sections }), [view, editable, edit, onEdit, onOpen, onStep, sections]);
  const searching = search.trim() !== '', closed = laid.total > MANY;
  const find = (id: string | null) => {
    const s = laid.sections.find((t) => t.panels.some((p) => p.id === id));
    return s ? { s, p: s.panels.find((p) => p.id === id)! } : null;
  };
  const big = find(full);
  return (
    <div ref={setRoot} className={css.scroll} data-board="" style={{ ['--units' as string]: gridUnits(cols), ['--row' as string]: height / ROWS }} onKeyDown={(e) => walk(e, root, cols)} tabIndex={0} role="region" aria-label="Panels">
      {before}
      {noRuns}
      {!noRuns && shown.sections.map((s) => (
        <Group
          key={s.id}
          section={s}
          acts={acts}
          cols={s.doc?.cols && cols > 1 ? s.doc.cols : cols}
          height={height}
          root={root}
          board={board}
          searching={searching}
          open={s.doc?.open ?? (allOpen || (!closed && (!s.system || searching)))}
          page={pages[s.id] ?? 0}
          onPage={(n) => setPages({ ...pages, [s.id]: n })}
          {...(onAdd ? { onAdd } : {})}
        />
      ))}
      {!noRuns && shown.sections.length === 0 && (
        <Empty action={search ? <Button onClick={() => onSearch('')}>Clear search</Button> : doc.removed.length && editable ? <Button onClick={() => edit({ do: 'restore', panels: doc.removed })}>Bring removed panels back</Button> : undefined}>{search ? <>No panel matches <code>{search}</code>.</> : doc.auto ? 'No number was logged yet. Panels appear with the first one.' : 'This view has no panels yet. Automatic panels are switched off.'}</Empty>
      )}
      {!noRuns && editable && !searching && laid.sections.length > 0 && (
        <div className={css.addsec}>
          <Button kind="ghost" onClick={() => edit({ do: 'section.add', id: freshId(), title: 'New section', before: laid.sections[0]?.id ?? null })}>
            <Icon name="plus" small />
            Section
          </Button>
          {doc.removed.length > 0 && (
            <Button kind="ghost" onClick={() => edit({ do: 'restore', panels: doc.removed })}>
              <Icon name="undo" small />
              Bring {int(doc.removed.length)} removed {doc.removed.length === 1 ? 'panel' : 'panels'} back
            </Button>
          )}
        </div>
      )}
      {!noRuns && laid.other.length > 0 && !search && (
        <p className={css.other}>
          Not drawn by themselves: {laid.other.map((o) => `${int(o.keys.length)} ${o.keys.length === 1 ? 'key' : 'keys'} of type ${o.type.replace(/^media:/, '')} (${o.keys.slice(0, 4).join(', ')}${o.keys.length > 4 ? ', …' : ''})`).join('; ')}.
        </p>
      )}
      {big && <Full acts={acts} panel={big.p} settings={cascade(doc, big.s.doc, big.p)} onClose={() => setFull(null)} />}
    </div>
  );
}

/** Moves or resizes the panel in focus. */
function step(sections: LaidSection[], cols: number, panel: string, key: string, resize: boolean, edit: (e: Edit) => void): void {
  const s = sections.find((t) => t.panels.some((p) => p.id === panel)), p = s?.panels.find((q) => q.id === panel);
  if (!s || !p) return;
  if (resize) return edit({ do: 'panel.size', panel, size: stepSize(p, cols, key) });
  const before = stepPlace(s.all, panel, cols, key);
  if (before !== undefined) edit({ do: 'panel.move', panel, section: s.id, before });
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-panel="${CSS.escape(panel)}"]`)?.focus());
}

type GroupProps = { section: LaidSection; acts: BoardActs; board: BoardDoc; cols: number; height: number; root: HTMLElement | null; searching: boolean; open: boolean; page: number; onPage: (n: number) => void; onAdd?: (section: string) => void };

function Group({ section: s, acts, board, cols, height, root, searching, open, page, onPage, onAdd }: GroupProps) {
  const rows = s.doc?.rows ?? usualRows(cols);
  const starts = useMemo(() => pageStarts(s.panels, cols, rows), [s.panels, cols, rows]);
  const pages = starts.length, at = Math.min(page, pages - 1), after = starts[at + 1];
  const shown = open ? s.panels.slice(starts[at], after) : [];
  const base = useMemo(() => cascade(board.doc, s.doc), [board.doc, s.doc]);
  return (
    <section className={css.sec} aria-label={s.title} data-section={s.id} data-next={after === undefined ? undefined : s.panels[after]?.id}>
      <SectionHead section={s} board={board} editable={acts.editable} open={open} cols={cols} count={searching ? `${int(s.panels.length)} found` : pages > 1 && open ? `${int(shown.length)} of ${int(s.panels.length)}` : int(s.panels.length)} pages={open ? pages : 1} page={at} onPage={onPage} {...(onAdd ? { onAdd: () => onAdd(s.id) } : {})} />
      {open && (
        <div className={css.grid} style={{ ['--units' as string]: gridUnits(cols), ['--row' as string]: height / ROWS }}>
          {shown.map((p) => {
            const z = sizeOf(p, cols, height);
            return <Frame key={p.id} acts={acts} panel={p} section={s.id} settings={settingsOf(base, p.settings)} w={z.w} height={z.height} root={root} />;
          })}
          {shown.length === 0 && <div className={css.emptysec} style={{ gridColumn: '1 / -1' }}>An empty section. Drag panels here{onAdd ? ', or add one' : ''}.</div>}
        </div>
      )}
    </section>
  );
}

/** The same object for the same inputs, so that frames are not drawn anew. */
const known = new WeakMap<object, WeakMap<object, ReturnType<typeof cascade>>>();
function settingsOf(base: ReturnType<typeof cascade>, own: object | undefined): ReturnType<typeof cascade> {
  if (!own) return base;
  let by = known.get(base);
  if (!by) known.set(base, (by = new WeakMap()));
  let s = by.get(own);
  if (!s) by.set(own, (s = { ...base, ...own }));
  return s;
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
  if (!by || !root || e.shiftKey || e.altKey || e.metaKey || e.ctrlKey || (here !== root && !here?.dataset.panel)) return;
  const all = [...root.querySelectorAll<HTMLElement>('[data-panel]')];
  const i = here ? all.indexOf(here) : -1;
  const to = all[i < 0 ? 0 : Math.max(0, Math.min(all.length - 1, i + by))];
  if (!to) return;
  e.preventDefault();
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: 'nearest' });
}
