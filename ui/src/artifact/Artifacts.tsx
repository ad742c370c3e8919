// The artifacts of a project: its collections by type, each with its newest version.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { collectionAddress, collectionsQuery, type Collection } from '../data/artifact';
import { bytes, int, when } from '../data/format';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './artifact.module.css';

const SHOWN = 100;

export function Artifacts() {
  const p = useParams({ strict: false }) as { entity: string; project: string; type?: string };
  const { data, error, refetch } = useQuery(collectionsQuery(p.entity, p.project));
  const [text, setText] = useState('');
  const find = text.trim().toLowerCase();
  const types = useMemo(() => (data ?? []).filter((t) => p.type === undefined || t.type === p.type).flatMap((t) => {
    const list = t.list.filter((c) => !find || `${c.name} ${c.type} ${c.description}`.toLowerCase().includes(find));
    return list.length ? [{ ...t, list }] : [];
  }), [data, find, p.type]);
  useTitle(p.type ? `Artifacts of type ${p.type}` : 'Artifacts', p.project);
  if (error && !data) return <div className="page"><Failed what="The artifacts could not be read." error={error} retry={() => void refetch()} /></div>;
  if (data === undefined) return <div className="page"><Waiting rows={10} label="Reading the artifacts" /></div>;
  if (data === null) return <NotFound what={`${p.entity}/${p.project}`} />;
  return (
    <div className="page" tabIndex={-1}>
      <div className={css.listpage}>
        <header className={css.title}>
          <h1>Artifacts</h1>
          {p.type && <Chip>{p.type}</Chip>}
          {p.type && <Link to="/$entity/$project/artifacts" params={{ entity: p.entity, project: p.project }}>All types</Link>}
          <span className="grow" />
          {data.length > 0 && <Search label="Filter collections" className={css.find ?? ''} slash value={text} onValue={setText} placeholder="Name, type, description" />}
        </header>
        {data.length === 0 ? <Empty tall>No artifacts yet. <code>run.log_artifact(…)</code> keeps a model or data set here, with every version of it.</Empty>
          : types.length === 0 ? <Empty action={find ? <Button onClick={() => setText('')}>Clear the filter</Button> : undefined}>{find ? `No collection holds “${text}”.` : `There is no artifact of type ${p.type}.`}</Empty>
          : types.map((t) => <Type key={t.type} entity={p.entity} project={p.project} type={t.type} list={t.list} more={t.more} />)}
      </div>
    </div>
  );
}

function Type({ entity, project, type, list, more }: { entity: string; project: string; type: string; list: Collection[]; more: boolean }) {
  const [all, setAll] = useState(false);
  const shown = all ? list : list.slice(0, SHOWN);
  return (
    <Card title={type} head={<span className="dim small num">{int(list.length)}{more ? '+' : ''} {list.length === 1 ? 'collection' : 'collections'}</span>}>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={`Collections of type ${type}`}>
        <table className={css.table}>
          <thead><tr><th scope="col">Collection</th><th scope="col">Newest</th><th scope="col" className="num">Files</th><th scope="col" className="num">Size</th><th scope="col">Changed</th></tr></thead>
          <tbody>
            {shown.map((c) => (
              <tr key={c.id}>
                <th scope="row"><Link to={collectionAddress(entity, project, type, c.name) as '/'} title={c.description || c.name}><Icon name="box" small /><span className="cut" dir="auto">{c.name}</span></Link></th>
                <td>{c.latest ? <Link to={(collectionAddress(entity, project, type, c.name) + `/v${c.latest.version}`) as '/'}>v{c.latest.version}</Link> : <span className="dim">{c.portfolio ? 'links' : 'no version'}</span>}</td>
                <td className="num">{c.latest ? int(c.latest.fileCount) : ''}</td>
                <td className="num">{c.latest ? bytes(c.latest.size) : ''}</td>
                <td>{c.updatedAt ? when(c.updatedAt) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(list.length > shown.length || (more && all)) && <p className={css.text}>{list.length > shown.length ? <Button onClick={() => setAll(true)}>Show all {int(list.length)}</Button> : `The first ${int(list.length)} are shown.`}</p>}
    </Card>
  );
}
