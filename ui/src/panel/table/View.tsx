// Tables that runs logged: of one run, or of all as one, at one step, with search and tests of columns.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { int } from '../../data/format';
import { fileUrl, MEDIA_RUNS, mediaQuery, tableOf, tablePageQuery, TABLES_TOGETHER, type LabelledTable, type MediaRun, type TableAsk, type TablePage, type TableTest } from '../../data/media';
import { Button } from '../../parts/button';
import { Search, Slider } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { EditChoice, Said, SaidFailed, SaidWaiting, useDrawn } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import type { PanelViewProps } from '../kind';
import { valueAt } from '../media/items';
import { cellText } from './Cell';
import { Tests } from './Tests';
import { Table } from './Table';
import css from './table.module.css';

const NONE: never[] = [];

export function TableView({ view, panel, title, head, bind, onConfig }: PanelViewProps<'table'>) {
  const { tableKey, sort = NONE, where = NONE, hiddenColumns = NONE, joinKey } = panel.config;
  const { runs, names, live } = useDrawn(view, MEDIA_RUNS);
  const q = useQuery({ ...mediaQuery(view.project, names, tableKey, live), placeholderData: keepPreviousData });
  const found = useMemo(() => (q.data ?? []).flatMap((r) => {
    const values = r.values.filter((v) => tableOf(r.run, v.value));
    return values.length && names.includes(r.run) ? [{ ...r, values }] : [];
  }), [q.data, names]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [step, setStep] = useState<number | null>(null);
  const [text, setText] = useState('');
  const asked = useDeferredValue(text);
  const [tests, setTests] = useState(false);
  const [page, setPage] = useState<TablePage | null>(null);
  const run = found.find((r) => r.run === chosen) ?? found[0];
  const value = run ? valueAt(run.values, step ?? Infinity) : undefined;
  const table = run && value ? tableOf(run.run, value.value) : null;
  const together = found.length > 1 ? panel.config.together : undefined;
  const many = together && run ? sideBySide(found, step ?? Infinity, (n) => runs.find((d) => d.name === n)?.display ?? n) : [];
  const name = JSON.stringify(many.length ? many : table ? [table] : []);
  // The columns of one run's table, to choose the one that all are joined on.
  const one = useQuery({ ...tablePageQuery({ project: view.project, table: table ?? { run: '', path: '', artifact: '' }, sort: NONE, text: '', where: NONE }, 0, 1), enabled: together === 'join' && table !== null });
  const columns = one.data?.columns.map((c) => c.name) ?? [], key = joinKey && columns.includes(joinKey) ? joinKey : (columns.find((c) => c === 'id') ?? columns[0] ?? '');
  const join = together === 'join' ? key : '';
  const ask = useMemo((): TableAsk => {
    const [first, ...more] = JSON.parse(name) as LabelledTable[];
    return { project: view.project, table: first!, more, join, sort, text: asked.trim(), where: where.filter(complete) };
  }, [view.project, name, join, sort, asked, where]);
  const latest = useRef(page);
  useEffect(() => {
    latest.current = page;
  });
  useEffect(() => {
    bind({ table: () => ({ head: latest.current?.columns.map((c) => c.name) ?? [], rows: (latest.current?.rows ?? []).map((r) => r.map((c) => (typeof c === 'number' ? c : cellText(c)))) }) });
    return () => bind(null);
  }, [bind]);
  const onPage = useCallback((p: TablePage) => setPage(p), []);
  if (!tableKey) return <Said>No table was chosen yet.</Said>;
  if (q.error && !q.data) return <SaidFailed what="The tables could not be found." error={q.error} retry={() => void q.refetch()} />;
  if (!q.data && names.length) return <SaidWaiting what={`Looking for ${title}`} />;
  if (!run || !table) return <Said>No run in view logged a table <code>{tableKey}</code></Said>;
  const at = run.values.indexOf(value!);
  return (
    <div className={css.table}>
      {head && page && createPortal(<span className={inside.meta}>{page.found === page.total ? `${int(page.total)} rows` : `${int(page.found)} of ${int(page.total)} rows`}{together && found.length > many.length ? `, ${int(many.length)} of ${int(found.length)} runs` : ''}</span>, head)}
      <div className={css.tools}>
        {found.length > 1 && <EditChoice label={`Runs of ${title}`} value={together ?? ''} options={TOGETHER} onValue={(v) => onConfig({ together: (v || undefined) as 'stack' | undefined, sort: [], where: [] })} />}
        {together === 'join' && columns.length > 0 && <EditChoice label={`Column to join ${title} on`} value={key} options={columns.map((c) => ({ value: c, label: `on ${c}` }))} onValue={(v) => onConfig({ joinKey: v, sort: [], where: [] })} />}
        {found.length > 1 && !together && <EditChoice label={`Run of ${title}`} value={run.run} options={found.map((r) => ({ value: r.run, label: runs.find((d) => d.name === r.run)?.display ?? r.run }))} onValue={setChosen} />}
        <Search className={css.find ?? ''} label={`Search in ${title}`} placeholder="Search cells" value={text} onValue={setText} />
        <Button small aria-pressed={tests || where.length > 0} onClick={() => setTests(!tests)}>
          <Icon name="filter" small />
          {where.length ? `${where.length} ${where.length === 1 ? 'test' : 'tests'}` : 'Filter'}
        </Button>
        {run.values.length > 1 && (
          <span className={css.step}>
            <Slider label={`Step of ${title}`} min={0} max={run.values.length - 1} step={1} value={at} onValue={(i) => setStep(run.values[i]!.step)} />
            <output className="num small">step {int(value!.step)}</output>
          </span>
        )}
      </div>
      {tests && page && <Tests columns={page.columns} where={where} onWhere={(w) => onConfig({ where: w })} />}
      <div className={css.body}>
        {together === 'join' && !key ? (
          one.error ? <SaidFailed what="The table could not be read." error={one.error} retry={() => void one.refetch()} /> : <SaidWaiting what={`Reading ${title}`} />
        ) : (
          <Table ask={ask} label={title} url={(path) => fileUrl(view.project, run.run, path)} hiddenColumns={hiddenColumns} onSort={(s) => onConfig({ sort: s })} onClear={() => (setText(''), onConfig({ where: [] }))} onPage={onPage} />
        )}
      </div>
    </div>
  );
}

const TOGETHER = [{ value: '', label: 'One run' }, { value: 'stack', label: 'All under each other' }, { value: 'join', label: 'All side by side' }];

/** The tables of several runs at a step, each with its run's name; those of one name get their ids too. */
function sideBySide(found: MediaRun[], step: number, display: (run: string) => string): LabelledTable[] {
  const names = found.map((r) => display(r.run));
  return found.slice(0, TABLES_TOGETHER).flatMap((r, i) => {
    const table = tableOf(r.run, valueAt(r.values, step)?.value);
    return table ? [{ ...table, label: names.indexOf(names[i]!) === names.lastIndexOf(names[i]!) ? names[i]! : `${names[i]} (${r.run})` }] : [];
  });
}

const complete = (t: TableTest) => t.op === 'null' || t.op === 'not-null' || (t.value !== undefined && t.value !== '');
