// Parameter importance: bars with their interval, and the correlation beside.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { int, num } from '../../data/format';
import { DOCS_MOST, leaves, RUNSET_MOST, runDocsQuery } from '../../data/runset';
import { Search } from '../../parts/field';
import { axisName, columnOf, numberOf } from '../axis/axis';
import { Said, SaidFailed, SaidWaiting, useDrawn } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import { useRunValues } from '../axis/useRunValues';
import type { PanelViewProps } from '../kind';
import type { Importance, Param, Result } from './forest';
import { importancePicture } from './picture';
import css from './importance.module.css';

const PARAMS = 100;
const LEAST = 8; // runs below which the numbers say little

/** Result of the worker; null while it computes. */
function useForest(params: Param[] | null, target: number[]): Result | null {
  const [result, setResult] = useState<{ of: string; result: Result } | null>(null);
  const of = useMemo(() => JSON.stringify([params, target]), [params, target]);
  useEffect(() => {
    if (!params) return;
    const w = new Worker(new URL('./forest.worker.ts', import.meta.url), { type: 'module' });
    w.onmessage = (e: MessageEvent<{ result: Result }>) => setResult({ of, result: e.data.result });
    const [p, t] = JSON.parse(of) as [Param[], (number | null)[]];
    w.postMessage({ n: 0, params: p, target: t.map((v) => v ?? NaN) });
    return () => w.terminate();
  }, [of, params]);
  return params ? (result?.result ?? null) : null;
}

export function ImportanceView({ view, panel, title, head, bind }: PanelViewProps<'importance'>) {
  const { targetKey } = panel.config;
  const { names, live } = useDrawn(view, RUNSET_MOST);
  const docs = useQuery({ ...runDocsQuery(view.project, names.slice(0, DOCS_MOST), live), placeholderData: keepPreviousData });
  const paths = useMemo(() => {
    const seen = new Map<string, Set<string>>();
    for (const d of docs.data ?? []) for (const [k, v] of leaves(d.config)) seen.set(k, (seen.get(k) ?? new Set()).add(JSON.stringify(v)));
    const n = docs.data?.length ?? 0;
    // What varies; what every run has of its own (names, seeds of text) would explain everything and means nothing.
    return [...seen].filter(([, v]) => v.size > 1 && !(v.size === n && n > 3 && [...v].every((s) => s.startsWith('"')))).map(([k]) => k).slice(0, PARAMS);
  }, [docs.data]);
  const columns = useMemo(() => [columnOf(targetKey), ...paths.map((p) => 'config.' + p)], [targetKey, paths]);
  const { rows, pending, error, retry, none, left } = useRunValues(view, columns);
  const key = JSON.stringify(rows.map((r) => r.values));
  const { params, target } = useMemo(() => {
    const values = JSON.parse(key) as unknown[][];
    return { target: values.map((v) => numberOf(v[0])), params: paths.length && values.length ? paths.map((p, i): Param => ({ name: p.replaceAll('\\.', '.'), values: values.map((v) => v[i + 1] ?? null) })) : null };
  }, [key, paths]);
  const result = useForest(params, target);
  const [text, setText] = useState('');
  const latest = useRef<Importance[]>([]);
  useEffect(() => {
    latest.current = result?.list ?? [];
  });
  useEffect(() => {
    bind({ table: () => ({ head: ['Parameter', 'Importance', 'Low', 'High', 'Correlation', 'Distinct values'], rows: latest.current.map((i) => [i.name, i.importance, i.low, i.high, Number.isNaN(i.correlation) ? null : i.correlation, i.distinct]) }), picture: () => (latest.current.length ? importancePicture(latest.current) : null) });
    return () => bind(null);
  }, [bind]);
  if (!targetKey) return <Said>Choose the metric that parameters are to explain: edit the panel.</Said>;
  if (docs.error ?? error) return <SaidFailed what="The runs could not be read." error={docs.error ?? error} retry={() => (void docs.refetch(), retry())} />;
  if (none) return <Said>No run is visible.</Said>;
  if (docs.data && paths.length === 0) return <Said>The configs of the runs in view do not differ, so nothing can be said of their importance.</Said>;
  if (pending || !result) return <SaidWaiting what={`Computing ${title}`} />;
  if (result.list.length === 0) return <Said>{result.used < 4 ? `${result.used} of the runs in view have a value of ` : 'Nothing that varies explains '}<code>{axisName(targetKey)}</code>{result.used < 4 ? '; at least four are needed.' : '.'}</Said>;
  const shown = result.list.filter((i) => i.name.toLowerCase().includes(text.toLowerCase())), top = Math.max(...result.list.map((i) => i.high), 0.01);
  return (
    <div className={css.importance}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            <span>{int(result.used)} runs</span>
            <span title="Part of the metric's variance that the forest explains on runs it was not grown from">explains {Math.max(0, Math.round(result.fit * 100))} %</span>
            {(result.used < LEAST || result.fit < 0.2) && <span className={css.weak} title="Few runs, or parameters that explain little: read the intervals">weak</span>}
            {left > 0 && <span>{int(left)} runs left out</span>}
          </span>,
          head,
        )}
      {result.list.length > 8 && <div className={css.find}><Search label={`Search parameters of ${title}`} placeholder="Search parameters" value={text} onValue={setText} /></div>}
      <div className={css.scroll} tabIndex={0} role="region" aria-label={`Importance for ${axisName(targetKey)}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col" title="How much worse a forest of 64 trees gets on unseen runs when the parameter is shuffled, as a part of all; the line is its interval of 95 %">Importance</th>
              <th scope="col" title="Pearson; none for parameters of three or more words">Correlation</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((i) => (
              <tr key={i.name}>
                <th scope="row" className="cut" title={`${i.name}, ${int(i.distinct)} values`} dir="auto">{i.name}</th>
                <td>
                  <span className={css.track}>
                    <i className={css.bar} style={{ width: `${(i.importance / top) * 100}%` }} />
                    <i className={css.range} style={{ left: `${(i.low / top) * 100}%`, width: `${((i.high - i.low) / top) * 100}%` }} />
                  </span>
                  <span className="num">{i.importance.toFixed(2)}</span>
                </td>
                <td>
                  {Number.isNaN(i.correlation) ? (
                    <span className="dim">–</span>
                  ) : (
                    <>
                      <span className={css.both}>
                        <i className={i.correlation < 0 ? css.neg : css.pos} style={i.correlation < 0 ? { right: '50%', width: `${-i.correlation * 50}%` } : { left: '50%', width: `${i.correlation * 50}%` }} />
                      </span>
                      <span className="num">{i.correlation > 0 ? '+' : ''}{num(i.correlation, 2)}</span>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className="dim">No parameter is called so.</p>}
      </div>
    </div>
  );
}
