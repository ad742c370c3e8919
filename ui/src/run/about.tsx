// What a run is: who started it, when, where, from which code; its tags, and the artifacts that went in and came out.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { forkedFrom } from '../chart/branch';
import { artifactAddress, runArtifactsQuery, type Version } from '../data/artifact';
import { bytes, int, when } from '../data/format';
import { parseLoose } from '../data/json';
import { command, hardware, machineQuery } from '../data/machine';
import { alive, editRun, type RunBranch, type RunDetail } from '../data/run';
import { Icon } from '../parts/icon';
import { Avatar, Card, Copy, Facts } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './overview.module.css';

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

/** The run that a fork was made of, as a link while it can be opened. */
function Parent({ branch, entity, project }: { branch: RunBranch; entity: string; project: string }) {
  if (!branch.from || branch.gone) return <>{forkedFrom(branch)}{branch.from && ' (deleted)'}</>;
  return <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: branch.from }}>{forkedFrom(branch)}</Link>;
}

export function About({ run, entity, project, }: { run: RunDetail; entity: string; project: string }) {
  const i = run.runInfo, versions = versionsOf(run.config);
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

/** What went in and came out, a few of each. */
export function Made({ entity, project, run }: { entity: string; project: string; run: RunDetail }) {
  const { data } = useQuery(runArtifactsQuery(entity, project, run.name));
  if (!data || data.used.length + data.made.length === 0) return null;
  const list = (title: string, of: Version[]) => of.length > 0 && <><h3>{title}</h3><ul className={css.arts}>{of.slice(0, 5).map((v) => <li key={v.id} className="row"><Icon name="box" small /><Link className="cut" to={artifactAddress(v) as '/'}>{v.collection}:{v.version}</Link></li>)}{of.length > 5 && <li className="dim small">and {int(of.length - 5)} more</li>}</ul></>;
  return <Card title="Artifacts">{list('Used', data.used)}{list('Made', data.made)}</Card>;
}
