// One version of an artifact: its names, what it is made of, where it came from, how to use it; or beside another.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { artifactAddress, artifactFilesQuery, artifactQuery, collectionQuery, type ArtifactDetail } from '../data/artifact';
import { bytes, int, value, when } from '../data/format';
import { projectQuery } from '../data/project';
import { leaves } from '../data/runset';
import { Tree, type Remark } from '../file/Tree';
import { ButtonLink } from '../parts/button';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { Card, Code, Copy, Empty, Facts, Failed, Unready, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { AliasHistory, Aliases } from './Aliases';
import css from './artifact.module.css';
import { fileChanges, newBytes } from './changes';
import { Compare, TONES } from './Compare';
import { Lineage } from './Lineage';
import { VersionList } from './VersionList';
import { before as versionBefore } from './versions';

export function Artifact() {
  const p = useParams({ strict: false }) as { entity: string; project: string; type: string; collection: string; version: string; tab?: string };
  const { with: other } = useSearch({ strict: false }) as { with?: string };
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(artifactQuery(p.entity, p.project, `${p.collection}:${p.version}`));
  const readOnly = useQuery(projectQuery(p.entity, p.project)).data?.readOnly ?? true;
  useTitle(`${p.collection}:${p.version}`, p.project);
  if (error && !data) return <Unready title={p.collection}><Failed what="The artifact could not be read." error={error} retry={() => void refetch()} /></Unready>;
  if (data === undefined) return <Unready title={p.collection}><Waiting rows={10} label="Reading the artifact" /></Unready>;
  if (data === null || data.type !== p.type) return <NotFound what={`Artifact ${p.collection}:${p.version} of type ${p.type}`} />;
  const here = artifactAddress(data);
  return (
    <div className={css.split}>
      <VersionList of={data} />
      <div className="page" tabIndex={-1}>
        <div className={css.page}>
          <header className={css.title}>
            <h1 dir="auto">{data.collection}<span className="dim">:{data.version}</span></h1>
            <Aliases of={data} readOnly={readOnly} />
            <span className="grow" />
            {p.tab !== 'compare' && <ButtonLink to={`${here}/compare` as '/'}><Icon name="diff" small />Compare</ButtonLink>}
          </header>
          {p.tab === 'compare' ? <div className={css.wide}><Compare of={data} other={other} onOther={(v) => void navigate({ to: '.', search: { with: v } })} /></div>
            : p.tab === 'lineage' ? <div className={css.wide}><Lineage of={data} tall head={<ButtonLink small to={here as '/'}>Back to {data.version}</ButtonLink>} /></div>
            : <Version of={data} />}
        </div>
      </div>
    </div>
  );
}

/** How the files of a version stand against those of the version before it; nothing for the first. */
function useChanges(v: ArtifactDetail) {
  const list = useQuery(collectionQuery(v.entity, v.project, v.collection)).data;
  const last = list ? versionBefore(list.versions, v.version) : null;
  const files = useQuery(artifactFilesQuery(v.id));
  const old = useQuery({ ...artifactFilesQuery(last?.id ?? ''), enabled: last !== null }).data;
  return useMemo(() => {
    if (!last || !old || !files.data) return { files, last: null, remarks: undefined, gone: 0, fresh: null };
    const all = fileChanges(files.data, old);
    const remarks = new Map(all.flatMap((c): [string, Remark][] => (TONES[c.change] && c.now ? [[c.name, { text: c.change, tone: TONES[c.change]! }]] : [])));
    return { files, last: last.version, remarks, gone: all.filter((c) => c.change === 'gone').length, fresh: newBytes(files.data, old) };
  }, [files, old, last]);
}

function Version({ of: data }: { of: ArtifactDetail }) {
  const { file } = useSearch({ strict: false }) as { file?: string };
  const navigate = useNavigate();
  const { files, last, remarks, gone, fresh } = useChanges(data);
  const against = last === null ? '' : [`against ${last}:`, remarks?.size === 0 && gone === 0 ? 'nothing changed' : [remarks?.size ? `${int(remarks.size)} new or changed` : '', gone ? `${int(gone)} gone` : ''].filter(Boolean).join(', ')].join(' ');
  return (
    <>
      <div className={css.wide}><Lineage of={data} head={<ButtonLink small icon aria-label="The lineage by itself" title="By itself" to={`${artifactAddress(data)}/lineage` as '/'}><Icon name="full" small /></ButtonLink>} /></div>
      <div className={css.col}>
        {data.description && <Card title="Description"><p className={css.text}>{data.description}</p></Card>}
        <Card title="Files" head={<span className="dim small num">{int(data.fileCount)} {data.fileCount === 1 ? 'file' : 'files'}, {bytes(data.size)}{against && `; ${against}`}</span>} className={css.files ?? ''}>
          {files.error ? <Failed what="The files could not be listed." error={files.error} retry={() => void files.refetch()} />
            : !files.data ? <Waiting rows={6} label="Reading the list of files" />
            : files.data.length === 0 ? <Empty>This version holds no files, only references.</Empty>
            : <Tree label="Files" files={files.data} file={file} remarks={remarks} onFile={(f) => void navigate({ to: '.', search: f ? { file: f } : {} })} />}
        </Card>
        <Metadata of={data} />
      </div>
      <aside className={css.col} aria-label="About the version">
        <About of={data} fresh={fresh} last={last} />
        <Use of={data} />
        <AliasHistory events={data.history} />
      </aside>
    </>
  );
}

function About({ of: v, fresh, last }: { of: ArtifactDetail; fresh: number | null; last: string | null }) {
  const by = v.createdBy;
  return (
    <Card title="About">
      <div className={css.facts}>
        <Facts rows={[
          ['Type', v.type],
          ['State', v.state === 'COMMITTED' ? 'complete' : v.state.toLowerCase()],
          ['Created', when(v.createdAt)],
          ['Made by', by?.run ? <Link key="r" to="/$entity/$project/runs/$run" params={{ entity: by.entity || v.entity, project: by.project || v.project, run: by.run }}>{by.display}</Link> : (by?.display ?? <span className="dim">unknown</span>)],
          ...(v.step === null ? [] : ([['Step', int(v.step)]] as [string, string][])),
          ['Size', <span key="s" className="num">{bytes(v.size)}{fresh !== null && last !== null && `, ${bytes(fresh)} of it new (the rest is shared with ${last})`}</span>],
          ['Digest', <Copy key="d" text={v.digest} />],
          ['Used by', v.usedBy.length === 0 ? <span className="dim">no run</span> : <span key="u" className={css.runs}>{v.usedBy.slice(0, 20).map((r) => <Link key={r.name} to="/$entity/$project/runs/$run" params={{ entity: v.entity, project: v.project, run: r.name }}>{r.display}</Link>)}{v.usedBy.length > 20 && <span className="dim">and {int(v.usedBy.length - 20)} more</span>}</span>],
        ]} />
      </div>
    </Card>
  );
}

const quoted = (s: string) => JSON.stringify(s);

function Use({ of: v }: { of: ArtifactDetail }) {
  const path = `${v.entity}/${v.project}/${v.collection}:${v.version}`;
  return (
    <Card title="Use it">
      <div className={css.use}>
        <h3>In a run</h3>
        <Code label="Using it in a run" text={`artifact = run.use_artifact(${quoted(path)}, type=${quoted(v.type)})\npath = artifact.download()`} />
        <h3>Without a run</h3>
        <Code label="Using it without a run" text={`import wandb\npath = wandb.Api().artifact(${quoted(path)}).download()`} />
        <h3>In a shell</h3>
        <Code label="Downloading it in a shell" text={`wandb artifact get '${path.replaceAll("'", "'\\''")}'`} />
      </div>
    </Card>
  );
}

function Metadata({ of: v }: { of: ArtifactDetail }) {
  const rows = leaves(v.metadata);
  return (
    <Card title="Metadata" head={<span className="dim small num">{int(rows.length)} {rows.length === 1 ? 'key' : 'keys'}</span>}>
      {rows.length === 0 ? <p className={css.text}>None was given.</p> : <div className={css.facts}><Facts rows={rows.slice(0, 500).map(([k, x]) => [k, <code key={k}>{value(x)}</code>])} />{rows.length > 500 && <p className="dim small">The first 500 are shown.</p>}</div>}
    </Card>
  );
}
