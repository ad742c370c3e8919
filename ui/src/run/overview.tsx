// A run at a glance: is it alive, how far, how well, with what settings.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { forkedFrom } from '../chart/branch';
import { colourOf, paint } from '../chart/colour';
import { ago, bytes, int, num, span, when } from '../data/format';
import { artifactAddress, runArtifactsQuery, type Version } from '../data/artifact';
import { previousRunQuery } from '../data/environment';
import { configOf, parseLoose, type Json } from '../data/json';
import { useLive, type Signal } from '../data/live';
import { command, hardware, machineQuery } from '../data/machine';
import { catalogueQuery, deleteRun, editRun, runQuery, stopRun, undeleteRun, type RunBranch, type RunDetail } from '../data/run';
import { Button } from '../parts/button';
import { Confirm, Menu, MenuItem } from '../parts/menu';
import { copyText } from '../parts/copy';
import { Icon } from '../parts/icon';
import { State } from '../parts/state';
import { Avatar, Card, Copy, Facts, Notice } from '../parts/surface';
import { toast } from '../parts/toast';
import { KeyMetric, keyMetrics } from './keymetric';
import css from './overview.module.css';
import { progressOf, silence, timeLeft } from '../data/progress';
import { TreeCard } from './tree-card';

const alive = (s: string) => s === 'running' || s === 'preempting';

/** The time, each second while something on screen counts. */
function useNow(ticking: boolean): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return;
    const t = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(t);
  }, [ticking]);
  return now;
}

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

function Title({ run, canWrite }: { run: RunDetail; canWrite: boolean }) {
  const [draft, setDraft] = useState<string | null>(null);
  const name = run.displayName || run.name;
  const save = () => {
    const next = draft?.trim();
    setDraft(null);
    if (!next || next === name) return;
    editRun(run, { displayName: next }).then(() => toast('Renamed', { label: 'Undo', run: () => void editRun(run, { displayName: name }) }), (e: Error) => toast('Not renamed: ' + e.message, undefined, true));
  };
  if (draft !== null)
    return <input autoFocus aria-label="Name of the run" value={draft} maxLength={512} onChange={(e) => setDraft(e.target.value)} onBlur={save} onKeyDown={(e) => { if (e.key === 'Enter') save(); if (e.key === 'Escape') { e.stopPropagation(); setDraft(null); } }} />;
  return <><h1>{name}</h1>{canWrite && <Button kind="ghost" icon aria-label="Rename" title="Rename" onClick={() => setDraft(name)}><Icon name="edit" small /></Button>}</>;
}

function Acts({ run, entity, project }: { run: RunDetail; entity: string; project: string }) {
  const [asking, setAsking] = useState<'stop' | 'delete' | null>(null);
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const act = (f: () => Promise<void>, done: () => void) => {
    setBusy(true);
    f().then(done, (e: Error) => toast(e.message, undefined, true)).finally(() => { setBusy(false); setAsking(null); });
  };
  const name = run.displayName || run.name;
  return (
    <div className={css.acts}>
      <Button onClick={() => void copyText(location.href)}><Icon name="link" small />Copy link</Button>
      {alive(run.state) && !run.readOnly && <Button kind="danger" disabled={run.shouldStop ?? false} onClick={() => setAsking('stop')}><Icon name="stop" small />{run.shouldStop ? 'Stopping' : 'Stop'}</Button>}
      {!run.readOnly && (
        <Menu align="end" trigger={<Button icon aria-label="More acts"><Icon name="dots" /></Button>}>
          <MenuItem icon="trash" danger onSelect={() => setAsking('delete')}>Delete run</MenuItem>
        </Menu>
      )}
      <Confirm open={asking === 'stop'} onClose={() => setAsking(null)} title="Stop this run?" act="Stop run" busy={busy} onAct={() => act(() => stopRun(run.id), () => toast('Asked to stop. The process hears of it with its next report, within 30 seconds.'))}>
        {name} is asked to end as by Ctrl-C. What it logged stays.
      </Confirm>
      <Confirm open={asking === 'delete'} onClose={() => setAsking(null)} title="Delete this run?" act="Delete run" busy={busy} onAct={() => act(() => deleteRun(run.id), () => { toast('Run deleted', { label: 'Undo', run: () => void undeleteRun(run.id) }); void navigate({ to: `/${entity}/${project}/workspace` }); })}>
        {name} disappears from the project with its files. Its id cannot be used again.
      </Confirm>
    </div>
  );
}

function Vitals({ run, steps, config }: { run: RunDetail; steps: number; config: { [k: string]: Json } }) {
  const now = useNow(alive(run.state));
  const beat = run.heartbeatAt ? Date.parse(run.heartbeatAt) : null;
  const elapsed = alive(run.state) ? (now - Date.parse(run.createdAt)) / 1000 : (run.duration ?? 0);
  const p = progressOf(config, steps);
  const left = alive(run.state) ? timeLeft(p, steps, elapsed) : null;
  const cells: [string, string, string][] = [
    ['Heartbeat', beat ? ago(beat, now).replace(/ ago$/, '') : '–', beat && !/just/.test(ago(beat, now)) ? 'ago' : ''],
    [alive(run.state) ? 'Elapsed' : 'Ran for', span(elapsed), ''],
    alive(run.state) ? ['About left', left === null ? '–' : span(left), left === null ? '' : 'at this rate'] : ['Exit code', run.exitcode === null ? '–' : String(run.exitcode), ''],
    ['Logged', int(run.historyLineCount ?? 0), 'rows'],
  ];
  return (
    <dl className={css.vital}>
      <div>
        <dt className={css.first}>
          <State state={run.state} />
          <span className={`${css.steps} num`}>{int(steps)} <small>{p ? `of ${int(p.total)} steps` : 'steps'}</small></span>
          {p && <small className={`${css.part} num`} title={`from ${p.source}`}>{num(p.part * 100, 3)}%</small>}
        </dt>
        <dd>{p && <span className={css.bar} role="progressbar" aria-label="Progress" aria-valuenow={Math.round(p.part * 100)} aria-valuemin={0} aria-valuemax={100}><i style={{ width: `${p.part * 100}%` }} /></span>}</dd>
      </div>
      {cells.map(([k, v, unit]) => (
        <div key={k}><dt>{k}</dt><dd className="num">{v} <small>{unit}</small></dd></div>
      ))}
    </dl>
  );
}

function Tags({ run }: { run: RunDetail }) {
  const [draft, setDraft] = useState('');
  const tags = run.tags ?? [];
  const set = (next: string[], said: string) => void editRun(run, { tags: next }).then(() => toast(said, { label: 'Undo', run: () => void editRun(run, { tags }) }), (e: Error) => toast(e.message, undefined, true));
  if (run.readOnly) return tags.length ? <span className={css.tags}>{tags.map((t) => <span key={t} className={css.tag}>{t}</span>)}</span> : <span className="dim">none</span>;
  return (
    <span className={css.tags}>
      {tags.map((t) => (
        <span key={t} className={css.tag}><span className="cut">{t}</span><button type="button" aria-label={`Remove tag ${t}`} onClick={() => set(tags.filter((x) => x !== t), 'Tag removed')}>×</button></span>
      ))}
      <input className={css.add} aria-label="Add a tag" placeholder="Add a tag" value={draft} onChange={(e) => setDraft(e.target.value)} onKeyDown={(e) => { const t = draft.trim(); if (e.key === 'Enter' && t) { setDraft(''); if (!tags.includes(t)) set([...tags, t], 'Tag added'); } }} />
    </span>
  );
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

/** The run that a fork was made of, as a link while it can be opened. */
function Parent({ branch, entity, project }: { branch: RunBranch; entity: string; project: string }) {
  if (!branch.from || branch.gone) return <>{forkedFrom(branch)}{branch.from && ' (deleted)'}</>;
  return <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: branch.from }}>{forkedFrom(branch)}</Link>;
}

function About({ run, entity, project, versions }: { run: RunDetail; entity: string; project: string; versions: { python?: string; sdk?: string } }) {
  const i = run.runInfo;
  const git = run.commit || i?.git?.commit;
  const machine = useQuery({ ...machineQuery(entity, project, run.name), refetchInterval: (q) => (q.state.data === null && alive(run.state) ? 10_000 : false) }).data;
  const metal = hardware(machine, bytes);
  const started = command(machine, run.program ?? i?.program ?? null);
  const python = machine?.python ?? versions.python;
  const none = <span className="dim">none</span>;
  const rows: [string, React.ReactNode][] = [
    ['Author', run.user ? <span className="row"><Avatar small name={run.user.name} />{run.user.username ?? run.user.name}</span> : none],
    ['Started', when(run.createdAt)],
    ['Run path', <Copy key="p" text={`${entity}/${project}/${run.name}`} />],
    ...run.branches.map((b, k): [string, React.ReactNode] => [b.rewind ? 'Rewound' : 'Forked from', b.rewind ? `to step ${int(b.step)}` : <span key={k}><Parent branch={b} entity={entity} project={project} /> at step {int(b.step)}</span>]),
    ['Group', run.group || none],
    ['Job type', run.jobType || none],
    ['Tags', <Tags key="t" run={run} />],
    ['Git', git ? <><Copy text={git}><code>{git.slice(0, 10)}</code></Copy>{(run.repo || i?.git?.remote) && <div className="dim small cut">{run.repo || i?.git?.remote}</div>}</> : none],
    ['Host', run.host || none],
    ...(metal ? ([['Hardware', metal]] as [string, React.ReactNode][]) : []),
    ...(python ? ([['Python', [python.replace(/^CPython /, ''), machine?.os?.split('-').slice(0, 2).join(' ')].filter(Boolean).join(', ')]] as [string, React.ReactNode][]) : []),
    ...(versions.sdk ? ([['SDK', 'wandb ' + versions.sdk]] as [string, React.ReactNode][]) : []),
  ];
  return (
    <Card title="About">
      <Facts rows={rows} />
      {started && <><h3>Command</h3><code className={css.command}>{started}</code></>}
    </Card>
  );
}

/** What the SDK says of itself in the config. */
function versionsOf(text: string | null): { python?: string; sdk?: string } {
  const own = (parseLoose(text) as { _wandb?: { value?: { python_version?: unknown; cli_version?: unknown } } } | undefined)?._wandb?.value;
  return { ...(typeof own?.python_version === 'string' ? { python: own.python_version } : {}), ...(typeof own?.cli_version === 'string' ? { sdk: own.cli_version } : {}) };
}

/** The run that this one is measured against: the one it was forked from, else the one before it. */
function useOther(entity: string, project: string, run: RunDetail): { name: string; root: { [k: string]: Json } } | null {
  const parent = run.branches.find((b) => b.from && !b.gone && b.from !== run.name)?.from ?? null;
  const previous = useQuery({ ...previousRunQuery(entity, project, run.name, run.createdAt), enabled: !parent }).data;
  const name = parent ?? previous?.name ?? '';
  const other = useQuery({ ...runQuery(entity, project, name), enabled: name !== '' }).data;
  return useMemo(() => (other ? { name: other.displayName || other.name, root: configOf(other.config) } : null), [other]);
}

/** What went in and came out, a few of each. */
function Made({ entity, project, run }: { entity: string; project: string; run: RunDetail }) {
  const { data } = useQuery(runArtifactsQuery(entity, project, run.name));
  if (!data || data.used.length + data.made.length === 0) return null;
  const list = (title: string, of: Version[]) => of.length > 0 && <><h3>{title}</h3><ul className={css.arts}>{of.slice(0, 5).map((v) => <li key={v.id} className="row"><Icon name="box" small /><Link className="cut" to={artifactAddress(v) as '/'}>{v.collection}:{v.version}</Link></li>)}{of.length > 5 && <li className="dim small">and {int(of.length - 5)} more</li>}</ul></>;
  return <Card title="Artifacts">{list('Used', data.used)}{list('Made', data.made)}</Card>;
}

export function Overview({ entity, project, run }: { entity: string; project: string; run: RunDetail }) {
  const config = useMemo(() => configOf(run.config), [run.config]);
  const summary = useMemo(() => (parseLoose(run.summaryMetrics) as { [k: string]: Json } | undefined) ?? {}, [run.summaryMetrics]);
  const shown = useMemo(() => Object.fromEntries(Object.entries(summary).filter(([k]) => k !== '_wandb')), [summary]);
  const other = useOther(entity, project, run);
  const steps = useSteps(entity, project, run.name, summary);
  const catalogue = useQuery(catalogueQuery(`${entity}/${project}`, [run.name]));
  const keys = useMemo(() => keyMetrics(catalogue.data?.history ?? []), [catalogue.data]);
  const colour = paint(colourOf(run.ordinal));
  const now = useNow(alive(run.state));
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
          {keys.length > 0 && <div className={css.keys}>{keys.map((k) => <KeyMetric key={k} project={`${entity}/${project}`} run={run.name} name={k} colour={colour} last={summary[k]} />)}</div>}
          {quiet && <Notice>{quiet}</Notice>}
          {run.state === 'crashed' && <Notice tone="bad"><b>No heartbeat for five minutes.</b> The process died, or its network did. A heartbeat brings the run back.</Notice>}
          {run.gaps > 0 && <Notice><b>{int(run.gaps)} rows are missing.</b> The requests that carried them never arrived. Everything else is here.</Notice>}
          <Notes run={run} />
          <div className={css.two}>
            <TreeCard title="Config" root={config} other={other} empty="The run has no config. Pass config= to wandb.init." />
            <TreeCard title="Summary" root={shown} empty="Nothing logged yet." />
          </div>
        </div>
        <aside className={`${css.col} ${css.side}`} aria-label="About the run"><About run={run} entity={entity} project={project} versions={versionsOf(run.config)} /><Made entity={entity} project={project} run={run} /></aside>
      </div>
    </div>
  );
}
