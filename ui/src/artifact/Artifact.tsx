// One version of an artifact: its names, what it is made of, how to use it, who made and used it.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { artifactFilesQuery, artifactQuery, type ArtifactDetail } from '../data/artifact';
import { bytes, int, value, when } from '../data/format';
import { leaves } from '../data/runset';
import { Tree } from '../file/Tree';
import { NotFound } from '../parts/missing';
import { Card, Chip, Code, Copy, Empty, Facts, Failed, Unready, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './artifact.module.css';

export function Artifact() {
  const p = useParams({ strict: false }) as { entity: string; project: string; type: string; collection: string; version: string };
  const { file } = useSearch({ strict: false }) as { file?: string };
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(artifactQuery(p.entity, p.project, `${p.collection}:${p.version}`));
  const files = useQuery({ ...artifactFilesQuery(data?.id ?? ''), enabled: Boolean(data) });
  useTitle(`${p.collection}:${p.version}`, p.project);
  if (error && !data) return <Unready title={p.collection}><Failed what="The artifact could not be read." error={error} retry={() => void refetch()} /></Unready>;
  if (data === undefined) return <Unready title={p.collection}><Waiting rows={10} label="Reading the artifact" /></Unready>;
  if (data === null || data.type !== p.type) return <NotFound what={`Artifact ${p.collection}:${p.version} of type ${p.type}`} />;
  return (
    <div className="page" tabIndex={-1}>
      <div className={css.page}>
        <header className={css.title}>
          <h1>{data.collection}<span className="dim">:{data.version}</span></h1>
          <span className={css.aliases}>{data.aliases.map((a) => <Chip key={a} tone="accent">{a}</Chip>)}{data.tags.map((t) => <Chip key={t}>{t}</Chip>)}</span>
        </header>
        <div className={css.col}>
          {data.description && <Card title="Description"><p className={css.text}>{data.description}</p></Card>}
          <Card title="Files" head={<span className="dim small num">{int(data.fileCount)} {data.fileCount === 1 ? 'file' : 'files'}, {bytes(data.size)}</span>} className={css.files ?? ''}>
            {files.error ? <Failed what="The files could not be listed." error={files.error} retry={() => void files.refetch()} />
              : !files.data ? <Waiting rows={6} label="Reading the list of files" />
              : files.data.length === 0 ? <Empty>This version holds no files, only references.</Empty>
              : <Tree label="Files" files={files.data} file={file} onFile={(f) => void navigate({ to: '.', search: f ? { file: f } : {} })} />}
          </Card>
          <Metadata of={data} />
        </div>
        <aside className={css.col} aria-label="About the version">
          <About of={data} />
          <Use of={data} />
        </aside>
      </div>
    </div>
  );
}

function About({ of: v }: { of: ArtifactDetail }) {
  const by = v.createdBy;
  return (
    <Card title="About">
      <div className={css.facts}>
        <Facts rows={[
          ['Type', v.type],
          ['State', v.state === 'COMMITTED' ? 'complete' : v.state.toLowerCase()],
          ['Created', when(v.createdAt)],
          ['Made by', by?.run ? <Link key="r" to="/$entity/$project/runs/$run" params={{ entity: by.entity || v.entity, project: by.project || v.project, run: by.run }}>{by.display}</Link> : (by?.display ?? <span className="dim">unknown</span>)],
          ['Size', <span key="s" className="num">{bytes(v.size)}</span>],
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
