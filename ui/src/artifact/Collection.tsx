// A collection: its versions side by side with what they say of themselves; two of them can be compared.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { collectionAddress, collectionQuery, VERSIONS, type CollectionDetail, type ListedVersion } from '../data/artifact';
import { bytes, int, value, when } from '../data/format';
import { leaves } from '../data/runset';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './artifact.module.css';
import { fits } from './versions';

const COLUMNS = 6; // of metadata

/** The metadata that most versions have, as columns: leaves that are no lists. */
function metadataColumns(versions: ListedVersion[]): string[] {
  const count = new Map<string, number>();
  for (const v of versions) for (const [k, x] of leaves(v.metadata)) if (x === null || typeof x !== 'object') count.set(k, (count.get(k) ?? 0) + 1);
  return [...count].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, COLUMNS).map(([k]) => k);
}

export function Collection() {
  const p = useParams({ strict: false }) as { entity: string; project: string; type: string; collection: string };
  const [most, setMost] = useState(VERSIONS);
  const { data, error, refetch } = useQuery(collectionQuery(p.entity, p.project, p.collection, most));
  useTitle(p.collection, p.project);
  if (error && !data) return <div className="page"><Failed what="The collection could not be read." error={error} retry={() => void refetch()} /></div>;
  if (data === undefined) return <div className="page"><Waiting rows={10} label="Reading the collection" /></div>;
  if (data === null || data.type !== p.type) return <NotFound what={`Collection ${p.collection} of type ${p.type}`} />;
  return (
    <div className="page" tabIndex={-1}>
      <div className={css.listpage}>
        <header className={css.title}>
          <h1 dir="auto">{data.name}</h1>
          <Link to="/$entity/$project/artifacts/$type" params={{ entity: p.entity, project: p.project, type: p.type }}><Chip>{data.type}</Chip></Link>
          {data.portfolio && <Chip>links</Chip>}
        </header>
        {data.description && <Card title="Description"><p className={css.text}>{data.description}</p></Card>}
        <Versions base={collectionAddress(p.entity, p.project, p.type, p.collection)} of={data} onMore={() => setMost(most + VERSIONS)} />
      </div>
    </div>
  );
}

function Versions({ base, of: c, onMore }: { base: string; of: CollectionDetail; onMore: () => void }) {
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<string[]>([]);
  const navigate = useNavigate();
  const shown = useMemo(() => c.versions.filter((v) => fits(v, text)), [c.versions, text]);
  const columns = useMemo(() => metadataColumns(c.versions), [c.versions]);
  const pick = (v: string) => setPicked((old) => (old.includes(v) ? old.filter((x) => x !== v) : [...old, v].slice(-2)));
  const older = (a: string, b: string) => Number(a.slice(1)) - Number(b.slice(1));
  const compare = () => {
    const [before, now] = [...picked].sort(older);
    if (before && now) void navigate({ to: `${base}/${now}/compare` as '/', search: { with: before } });
  };
  return (
    <Card title="Versions" head={<><span className="dim small num">{int(c.total)}</span><span className="grow" /><Button small disabled={picked.length !== 2} title={picked.length === 2 ? undefined : 'Choose two versions'} onClick={compare}><Icon name="diff" small />Compare</Button><Search label="Filter versions" className={css.find ?? ''} slash value={text} onValue={setText} placeholder="Alias, tag, metadata" /></>}>
      {c.versions.length === 0 ? <Empty>No version was kept.</Empty> : shown.length === 0 ? <Empty action={<Button onClick={() => setText('')}>Clear the filter</Button>}>No version’s alias, tag or metadata holds “{text}”.</Empty> : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label="Versions">
          <table className={css.table}>
            <thead><tr><td /><th scope="col">Version</th><th scope="col">Aliases</th><th scope="col" className="num">Step</th><th scope="col" className="num">Files</th><th scope="col" className="num">Size</th><th scope="col">Created</th>{columns.map((k) => <th key={k} scope="col" className="num"><span className="cut" title={k}>{k.replaceAll('\\.', '.')}</span></th>)}</tr></thead>
            <tbody>
              {shown.map((v) => <VersionRow key={v.id} base={base} v={v} columns={columns} picked={picked.includes(v.version)} onPick={() => pick(v.version)} />)}
            </tbody>
          </table>
        </div>
      )}
      {c.versions.length < c.total && <p className={css.text}><Button onClick={onMore}>Show {int(Math.min(VERSIONS, c.total - c.versions.length))} older of {int(c.total - c.versions.length)}</Button></p>}
    </Card>
  );
}

function VersionRow({ base, v, columns, picked, onPick }: { base: string; v: ListedVersion; columns: string[]; picked: boolean; onPick: () => void }) {
  const said = useMemo(() => new Map(leaves(v.metadata)), [v.metadata]);
  return (
    <tr>
      <td><input type="checkbox" aria-label={`Choose ${v.version}`} checked={picked} onChange={onPick} /></td>
      <th scope="row"><Link to={`${base}/${v.version}` as '/'}>{v.version}</Link></th>
      <td><span className={css.aliases}>{v.aliases.map((a) => <Chip key={a} tone="accent">{a}</Chip>)}{v.tags.map((t) => <Chip key={t}>{t}</Chip>)}</span></td>
      <td className="num">{v.step === null ? '' : int(v.step)}</td>
      <td className="num">{int(v.fileCount)}</td>
      <td className="num">{bytes(v.size)}</td>
      <td>{when(v.createdAt)}</td>
      {columns.map((k) => <td key={k} className="num"><span className="cut" title={said.has(k) ? value(said.get(k)) : ''}>{said.has(k) ? value(said.get(k)) : ''}</span></td>)}
    </tr>
  );
}
