// Saved code: a file of one run, or the difference between two.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { filesQuery, type RunFile } from '../../data/run';
import { fileText, fileUrl } from '../../data/media';
import { int } from '../../data/format';
import { natural } from '../../chart/sections';
import { Button } from '../../parts/button';
import { EditChoice, Said, SaidFailed, SaidWaiting, useDrawn } from '../inside/Inside';
import type { PanelViewProps } from '../kind';
import { diff, folded, type DiffLine } from './diff';
import css from './code.module.css';

const RUNS = 50;
const isCode = (n: string) => /^(code\/|diff\.patch$|config\.yaml$|requirements\.txt$|conda-environment\.yaml$|wandb-metadata\.json$)/.test(n);

export function CodeView({ view, panel, title, bind, onConfig }: PanelViewProps<'code'>) {
  const { runs, names } = useDrawn(view, RUNS);
  const [entity, project] = view.project.split('/') as [string, string];
  const { left, right, file, diff: form = 'unified' } = panel.config;
  const a = runs.find((r) => r.name === left) ?? runs[0], b = right === '' ? undefined : (runs.find((r) => r.name === right) ?? runs[1]);
  const lists = useQueries({ queries: [a, b].filter((r) => r !== undefined).map((r) => ({ ...filesQuery(entity, project, r.name) })) });
  const files = useMemo(() => [...new Set(lists.flatMap((l) => ((l.data ?? []) as RunFile[]).map((f) => f.name)).filter(isCode))].sort((x, y) => Number(y.startsWith('code/')) - Number(x.startsWith('code/')) || natural(x, y)), [lists]);
  const name = file && files.includes(file) ? file : files[0];
  const has = (i: number) => ((lists[i]?.data ?? []) as RunFile[]).some((f) => f.name === name);
  const textOf = (run: string | undefined, there: boolean) => ({ queryKey: ['code', view.project, run, name], queryFn: ({ signal }: { signal: AbortSignal }) => fileText(fileUrl(view.project, run!, name!), 4 << 20, signal), enabled: Boolean(run && name && there), staleTime: 60_000, retry: false });
  const ta = useQuery(textOf(a?.name, has(0))), tb = useQuery(textOf(b?.name, has(1)));
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const all = useMemo(() => (b ? diff(has(0) ? (ta.data ?? '') : '', has(1) ? (tb.data ?? '') : '') : diff('', ta.data ?? '').map((l): DiffLine => ({ ...l, kind: 'same', a: l.b }))), [ta.data, tb.data, b, name]); // eslint-disable-line react-hooks/exhaustive-deps -- has() follows from the lists, whose files these are
  const latest = useRef(all);
  useEffect(() => {
    latest.current = all;
  });
  useEffect(() => {
    bind({ table: () => ({ head: ['Left', 'Right', '', 'Line'], rows: latest.current.map((l) => [l.a, l.b, l.kind === 'old' ? '−' : l.kind === 'new' ? '+' : '', l.text]) }) });
    return () => bind(null);
  }, [bind]);
  if (names.length === 0) return <Said>No run is visible.</Said>;
  const failed = lists.find((l) => l.error)?.error;
  if (failed) return <SaidFailed what="The files could not be listed." error={failed} retry={() => lists.forEach((l) => void l.refetch())} />;
  if (lists.some((l) => l.isPending)) return <SaidWaiting what={`Reading ${title}`} />;
  if (!name) return <Said>These runs saved no code. It is saved with <code>run.log_code()</code> or <code>save_code=True</code>.</Said>;
  const changes = all.filter((l) => l.kind !== 'same').length;
  const shown = b ? folded(all) : all;
  const choices = runs.map((r) => ({ value: r.name, label: r.display }));
  return (
    <div className={css.code}>
      <div className={css.tools}>
        <EditChoice label={`File of ${title}`} value={name} options={files.map((f) => ({ value: f, label: f }))} onValue={(f) => onConfig({ file: f })} />
        <EditChoice label={`Left run of ${title}`} value={a?.name ?? ''} options={choices} onValue={(v) => onConfig({ left: v })} />
        <EditChoice label={`Right run of ${title}`} value={b?.name ?? ''} options={[{ value: '', label: 'No comparison' }, ...choices]} onValue={(v) => onConfig({ right: v })} />
        {b && <Button small aria-pressed={form === 'split'} onClick={() => onConfig({ diff: form === 'split' ? 'unified' : 'split' })}>Side by side</Button>}
        {b && <span className="dim small">{changes === 0 ? 'no difference' : `${int(all.filter((l) => l.kind === 'old').length)} out, ${int(all.filter((l) => l.kind === 'new').length)} in`}</span>}
        {b && (!has(0) || !has(1)) && <span className="small">{(has(0) ? b : a)?.display} does not have it.</span>}
      </div>
      {(ta.error ?? tb.error) && <SaidFailed what="The file could not be read." error={ta.error ?? tb.error} retry={() => (void ta.refetch(), void tb.refetch())} />}
      <div className={css.lines} tabIndex={0} role="region" aria-label={`${name}${b ? `, ${a?.display} against ${b.display}` : ''}`}>
        {form === 'split' && b ? (
          <Split lines={shown} open={open} all={all} onFold={(n) => setOpen(new Set([...open, n]))} />
        ) : (
          <pre>{shown.map((l, i) => (l.kind === 'fold' ? <Fold key={i} fold={l} open={open} all={all} onFold={(n) => setOpen(new Set([...open, n]))} /> : <Line key={i} l={l} both={Boolean(b)} />))}</pre>
        )}
      </div>
    </div>
  );
}

type FoldLine = { kind: 'fold'; from: number; count: number };
const Line = ({ l, both }: { l: DiffLine; both: boolean }) => (
  <div className={l.kind === 'old' ? css.old : l.kind === 'new' ? css.new : undefined}>
    <span className={css.no}>{l.a ?? ''}</span>
    {both && <span className={css.no}>{l.b ?? ''}</span>}
    <span className={css.sign}>{l.kind === 'old' ? '−' : l.kind === 'new' ? '+' : ' '}</span>
    {l.text || ' '}
  </div>
);
function Fold({ fold, open, all, onFold }: { fold: FoldLine; open: ReadonlySet<number>; all: DiffLine[]; onFold: (from: number) => void }) {
  if (open.has(fold.from)) return all.slice(fold.from, fold.from + fold.count).map((l, i) => <Line key={i} l={l} both />);
  return <button type="button" className={css.fold} onClick={() => onFold(fold.from)}>{int(fold.count)} equal lines</button>;
}

/** Both sides beside each other; runs of lines out stand against the lines in that follow them. */
function Split({ lines, open, all, onFold }: { lines: (DiffLine | FoldLine)[]; open: ReadonlySet<number>; all: DiffLine[]; onFold: (from: number) => void }) {
  const rows: ([DiffLine | null, DiffLine | null] | FoldLine)[] = [];
  const flat = lines.flatMap((l): (DiffLine | FoldLine)[] => (l.kind === 'fold' && open.has(l.from) ? all.slice(l.from, l.from + l.count) : [l]));
  for (let i = 0; i < flat.length; ) {
    const l = flat[i]!;
    if (l.kind === 'fold') {
      rows.push(l);
      i++;
      continue;
    }
    if (l.kind === 'same') {
      rows.push([l, l]);
      i++;
      continue;
    }
    const out: DiffLine[] = [], in_: DiffLine[] = [];
    for (; i < flat.length && (flat[i]!.kind === 'old' || flat[i]!.kind === 'new'); i++) (flat[i]!.kind === 'old' ? out : in_).push(flat[i] as DiffLine);
    for (let k = 0; k < Math.max(out.length, in_.length); k++) rows.push([out[k] ?? null, in_[k] ?? null]);
  }
  const half = (l: DiffLine | null, no: number | null | undefined) => (
    <div className={l?.kind === 'old' ? css.old : l?.kind === 'new' ? css.new : l ? undefined : css.gap}>
      <span className={css.no}>{no ?? ''}</span>
      {l?.text ?? ' '}
    </div>
  );
  return (
    <pre className={css.split}>
      {rows.map((r, i) => ('kind' in r ? <button type="button" key={i} className={css.fold} onClick={() => onFold(r.from)}>{int(r.count)} equal lines</button> : <div key={i} className={css.pair}>{half(r[0], r[0]?.a)}{half(r[1], r[1]?.b)}</div>))}
    </pre>
  );
}
