// A run at a glance: is it alive, how far, how well, with what settings.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { colourOf, paint } from '../chart/colour';
import { int, span } from '../data/format';
import { configOf, parseLoose, type Json } from '../data/json';
import { useLive, type Signal } from '../data/live';
import { alive, catalogueQuery, editRun, type RunDetail } from '../data/run';
import { Button } from '../parts/button';
import { Card, Notice } from '../parts/surface';
import { toast } from '../parts/toast';
import { useWidth } from '../parts/width';
import { About, Made } from './about';
import { Acts, Title } from './acts';
import { useAgainst } from './against';
import { KeyMetric, keyMetrics } from './keymetric';
import { LogTail } from './logtail';
import css from './overview.module.css';
import { clockAhead, silence } from '../data/progress';
import { useTicking } from './ticking';
import { TreeCard } from './tree-card';
import { Vitals } from './vitals';

/** The last step that the server has told of: with the run, then by the stream of changes. */
function useSteps(entity: string, project: string, run: string, summary: { [k: string]: Json }): number {
  const [live, set] = useState(0);
  useLive(`${entity}/${project}`, useCallback((s: Signal) => {
    if (s.kind !== 'change') return;
    const c = s.change.runs.find((r) => r.run === run);
    if (c) set(c.steps);
  }, [run]));
  const step = summary['_step'];
  return Math.max(live, typeof step === 'number' ? step : 0);
}

function Notes({ run }: { run: RunDetail }) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = () => void editRun(run, { notes: draft ?? '' }).then(() => setDraft(null), (e: Error) => toast('Not saved: ' + e.message, undefined, true));
  if (draft !== null)
    return (
      <Card title="Notes">
        <div className={css.edit}>
          <textarea autoFocus aria-label="Notes" value={draft} onChange={(e) => setDraft(e.target.value)} onKeyDown={(e) => { if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) save(); if (e.key === 'Escape') { e.stopPropagation(); setDraft(null); } }} />
          <span className="row"><Button kind="primary" onClick={save}>Save notes</Button><Button kind="ghost" onClick={() => setDraft(null)}>Cancel</Button></span>
        </div>
      </Card>
    );
  if (!run.notes && run.readOnly) return null;
  return (
    <Card title="Notes" head={<><span className="grow" />{!run.readOnly && <Button kind="ghost" small onClick={() => setDraft(run.notes ?? '')}>{run.notes ? 'Edit' : 'Write'}</Button>}</>}>
      {run.notes && <p className={css.notes}>{run.notes}</p>}
    </Card>
  );
}

/** What went wrong with the run's data, as far as anybody can tell; each with its reason. */
function Troubles({ run, summary, quiet }: { run: RunDetail; summary: { [k: string]: Json }; quiet: string | null }) {
  const ahead = clockAhead(summary['_timestamp'], run.heartbeatAt);
  return (
    <>
      {quiet && <Notice>{quiet}</Notice>}
      {run.state === 'crashed' && <Notice tone="bad"><b>No heartbeat for five minutes.</b> The process died, or its network did. A heartbeat brings the run back.</Notice>}
      {run.gaps > 0 && <Notice><b>{int(run.gaps)} {run.gaps === 1 ? 'row is' : 'rows are'} missing.</b> The requests that carried them never arrived. Everything else is here.</Notice>}
      {ahead !== null && <Notice><b>The clock of the machine is {span(ahead)} ahead.</b> Wall times of this run are off by as much; steps and relative times are right.</Notice>}
    </>
  );
}

export function Overview({ entity, project, run }: { entity: string; project: string; run: RunDetail }) {
  const config = useMemo(() => configOf(run.config), [run.config]);
  const summary = useMemo(() => (parseLoose(run.summaryMetrics) as { [k: string]: Json } | undefined) ?? {}, [run.summaryMetrics]);
  const shown = useMemo(() => Object.fromEntries(Object.entries(summary).filter(([k]) => k !== '_wandb')), [summary]);
  const against = useAgainst(entity, project, run);
  const steps = useSteps(entity, project, run.name, summary);
  const catalogue = useQuery(catalogueQuery(`${entity}/${project}`, [run.name]));
  const keys = useMemo(() => keyMetrics(catalogue.data?.history ?? []), [catalogue.data]);
  const colour = paint(colourOf(run.ordinal));
  const now = useTicking(alive(run.state));
  const phone = useWidth() <= 760;
  const quiet = alive(run.state) && run.heartbeatAt ? silence((now - Date.parse(run.heartbeatAt)) / 1000) : null;
  return (
    <div className="page" tabIndex={-1}>
      <div className={css.page}>
        <div className={css.hero}>
          <div className={css.title}>
            <span className={css.swatch} style={{ background: colour }} aria-hidden="true" />
            <Title run={run} canWrite={!run.readOnly} />
            <Acts run={run} entity={entity} project={project} />
          </div>
          <Vitals run={run} steps={steps} config={config} />
        </div>
        <div className={css.col}>
          {keys.length > 0 && <div className={css.keys}>{keys.slice(0, phone ? 4 : 5).map((k) => <KeyMetric key={k} project={`${entity}/${project}`} run={run.name} live={alive(run.state)} name={k} colour={colour} last={summary[k]} other={against.other} />)}</div>}
          <Troubles run={run} summary={summary} quiet={quiet} />
          {(phone || run.state === 'failed' || run.state === 'crashed') && <LogTail entity={entity} project={project} run={run.name} live={alive(run.state)} />}
          <Notes run={run} />
          <div className={css.two}>
            <TreeCard title="Config" root={config} against={against} empty="The run has no config. Pass config= to wandb.init." />
            <TreeCard title="Summary" root={shown} empty="Nothing logged yet." />
          </div>
        </div>
        <aside className={`${css.col} ${css.side}`} aria-label="About the run"><About run={run} entity={entity} project={project} /><Made entity={entity} project={project} run={run} /></aside>
      </div>
    </div>
  );
}
