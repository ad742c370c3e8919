// The table of runs: query, columns, order, groups, selection. What is seen is in the address.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { flip, has, NONE, type Selection } from '../data/bulk';
import { queryClient } from '../data/cache';
import { ApiError } from '../data/client';
import { int } from '../data/format';
import { useLive, type Signal } from '../data/live';
import { runPageQuery, type RunRow } from '../data/run';
import { parseQuery, queryText, RUN_FIELDS, withRange } from '../data/runquery';
import { runColumnsQuery, statsQuery } from '../data/runtable';
import { useKeys } from '../keys';
import { only, toggle } from '../runset/visible';
import { Bulk, type Task } from '../parts/Bulk';
import { Button, Segment } from '../parts/button';
import { ExportItems } from '../parts/ExportRuns';
import { Icon } from '../parts/icon';
import { rowHeight } from '../parts/look';
import { Menu } from '../parts/menu';
import { Peek } from '../parts/Peek';
import { QueryField } from '../parts/QueryField';
import { State, type RunState } from '../parts/state';
import { Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { useTheme } from '../parts/usetheme';
import { Builder } from './Builder';
import { Chips } from './Chips';
import { cellOf, columnOf, FIRST_COLUMNS, goal, listOf, listText, moved, NAME, nextSort, numeric, parseSort, shifted, sortText } from './columns';
import { baseOf, Grid, type GridStyle } from './grid';
import { editCell } from './edit';
import { Compare } from './Compare';
import { Head } from './Head';
import type { HeadActs } from './HeadMenu';
import { useOwnView } from './ownview';
import { Picker } from './Picker';
import { Rows } from './rows';
import { useTableSettings } from './settings';
import css from './table.module.css';

export type TableSearch = { q?: string; sort?: string; group?: string; fields?: string; pins?: number; tall?: number; base?: string };
const STATES: RunState[] = ['pending', 'running', 'finished', 'failed', 'crashed', 'killed', 'preempting', 'preempted'];
const OF_ROW = new Set([NAME, 'name', 'state', 'tags', 'group', 'job_type', 'username', 'created_at', 'duration', 'history_line_count']);
const EVERY: Selection = { all: true, names: new Set() };
const LISTED = 50; // runs that an address names
const FRESH_EVERY = 5000; // ms between looks at what changed, while runs run

/** Columns when nobody chose any: the run's own, then the most frequent metrics and settings. */
function guess(columns: { column: string; type: string; runs: number }[]): string[] {
  const plain = columns.filter((c) => ['number', 'text', 'boolean'].includes(c.type) && !/^summary_metrics\._/.test(c.column));
  const metrics = plain.filter((c) => c.column.startsWith('summary_metrics.') && c.type === 'number').sort((a, b) => Math.abs(goal(b.column)) - Math.abs(goal(a.column))).slice(0, 6), config = plain.filter((c) => c.column.startsWith('config.')).slice(0, 6);
  return [FIRST_COLUMNS[0]!, ...metrics.map((c) => c.column), ...config.map((c) => c.column), ...FIRST_COLUMNS.slice(1)];
}

export function Table() {
  const { entity, project: name } = useParams({ strict: false }) as { entity: string; project: string };
  return <Page key={`${entity}/${name}`} entity={entity} name={name} />;
}

function Page({ entity, name }: { entity: string; name: string }) {
  const project = `${entity}/${name}`, search = useSearch({ strict: false }) as TableSearch, navigate = useNavigate(), theme = useTheme();
  useTitle('Runs', name);
  const set = useCallback((c: Partial<Record<keyof TableSearch, string | number | undefined>>) => void navigate({ to: '.', search: ((old: TableSearch) => Object.fromEntries(Object.entries({ ...old, ...c }).filter(([, v]) => v !== undefined && v !== ''))) as never, replace: true }), [navigate]);
  const [mine, setMine] = useTableSettings(project), widths = mine.widths;
  const setWidth = useCallback((field: string, w: number) => setMine((old) => ({ ...old, widths: { ...old.widths, [field]: w } })), [setMine]);
  const own = useOwnView(entity, name), baseName = search.base ?? own.runs?.baseline ?? undefined;
  const known = useQuery(runColumnsQuery(project));
  const catalogue = useMemo(() => known.data?.columns ?? [], [known.data]);
  const q = search.q ?? '', tall = search.tall ?? mine.tall ?? rowHeight(), height = [26, 32, 40].includes(tall) ? tall : 32;
  const sort = useMemo(() => parseSort(search.sort), [search.sort]), by = useMemo(() => listOf(search.group), [search.group]);
  const chosen = useMemo(() => (search.fields ? listOf(search.fields) : (mine.fields ?? guess(catalogue))).filter((f) => f !== NAME), [search.fields, mine.fields, catalogue]);
  const [builder, setBuilder] = useState(false), [picker, setPicker] = useState(false), [sel, setSel] = useState<Selection>(NONE);
  const [task, setTask] = useState<Task | null>(null), [peek, setPeek] = useState<string | null>(null), [compared, setCompared] = useState<string[] | null>(null);

  // What is asked. The run's own fields come with every row.
  const asked = chosen.filter((f) => !OF_ROW.has(f)).join('\n');
  const ask = useMemo(() => ({ project, q, order: sort.length ? sort.map((k) => (k.desc ? '-' : '+') + k.field) : ['-created_at'], columns: asked ? asked.split('\n') : [] }), [project, q, sort, asked]);
  const ready = known.isFetched || !!search.fields || !!mine.fields;
  const [, redraw] = useState(0);
  const rows = useRows(ready ? ask : null, by, chosen, () => redraw((n) => n + 1));
  const statFields = useMemo(() => chosen.filter((f) => f !== 'notes').slice(0, 100), [chosen]);
  const stats = useQuery({ ...statsQuery({ project, q, columns: statFields }), enabled: ready && !!rows && !rows.state.pending, placeholderData: keepPreviousData });
  const byField = useMemo(() => new Map((stats.data?.columns ?? []).map((s) => [s.column, s])), [stats.data]);
  const types = useMemo(() => new Map(catalogue.map((c) => [c.column, c.type])), [catalogue]);
  const columns = useMemo(() => [NAME, ...chosen].map((f) => {
    const c = columnOf(f, widths), wider = baseName && f.includes('.') && !widths[f] ? 46 : 0; // room for the difference
    return { ...c, width: c.width + wider, right: numeric(f, byField.get(f), types.get(f)) };
  }), [chosen, widths, baseName, byField, types]);
  const pinned = Math.min(1 + Math.max(0, search.pins ?? mine.pins ?? 0), columns.length);
  const base = useQuery({ ...runPageQuery({ ...ask, q: '', order: [], filter: { name: baseName } }, 0), enabled: !!baseName }).data?.rows[0];
  const states = rows?.state ?? { found: 0, total: 0, running: 0, ms: 0, groups: null, pending: true, error: null };
  const badQuery = states.error instanceof ApiError && states.error.status === 400;
  useChanges(project, () => rows?.refresh());

  // The grid is not React's: it is told what to show after each draw.
  const vp = useRef<HTMLDivElement>(null), body = useRef<HTMLDivElement>(null), shapes = useRef<HTMLSpanElement>(null), grid = useRef<Grid | null>(null);
  const look = { columns, pinned, height, stats: byField, base: base ? baseOf(base, chosen) : null, selected: (r: string) => has(sel, r), drawn: own.drawn, href: (r: string) => '/' + [entity, name, 'runs', r].map(encodeURIComponent).join('/') };
  const size = rows?.size ?? 0;
  useLayoutEffect(() => {
    if (!rows || !vp.current || !body.current) return;
    if (grid.current?.body !== body.current) {
      grid.current?.stop();
      grid.current = new Grid(vp.current, body.current, css as unknown as GridStyle, rows, look, shapes.current!);
    } else grid.current.show(rows, look);
  });
  useEffect(() => () => grid.current?.stop(), []);
  useEffect(() => {
    vp.current?.scrollTo({ top: 0 });
  }, [q, search.sort, search.group]);
  useEffect(() => setSel(NONE), [q]);
  void theme; // swatches are of the theme: a change of it draws the grid

  const at = () => (rows && grid.current ? rows.row(grid.current.cur) : null);
  const runAt = () => {
    const r = at();
    return r?.kind === 'run' ? r.run : null;
  };
  const open = (run: string) => void navigate({ to: '/$entity/$project/runs/$run', params: { entity, project: name, run } });
  const move = (n: number) => (vp.current?.focus({ preventScroll: true }), grid.current?.moveTo(n));
  const step = (n: number) => move(document.activeElement === vp.current ? (grid.current?.cur ?? 0) + n : (grid.current?.cur ?? 0));
  const select = (runs: RunRow[], on?: boolean) => runs[0] && setSel((s) => flip(s, runs.map((r) => r.name), on ?? !has(s, runs[0]!.name)));
  const anchor = useRef(0);
  const range = (to: number) => {
    const [a, b] = anchor.current < to ? [anchor.current, to] : [to, anchor.current], picked: RunRow[] = [];
    for (let i = a; i <= b; i++) {
      const r = rows?.row(i);
      if (r?.kind === 'run') picked.push(r.run);
    }
    select(picked, true);
  };
  const baseline = (run: string | null) => {
    const next = run === baseName ? null : run;
    set({ base: next ?? undefined });
    if (own.canEdit) void own.edit({ baseline: next });
  };
  const draw = (run: string) => own.runs && own.canEdit && void own.edit({ visible: toggle(own.runs.visible, run, own.drawn(run)) });
  const show = async (runs: string[]) => {
    if (own.canEdit) await own.edit({ visible: { base: 'none', over: Object.fromEntries(runs.map((r) => [r, true])) } });
    void navigate({ to: '/$entity/$project/workspace', params: { entity, project: name }, search: (runs.length <= LISTED ? { q: queryText(parseQuery(`name in [${runs.join(', ')}]`).tree) } : {}) as never });
  };
  const enter = () => {
    const r = at();
    if (r?.kind === 'run') open(r.run.name);
    else if (r?.kind === 'group') rows?.toggle(r.id);
  };
  useKeys({
    'run.next': () => step(1),
    'run.previous': () => step(-1),
    'run.open': enter,
    'run.select': () => ((anchor.current = grid.current?.cur ?? 0), select([runAt()].flatMap((r) => r ?? []))),
    'run.range.down': () => (step(1), range(grid.current?.cur ?? 0)),
    'run.range.up': () => (step(-1), range(grid.current?.cur ?? 0)),
    'run.baseline': () => runAt() && baseline(runAt()!.name),
    'run.toggle': () => runAt() && draw(runAt()!.name),
    'run.only': () => runAt() && own.canEdit && void own.edit({ visible: only(runAt()!.name) }),
    'run.peek': () => runAt() && setPeek(runAt()!.name),
    'run.tag': () => {
      const run = runAt();
      if (!sel.all && sel.names.size === 0) {
        if (!run) return;
        select([run], true);
      }
      setTask('tag');
    },
    ...(sel.all || sel.names.size ? { leave: () => setSel(NONE) } : {}),
  });

  const fit = (field: string) => {
    const k = columns.findIndex((c) => c.field === field), now = Date.now();
    let longest = columns[k]!.title.length + columns[k]!.prefix.length + 2, seen = 0;
    for (const r of rows?.here() ?? []) {
      longest = Math.max(longest, cellOf(r, field, now).text.length + (base ? 6 : 0));
      if (++seen > 2000) break;
    }
    setWidth(field, Math.max(64, Math.min(600, Math.round(longest * 7 + 24))));
  };
  const setFields = (l: string[]) => (setMine((old) => ({ ...old, fields: l })), set({ fields: listText(l) }));
  const setPins = (n: number) => (setMine((old) => ({ ...old, pins: n })), set({ pins: n || undefined }));
  const setTall = (h: number) => (setMine((old) => ({ ...old, tall: h })), set({ tall: h === 32 ? undefined : h }));
  const headActs: HeadActs = {
    onOrder: (field, desc) => set({ sort: sortText([{ field, desc }]) }),
    onGroup: (field) => set({ group: listText(by.includes(field) ? by.filter((f) => f !== field) : [...by, field]) }),
    onPin: (field) => setPins(chosen.indexOf(field) < pinned - 1 ? chosen.indexOf(field) : chosen.indexOf(field) + 1),
    onHide: (field) => setFields(chosen.filter((f) => f !== field)),
    onFit: (field) => fit(field),
    onShift: (field, step) => setFields(shifted(chosen, field, step)),
    onChoose: () => setPicker(true),
  };
  const onSort = (field: string, more: boolean) => set({ sort: sortText(nextSort(sort, field, more, !!columns.find((c) => c.field === field)?.right)) });
  const valuesOf = useCallback((f: string) => (f === 'state' ? STATES : ((byField.get(f === 'tag' ? 'tags' : f === 'user' ? 'username' : f) ?? byField.get('config.' + f) ?? byField.get('summary_metrics.' + f))?.texts ?? []).map((t) => t.text)), [byField]);
  const found = states.pending && !states.total ? '' : states.found === states.total ? `${int(states.total)} ${states.total === 1 ? 'run' : 'runs'}` : `${int(states.found)} of ${int(states.total)}`;
  const empty = !states.pending && states.found === 0 && !states.error;

  const click = (e: React.MouseEvent) => {
    const t = e.target as HTMLElement, i = grid.current?.indexOf(t) ?? -1, r = i < 0 ? null : rows?.row(i);
    if (!r) return;
    grid.current!.cur = i;
    if (r.kind === 'group') rows?.toggle(r.id);
    else if (r.kind === 'run' && t.dataset.act === 'select') {
      if (e.shiftKey) range(i);
      else select([r.run]);
      anchor.current = i;
    } else if (r.kind === 'run' && t.dataset.act === 'open' && !e.metaKey && !e.ctrlKey && !e.shiftKey) {
      e.preventDefault();
      open(r.run.name);
    } else if (r.kind === 'run' && t.dataset.act === 'draw') draw(r.run.name);
    else grid.current?.draw();
  };
  const write = (e: React.MouseEvent) => {
    const cell = (e.target as HTMLElement).closest<HTMLElement>('[data-field]'), r = cell && rows?.row(grid.current?.indexOf(cell) ?? -1);
    if (cell && r?.kind === 'run' && (cell.dataset.field === 'tags' || cell.dataset.field === 'notes')) editCell(cell, entity, name, r.run, cell.dataset.field);
  };

  return (
    <div className={css.page} data-table="">
      <h1 className="sr">Runs of {name}</h1>
      <div className={css.top}>
        <QueryField label="Filter runs by query" q={q} onQuery={(t) => set({ q: t })} columns={catalogue} valuesOf={valuesOf} said={badQuery ? states.error?.message : undefined}>
          <span className={`${css.n} num dim`} role="status">{found}</span>
        </QueryField>
        <Button aria-pressed={builder} aria-expanded={builder} onClick={() => setBuilder((b) => !b)}>
          <Icon name="filter" small />
          Filter
        </Button>
        <Button onClick={() => setPicker(true)}>
          <Icon name="cols" small />
          Columns <span className="dim num">{chosen.length + 1}{catalogue.length ? ` of ${int(catalogue.length + RUN_FIELDS.length)}` : ''}</span>
        </Button>
        <span className={css.hide}>
          <Segment label="Height of rows" value={height} onChange={setTall} options={[{ value: 26, label: '≡', name: 'Low' }, { value: 32, label: '=', name: 'Normal' }, { value: 40, label: '–', name: 'Tall' }]} />
        </span>
        <Menu align="end" trigger={<Button icon aria-label="Export the runs found" title="Export the runs found"><Icon name="dl" small /></Button>}>
          <ExportItems ask={ask} sel={EVERY} n={states.found} columns={chosen} groups={by} />
        </Menu>
      </div>
      {builder && <Builder q={q} onQuery={(t) => set({ q: t })} columns={catalogue} valuesOf={valuesOf} />}
      <Chips by={by} sort={sort} columns={catalogue} base={base ? base.display || base.name : null} onBy={(l) => set({ group: listText(l) })} onSort={(l) => set({ sort: sortText(l) })} onBase={() => baseline(null)} />
      {states.error && !badQuery && (
        <div className={css.notice}>
          <Failed what="The runs could not be read." error={states.error} retry={() => rows?.retry()} />
        </div>
      )}
      {!ready || (states.pending && size === 0 && !states.error) ? (
        <Waiting rows={16} label="Reading runs" />
      ) : empty ? (
        <Empty tall action={q ? <Button small onClick={() => set({ q: undefined })}>Clear the query</Button> : undefined}>{q ? 'No run matches this query.' : 'This project has no runs yet.'}</Empty>
      ) : (
        <div
          ref={vp}
          className={css.vp}
          tabIndex={0}
          role={by.length ? 'treegrid' : 'grid'}
          data-grid=""
          aria-label="Runs"
          aria-multiselectable="true"
          aria-rowcount={size + 1}
          aria-colcount={columns.length + 1}
          onClick={click}
          onDoubleClick={write}
          onKeyDown={(e) => {
            if (e.target !== e.currentTarget || e.metaKey || e.ctrlKey || e.altKey || !grid.current) return;
            const g = grid.current, to = { ArrowDown: g.cur + 1, ArrowUp: g.cur - 1, PageDown: g.cur + g.page, PageUp: g.cur - g.page, Home: 0, End: size - 1 }[e.key];
            if (to !== undefined) {
              e.preventDefault();
              move(to);
            } else if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
              const r = at();
              if (r?.kind !== 'group') return;
              e.preventDefault();
              rows?.toggle(r.id, e.key === 'ArrowRight');
            }
          }}
        >
          <Head columns={columns} pinned={pinned} stats={byField} sort={sort} found={`${int(states.found)} ${states.found === 1 ? 'run' : 'runs'}`} every={sel.all && sel.names.size === 0} onEvery={(on) => setSel({ all: on, names: new Set() })} onSort={onSort} onWidth={setWidth} onFit={fit} onMove={(f, before) => before && setFields(moved(chosen, f, before))} by={by} acts={headActs} onBrush={(f, r) => set({ q: withRange(q, f, r) })} />
          <div ref={body} className={css.body} role="rowgroup" />
        </div>
      )}
      <span ref={shapes} hidden>
        {STATES.map((s) => (
          <span key={s} data-shape={s}>
            <State state={s} />
          </span>
        ))}
      </span>
      <div className={`${css.foot} num`}>
        {states.pending && !states.total ? (
          !states.error && <span>Reading runs</span>
        ) : (
          <>
            <span>
              <b>{int(states.found)}</b> {states.found === 1 ? 'run' : 'runs'}
              {states.groups !== null && <> in <b>{int(states.groups)}</b> groups</>}
            </span>
            <span>
              answered in <b>{states.ms} ms</b>
            </span>
          </>
        )}
        {states.running > 0 && <span><b>{int(states.running)}</b> running</span>}
        <span className="grow" />
        {by.length > 0 && <span className={css.hide}>Group rows show means; NaN left out</span>}
        {own.count !== null && (
          <Link to="/$entity/$project/workspace" params={{ entity, project: name }} className={css.hide ?? ''}>{int(own.count)} drawn in the workspace</Link>
        )}
        <span className={css.hide}>j k move, x select, v draw, Space look, t tag, b baseline</span>
      </div>
      {(sel.all || sel.names.size > 0) && <Bulk ask={ask} project={project} sel={sel} found={states.found} columns={chosen} groups={by} filter={q} begin={task} onBegun={() => setTask(null)} onSel={setSel} onShow={(runs) => void show(runs)} onCompare={setCompared} />}
      {peek && <Peek entity={entity} project={name} run={peek} metric={chosen.find((f) => goal(f))?.slice(16) ?? null} against={baseName && baseName !== peek ? { name: baseName, what: 'the baseline' } : null} onClose={() => setPeek(null)} />}
      {compared && <Compare project={project} runs={compared} onClose={() => setCompared(null)} />}
      {picker && <Picker columns={catalogue} chosen={chosen} pins={pinned - 1} read={known.data?.read ?? 0} onChosen={setFields} onPins={setPins} onClose={() => setPicker(false)} />}
    </div>
  );
}

/** The rows of a question; those before stay until the new ones are here. */
function useRows(ask: Rows['ask'] | null, by: string[], chosen: string[], changed: () => void): Rows | null {
  const [store] = useState(() => ({ rows: null as Rows | null, ears: new Set<() => void>() }));
  const tell = useRef(changed);
  useEffect(() => {
    tell.current = changed;
  });
  const full = useMemo(() => (ask && by.length ? { ...ask, columns: [...new Set([...ask.columns, ...chosen.filter((f) => ['duration', 'history_line_count', 'created_at'].includes(f))])] } : ask), [ask, by, chosen]);
  const text = full && JSON.stringify([full, by]);
  useEffect(() => {
    if (!text) return;
    const [now, groups] = JSON.parse(text) as [Rows['ask'], string[]];
    store.rows = new Rows(now, groups, () => tell.current(), store.rows);
    for (const f of store.ears) f();
  }, [store, text]);
  useEffect(() => () => store.rows?.stop(), [store]);
  return useSyncExternalStore((f) => (store.ears.add(f), () => store.ears.delete(f)), () => store.rows);
}

/** Calls `f` when runs changed, at most every few seconds. */
function useChanges(project: string, f: () => void): void {
  const now = useRef(f), timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    now.current = f;
  });
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  useLive(project, useCallback((_s: Signal) => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queryClient.invalidateQueries({ queryKey: ['runs', project] }).then(() => now.current());
    }, FRESH_EVERY);
  }, [project]));
}

