// A project's workspace: the run list on the left, the panels of a view on the right.
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Toolbar } from '../chart/Toolbar';
import { View } from '../chart/view';
import { queryClient } from '../data/cache';
import { paced } from '../data/pace';
import { projectQuery } from '../data/project';
import { catalogueQuery, type RunRow } from '../data/run';
import { useUser } from '../data/session';
import { personalNw, viewQuery } from '../data/view';
import { useKeys } from '../keys';
import { Board, columnsFor } from '../panel/Board';
import { cascade, FRESH, type RunSetDoc } from '../panel/document';
import type { DrawerTask } from '../panel/Drawer';
import { fromSpec, type Place } from '../panel/spec';
import { useBoard } from '../panel/useBoard';
import { Button } from '../parts/button';
import { FirstRun } from '../parts/FirstRun';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { Empty, Failed, Unready, Waiting } from '../parts/surface';
import { THEME_EVENT } from '../parts/theme';
import { useTitle } from '../parts/title';
import { useWidth } from '../parts/width';
import { fromAddress, overlaid, useViewAddress } from './address';
import { ColourDialog } from './ColourDialog';
import { useDraft } from './draft';
import { Conflict, Edits, WorkspaceSettings } from './edits';
import { useOwned } from './lent';
import { guessMetric } from '../runset/metric';
import { usePersonal } from './personal';
import { RunPane } from './RunPane';
import { coloured, useRowActs } from './rowacts';
import { useFreshRuns } from '../runset/runs';
import { sourceOf, useStore, type Source } from './store';
import { useRunSet } from '../runset/useRunSet';
import { ViewMenu } from './ViewMenu';
import { AUTO, toggleAll } from '../runset/visible';
import css from './workspace.module.css';

const Drawer = lazy(() => import('../panel/Drawer').then((m) => ({ default: m.Drawer })));
const Peek = lazy(() => import('../parts/Peek').then((m) => ({ default: m.Peek })));

export type WorkspaceSearch = { nw?: string; group?: string; q?: string; sort?: string; panels?: string; x?: string; smooth?: number; smoothing?: string; band?: boolean; clip?: boolean; cols?: number; zoom?: string; zoomx?: string };

export function Workspace() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  const user = useUser();
  // A project is made by its first run: until then its owner sees the first steps, and looks often.
  const about = useQuery({ ...projectQuery(entity, project), refetchInterval: (q) => (q.state.data === null ? 2000 : false) });
  useTitle('Workspace', project);
  if (about.data) return <Opened key={`${entity}/${project}`} entity={entity} project={project} />;
  if (about.isError) return <Unready title={project}><Failed what="The project could not be read." error={about.error} retry={() => void about.refetch()} /></Unready>;
  if (about.data === undefined) return <Unready title={project}><Waiting rows={10} label="Reading the project" /></Unready>;
  const mine = entity === user?.entity || user?.teams.some((t) => t.name === entity && t.role !== 'viewer');
  return mine ? <FirstRun project={project} entity={entity} waiting /> : <NotFound what={`${entity}/${project}`} />;
}

/** The view that the address names, or one's own; then the workspace on top of it. */
function Opened({ entity, project }: { entity: string; project: string }) {
  const search = useSearch({ strict: false }) as WorkspaceSearch;
  const user = useUser();
  const nw = search.nw ?? personalNw(user?.name ?? '');
  const stored = useQuery(viewQuery(entity, project, nw));
  const navigate = useNavigate();
  const place = useMemo(() => ({ entity, project }), [entity, project]);
  const opened = stored.data?.opened;
  // One's own saves change the data too; the screen goes on with what it has.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const source = useMemo(() => stored.data && sourceOf(nw, user?.name, stored.data.view, stored.data.readOnly), [opened, nw, user?.name]);
  if (stored.isError && !stored.data) return <Unready title={project}><Failed what="The view could not be read." error={stored.error} retry={() => void stored.refetch()} /></Unready>;
  if (!source) return <Unready title={project}><Waiting rows={10} label="Reading the view" /></Unready>;
  if (!source.entry && !source.mine)
    return <Empty tall action={<Button onClick={() => void navigate({ to: '.', search: {} })}>Open my workspace</Button>}><h1>There is no view {nw}</h1>It was removed, or you may not see it.</Empty>;
  return <Inside key={nw + opened} place={place} source={source} spec={stored.data!.view?.spec ?? null} />;
}

function Inside({ place, source, spec }: { place: Place; source: Source; spec: string | null }) {
  const { entity, project } = place, path = `${entity}/${project}`;
  const search = useSearch({ strict: false }) as WorkspaceSearch;
  const navigate = useNavigate();
  const user = useUser();
  const [mine, setMine] = usePersonal(path);
  const [first] = useState(() => fromAddress(search));
  const [view] = useState(() => {
    const v = new View(path);
    v.zoom = first.zoom;
    return v;
  });
  // Without the right to write, one's own workspace is kept in this browser.
  const here = source.mine && !source.canWrite;
  const draft = useDraft(user?.name, place, source);
  const [own] = useState(() => (spec !== null ? fromSpec(spec, place) : here ? mine.doc : FRESH));
  const [stored] = useState(() => overlaid(own, first));
  const [opened] = useState(() => (draft.doc ? overlaid(draft.doc, first) : stored));
  const panels = search.panels ?? '';
  const width = useWidth(), phone = width <= 760;

  const [names, setNames] = useState<string[]>([]);
  const catalogue = useQuery({ ...catalogueQuery(path, names), enabled: names.length > 0, placeholderData: keepPreviousData });
  const keys = catalogue.data;
  const board = useBoard(keys, panels, undefined, opened);
  const { doc, edit } = board;
  const toStore = useOwned(first, doc, opened, own);
  const store = useStore(source, place, doc, stored, toStore, draft);
  useEffect(() => {
    if (here && doc !== opened) setMine({ doc: toStore(doc) });
  }, [here, doc, opened, setMine, toStore]);
  const settings = useMemo(() => cascade(doc), [doc]);
  useViewAddress(view, settings, doc);
  const axis = useRef(settings.x);
  useEffect(() => {
    if (axis.current !== settings.x) view.setZoom(null);
    axis.current = settings.x;
  }, [view, settings.x]);
  const cols = phone ? 1 : (doc.cols ?? columnsFor(width));

  const [guess, setGuess] = useState<string | null>(null);
  const metric = mine.metric ?? guess;
  const set = useRunSet(path, doc.runs, metric);
  const { runs, drawn } = set;
  useEffect(() => {
    view.setRuns(drawn);
    view.setGroups(set.drawnGroups);
    view.setBeyond(set.beyond);
    const next = drawn.map((r) => r.name).sort();
    setNames((old) => (old.join() === next.join() ? old : next));
  }, [view, drawn, set.drawnGroups, set.beyond]);
  useEffect(() => {
    if (keys && !guess) setGuess(guessMetric(keys));
  }, [keys, guess]);
  useFresh(path, view, names, (keys?.history.length ?? 0) > 0);
  useEffect(() => {
    const f = () => view.tell('theme');
    document.addEventListener(THEME_EVENT, f);
    return () => document.removeEventListener(THEME_EVENT, f);
  }, [view]);

  const [drawer, setDrawer] = useState(false); // the list on a phone
  const [task, setTask] = useState<DrawerTask | null>(null);
  const [peek, setPeek] = useState<string | null>(null);
  const [tint, setTint] = useState<{ id: string; name: string } | null>(null);
  const [setting, setSetting] = useState(false);
  const closed = phone ? !drawer : mine.closed;
  const fold = () => (phone ? setDrawer(!drawer) : setMine({ closed: !mine.closed }));
  const onRuns = useCallback((change: Partial<RunSetDoc>) => edit({ do: 'runs', change }), [edit]);
  useEffect(() => view.setNarrowing({ query: doc.runs.query, change: (query) => onRuns({ query }) }), [view, doc.runs.query, onRuns]);
  const change = useCallback((c: Partial<WorkspaceSearch>) => void navigate({ to: '.', search: (old: WorkspaceSearch) => clean({ ...old, ...c }), replace: true }), [navigate]);
  const addTo = useCallback((section?: string) => setTask({ do: 'add', section: section ?? '' }), []);
  useKeys({
    'run.list': fold,
    'panel.band': () => edit({ do: 'settings', change: { band: !settings.band } }),
    'panel.reset': () => view.setZoom(null),
    'panel.less': () => edit({ do: 'settings', change: { smooth: Math.max(0, round(settings.smooth - 0.05)) } }),
    'panel.more': () => edit({ do: 'settings', change: { smooth: Math.min(0.99, round(settings.smooth + 0.05)) } }),
    'panel.undo': board.undo,
    'panel.redo': board.redo,
    'panel.add': () => addTo(),
    leave: () => (view.zoom ? view.setZoom(null) : view.setFocus(null)),
  });
  const open = useCallback((run: string) => (run.startsWith('group:') ? undefined : void navigate({ to: '/$entity/$project/runs/$run', params: { entity, project, run } })), [navigate, entity, project]);
  const acts = useRowActs(doc.runs, set, onRuns, setPeek, setTint);
  const discard = () => void navigate({ to: '.', search: search.nw ? { nw: search.nw } : {}, replace: true }).then(store.discard);
  const onSearch = useCallback((v: string) => change({ panels: v }), [change]);
  const metrics = useMemo(() => (keys?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).map((k) => k.key), [keys]);

  if (!runs.pending && !runs.error && runs.total === 0) return <FirstRun project={project} entity={entity} waiting />;
  const noRuns = <NoRuns onShow={() => onRuns({ visible: AUTO })} filtered={(doc.runs.query !== '' || doc.runs.filters !== undefined) && runs.found === 0} onClear={() => onRuns({ query: '', filters: undefined })} />;
  return (
    <div className={[css.ws, closed && css.closed].filter(Boolean).join(' ')} style={{ ['--list' as string]: mine.width + doc.runs.columns.length * 64 + (doc.runs.baseline === null ? 0 : 65) + 'px' }}>
      {!closed && <RunPane entity={entity} project={project} view={view} set={set} doc={doc.runs} metric={metric} keys={keys} width={mine.width} acts={acts} onRuns={onRuns} onMetric={(m) => setMine({ metric: m })} onWidth={(w) => setMine({ width: w })} onAll={() => onRuns({ visible: toggleAll(drawn.length) })} onOpen={open} onFold={fold} />}
      <div className={css.area}>
        <h1 className="sr">Workspace of {project}</h1>
        <Toolbar view={view} settings={settings} onSettings={(c) => edit({ do: 'settings', change: c })} search={panels} onSearch={onSearch} onFold={board.foldOthers} cols={cols} onCols={(n) => edit({ do: 'view', change: { cols: n } })} metrics={metrics} tail={<Edits board={board} onAdd={() => addTo()} />}>
          {closed && (
            <Button {...(phone ? {} : { kind: 'ghost' as const, icon: true })} data-keep="" aria-label="Open the run list" title="Run list  \" onClick={fold}>
              <Icon name="panel" small />
              {phone && 'Runs'}
            </Button>
          )}
          <ViewMenu entity={entity} project={project} user={user?.name} source={source} store={store} onReset={() => board.replace(FRESH)} onDiscard={discard} onSettings={() => setSetting(true)} />
        </Toolbar>
        <Conflict source={source} store={store} onDiscard={discard} />
        {catalogue.isError && !keys && (
          <div className={css.note}>
            <Failed what="The keys of these runs could not be read." error={catalogue.error} retry={() => void catalogue.refetch()} />
          </div>
        )}
        {keys ? (
          <Board view={view} board={board} search={panels} onSearch={onSearch} cols={cols} editable onOpen={open} onEdit={(panel) => setTask({ do: 'edit', panel })} onAdd={addTo} noRuns={names.length > 0 || runs.pending ? undefined : runs.error ? <Unread filtered={doc.runs.query !== ''} /> : noRuns} />
        ) : names.length === 0 && !runs.pending && !runs.error ? (
          noRuns
        ) : catalogue.isError ? null : runs.error ? (
          <Unread filtered={doc.runs.query !== ''} />
        ) : (
          <Waiting rows={8} label="Reading keys" />
        )}
      </div>
      <Suspense fallback={null}>
        {task && keys && <Drawer task={task} view={view} board={board} catalogue={keys} metrics={metrics} onClose={() => setTask(null)} onOpen={open} />}
        {peek && <Peek entity={entity} project={project} run={peek} metric={metric} against={against(doc.runs.baseline, runs.loaded, peek)} onClose={() => setPeek(null)} />}
      </Suspense>
      {tint && <ColourDialog name={tint.name} now={doc.runs.colours[tint.id]} onClose={() => setTint(null)} onColour={(hex) => onRuns({ colours: coloured(doc.runs.colours, tint.id, hex) })} />}
      <WorkspaceSettings open={setting} onClose={() => setSetting(false)} board={board} metrics={metrics} />
    </div>
  );
}

/** What a run is compared with: the baseline, or the run before it in the list. */
function against(baseline: string | null, loaded: RunRow[], run: string): { name: string; what: string } | null {
  if (baseline !== null && baseline !== run) return { name: baseline, what: 'the baseline' };
  const r = loaded.find((x) => x.name === run);
  const before = r && loaded.filter((x) => x.created < r.created).sort((a, b) => b.created.localeCompare(a.created))[0];
  return before ? { name: before.name, what: `the run before, ${before.display || before.name}` } : null;
}

const Unread = ({ filtered }: { filtered: boolean }) => <Empty>{filtered ? 'The filter could not be answered, so there are no runs to draw.' : 'The runs could not be read, so there is nothing to draw.'}</Empty>;

function NoRuns({ onShow, filtered, onClear }: { onShow: () => void; filtered: boolean; onClear: () => void }) {
  return filtered ? <Empty action={<Button onClick={onClear}>Clear filter</Button>}>No run matches the filter.</Empty> : <Empty action={<Button onClick={onShow}>Show the first 12</Button>}>No run is visible. Show some in the list.</Empty>;
}

const round = (v: number) => Math.round(v * 100) / 100;
const clean = (s: WorkspaceSearch): WorkspaceSearch => Object.fromEntries(Object.entries(s).filter(([, v]) => v !== undefined && v !== ''));

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
