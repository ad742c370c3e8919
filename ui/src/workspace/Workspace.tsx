// A project's workspace: the run list on the left, a panel for every key on the right.
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { strokes } from '../chart/colour';
import { Toolbar } from '../chart/Toolbar';
import { View } from '../chart/view';
import { Board, columnsFor } from '../panel/Board';
import { cascade } from '../panel/document';
import { useBoard } from '../panel/useBoard';
import { queryClient } from '../data/cache';
import { paced } from '../data/pace';
import { projectQuery } from '../data/project';
import { catalogueQuery, RUN_PAGE } from '../data/run';
import { useUser } from '../data/session';
import { useKeys } from '../keys';
import { Button } from '../parts/button';
import { FirstRun } from '../parts/FirstRun';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { Empty, Failed, Waiting } from '../parts/surface';
import { THEME_EVENT } from '../parts/theme';
import { useTitle } from '../parts/title';
import { useWidth } from '../parts/width';
import { fromAddress, useViewAddress } from './address';
import { guessMetric, metricColumn } from './metric';
import { usePersonal } from './personal';
import { RunPane } from './RunPane';
import { useFreshRuns, useRuns } from './runs';
import { absent, AUTO, isVisible, MOST, only, toggle, toggleAll, type Visibility } from './visible';
import css from './workspace.module.css';

export type WorkspaceSearch = { q?: string; sort?: string; panels?: string; x?: string; smooth?: number; smoothing?: string; band?: boolean; clip?: boolean; cols?: number; zoom?: string; zoomx?: string };

export function Workspace() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  const user = useUser();
  // A project is made by its first run: until then its owner sees the first steps, and looks often.
  const about = useQuery({ ...projectQuery(entity, project), refetchInterval: (q) => (q.state.data === null ? 2000 : false) });
  useTitle('Workspace', project);
  if (about.data) return <Inside key={`${entity}/${project}`} entity={entity} project={project} />;
  if (about.isError) return <div className="page" style={{ padding: 16 }}><Failed what="The project could not be read." error={about.error} retry={() => void about.refetch()} /></div>;
  if (about.data === undefined) return <Waiting rows={10} label="Reading the project" />;
  const mine = entity === user?.entity || user?.teams.some((t) => t.name === entity && t.role !== 'viewer');
  return mine ? <FirstRun project={project} entity={entity} waiting /> : <NotFound what={`${entity}/${project}`} />;
}

function Inside({ entity, project }: { entity: string; project: string }) {
  const path = `${entity}/${project}`;
  const search = useSearch({ strict: false }) as WorkspaceSearch;
  const navigate = useNavigate();
  const [mine, setMine] = usePersonal(path);
  const [first] = useState(() => fromAddress(search));
  const [view] = useState(() => {
    const v = new View(path);
    v.zoom = first.zoom;
    return v;
  });
  const change = useCallback((c: Partial<WorkspaceSearch>) => void navigate({ to: '.', search: (old: WorkspaceSearch) => clean({ ...old, ...c }), replace: true }), [navigate]);
  const q = search.q ?? '', sort = search.sort ?? '-created_at', panels = search.panels ?? '';
  const width = useWidth();
  const cols = width <= 760 ? 1 : (search.cols ?? columnsFor(width));

  const [names, setNames] = useState<string[]>([]);
  const catalogue = useQuery({ ...catalogueQuery(path, names), enabled: names.length > 0, placeholderData: keepPreviousData });
  const keys = catalogue.data;
  const [opened] = useState(() => ({ ...mine.doc, settings: { ...mine.doc.settings, ...first.settings } }));
  const board = useBoard(keys, panels, undefined, opened);
  const { doc, edit } = board;
  const shown = doc.runs.visible;
  useEffect(() => {
    if (doc !== opened) setMine({ doc });
  }, [doc, opened, setMine]);
  const settings = useMemo(() => cascade(doc), [doc]);
  useViewAddress(view, settings);
  const axis = useRef(settings.x);
  useEffect(() => {
    if (axis.current !== settings.x) view.setZoom(null);
    axis.current = settings.x;
  }, [view, settings.x]);
  const see = useCallback((visible: Visibility) => edit({ do: 'runs', change: { visible } }), [edit]);

  // Runs: the pages in sight, and those that "all" draws.
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const [guess, setGuess] = useState<string | null>(null);
  const metric = mine.metric ?? guess;
  const ask = useMemo(() => ({ project: path, q, order: [sort], columns: metric ? [metricColumn(metric)] : [] }), [path, q, sort, metric]);
  const last = shown.base === 'all' ? MOST : 0;
  const pages = useMemo(() => {
    const set = new Set<number>([0]);
    for (let p = Math.floor(range[0] / RUN_PAGE); p <= Math.floor(range[1] / RUN_PAGE) + (range[1] % RUN_PAGE > RUN_PAGE * 0.6 ? 1 : 0); p++) set.add(p);
    for (let p = 0; p * RUN_PAGE < last; p++) set.add(p);
    return [...set].sort((a, b) => a - b);
  }, [range, last]);
  const [away, setAway] = useState<string[]>([]);
  const runs = useRuns(ask, pages, away);
  const list = runs.loaded;
  useEffect(() => {
    const names = absent(shown, new Set(list.map((r) => r.name)));
    setAway((old) => (old.join() === names.join() ? old : names));
  }, [shown, list]);

  // Drawn runs, with their strokes.
  const visible = useCallback((name: string, i: number) => isVisible(shown, name, i), [shown]);
  const { drawn, stroke } = useMemo(() => {
    const rows = new Map(runs.extra.filter((r) => shown.over[r.name]).map((r) => [r.name, r]));
    for (const p of pages) for (let i = p * RUN_PAGE; i < (p + 1) * RUN_PAGE; i++) {
      const r = runs.row(i);
      if (!r) break;
      if (visible(r.name, i)) rows.set(r.name, r);
    }
    const some = [...rows.values()].slice(0, MOST);
    const by = strokes(some);
    return { stroke: by, drawn: some.map((r) => ({ name: r.name, display: r.display || r.name, state: r.state, steps: r.steps, stroke: by.get(r.name)!, ...(r.branches ? { branches: r.branches } : {}) })) };
  }, [runs, pages, visible, shown]);
  useEffect(() => view.setRuns(drawn), [view, drawn]);

  // Keys of the drawn runs.
  useEffect(() => {
    const next = drawn.map((r) => r.name).sort();
    setNames((old) => (old.join() === next.join() ? old : next));
  }, [drawn]);
  useEffect(() => {
    if (keys && !guess) setGuess(guessMetric(keys));
  }, [keys, guess]);
  useFresh(path, view, names, (keys?.history.length ?? 0) > 0);

  useEffect(() => {
    const f = () => view.tell('theme');
    document.addEventListener(THEME_EVENT, f);
    return () => document.removeEventListener(THEME_EVENT, f);
  }, [view]);
  const phone = width <= 760;
  const [drawer, setDrawer] = useState(false); // the list on a phone
  const closed = phone ? !drawer : mine.closed;
  const fold = () => (phone ? setDrawer(!drawer) : setMine({ closed: !mine.closed }));
  useKeys({
    'run.list': fold,
    'panel.band': () => edit({ do: 'settings', change: { band: !settings.band } }),
    'panel.reset': () => view.setZoom(null),
    'panel.less': () => edit({ do: 'settings', change: { smooth: Math.max(0, round(settings.smooth - 0.05)) } }),
    'panel.more': () => edit({ do: 'settings', change: { smooth: Math.min(0.99, round(settings.smooth + 0.05)) } }),
    'panel.undo': board.undo,
    'panel.redo': board.redo,
    leave: () => (view.zoom ? view.setZoom(null) : view.setFocus(null)),
  });
  const open = useCallback((run: string) => void navigate({ to: '/$entity/$project/runs/$run', params: { entity, project, run } }), [navigate, entity, project]);
  const onRange = useCallback((a: number, b: number) => setRange((o) => (Math.floor(o[0] / RUN_PAGE) === Math.floor(a / RUN_PAGE) && o[1] === b && o[0] === a ? o : [a, b])), []);
  const onSearch = useCallback((v: string) => change({ panels: v }), [change]);

  if (!runs.pending && !runs.error && runs.total === 0) return <FirstRun project={project} entity={entity} waiting />;
  return (
    <div className={[css.ws, closed && css.closed].filter(Boolean).join(' ')} style={{ ['--list' as string]: mine.width + 'px' }}>
      {!closed && (
        <RunPane
          entity={entity}
          project={project}
          view={view}
          runs={runs}
          drawn={drawn.length}
          q={q}
          sort={sort}
          metric={metric}
          keys={keys}
          width={mine.width}
          visible={visible}
          stroke={(n) => stroke.get(n)}
          onQuery={(v) => change({ q: v })}
          onSort={(v) => change({ sort: v })}
          onMetric={(m) => setMine({ metric: m })}
          onWidth={(w) => setMine({ width: w })}
          onToggle={(n, now) => see(toggle(shown, n, now))}
          onOnly={(n) => see(only(n))}
          onAll={() => see(toggleAll(drawn.length))}
          onRange={onRange}
          onOpen={open}
          onFold={fold}
        />
      )}
      <div className={css.area}>
        <h1 className="sr">Workspace of {project}</h1>
        <Toolbar view={view} settings={settings} onSettings={(change) => edit({ do: 'settings', change })} search={panels} onSearch={onSearch} cols={cols} onCols={(n) => change({ cols: n })} metrics={(keys?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).map((k) => k.key)}>
          {closed && (
            <Button {...(phone ? {} : { kind: 'ghost' as const, icon: true })} data-keep="" aria-label="Open the run list" title="Run list  \" onClick={fold}>
              <Icon name="panel" small />
              {phone && 'Runs'}
            </Button>
          )}
        </Toolbar>
        {catalogue.isError && !keys && (
          <div className={css.note}>
            <Failed what="The keys of these runs could not be read." error={catalogue.error} retry={() => void catalogue.refetch()} />
          </div>
        )}
        {keys ? (
          <Board view={view} board={board} search={panels} onSearch={onSearch} cols={cols} editable onOpen={open} noRuns={names.length > 0 || runs.pending ? undefined : runs.error ? <Unread filtered={q !== ''} /> : <NoRuns onShow={() => see(AUTO)} filtered={q !== '' && runs.found === 0} onClear={() => change({ q: '' })} />} />
        ) : names.length === 0 && !runs.pending && !runs.error ? (
          <NoRuns onShow={() => see(AUTO)} filtered={q !== '' && runs.found === 0} onClear={() => change({ q: '' })} />
        ) : catalogue.isError ? null : runs.error ? (
          <Unread filtered={q !== ''} />
        ) : (
          <Waiting rows={8} label="Reading keys" />
        )}
      </div>
    </div>
  );
}

const Unread = ({ filtered }: { filtered: boolean }) => <Empty>{filtered ? 'The filter could not be answered, so there are no runs to draw.' : 'The runs could not be read, so there is nothing to draw.'}</Empty>;

function NoRuns({ onShow, filtered, onClear }: { onShow: () => void; filtered: boolean; onClear: () => void }) {
  return filtered ? <Empty action={<Button onClick={onClear}>Clear filter</Button>}>No run matches the filter.</Empty> : <Empty action={<Button onClick={onShow}>Show the first 12</Button>}>No run is visible. Show some in the list.</Empty>;
}

const round = (v: number) => Math.round(v * 100) / 100;
const clean = (s: WorkspaceSearch): WorkspaceSearch => Object.fromEntries(Object.entries(s).filter(([k, v]) => v !== undefined && v !== '' && !(k === 'sort' && v === '-created_at')));

/** News of drawn runs: new keys now and then, and how many rows came while the view stands still. */
function useFresh(path: string, view: View, names: string[], any: boolean): void {
  const seen = useRef(new Map<string, number>());
  const now = useRef({ names, any });
  useEffect(() => {
    now.current = { names, any };
  });
  const look = useMemo(() => paced(() => void queryClient.invalidateQueries({ queryKey: ['catalogue', path] }), () => (now.current.any ? 5000 : 1000)), [path]);
  useEffect(() => () => look.stop(), [look]);
  useFreshRuns(
    path,
    useCallback(
      (run: string, steps: number) => {
        if (!view.runs.some((r) => r.name === run)) return;
        const before = seen.current.get(run);
        seen.current.set(run, steps);
        if (before !== undefined && view.still) view.addFresh(steps - before);
        look.call();
      },
      [look, view],
    ),
  );
}
