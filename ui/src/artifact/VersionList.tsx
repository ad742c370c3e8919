// The versions of the collection beside the one that is open.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { collectionAddress, collectionQuery, type Version } from '../data/artifact';
import { ago, bytes, int } from '../data/format';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { useNow } from '../parts/now';
import { Chip, Failed, Waiting } from '../parts/surface';
import css from './artifact.module.css';
import { fits } from './versions';

export function VersionList({ of: v }: { of: Version }) {
  const { data, error, refetch } = useQuery(collectionQuery(v.entity, v.project, v.collection));
  const [text, setText] = useState('');
  const now = useNow(60_000);
  const list = useMemo(() => (data?.versions ?? []).filter((x) => fits(x, text)), [data, text]);
  const base = collectionAddress(v.entity, v.project, v.type, v.collection);
  return (
    <nav className={css.versions} aria-label="Versions">
      <Link className={css.up} to={base as '/'} title={`All of ${v.collection}`}><Icon name="box" small /><b className="cut" dir="auto">{v.collection}</b></Link>
      <div className={css.seek}><Search label="Filter versions" slash value={text} onValue={setText} placeholder="Alias, tag, metadata" /></div>
      {error && !data ? <Failed what="The versions could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={6} label="Reading the versions" /> : (
        <ul>
          {list.map((x) => (
            <li key={x.id}>
              <Link to={`${base}/${x.version}` as '/'} aria-current={x.version === v.version ? 'page' : undefined}>
                <span className="row"><b>{x.version}</b>{x.aliases.slice(0, 3).map((a) => <Chip key={a} tone="accent">{a}</Chip>)}</span>
                <span className="num">{ago(Date.parse(x.createdAt), now)}</span>
                <span className="num">{x.step === null ? `${int(x.fileCount)} files` : `step ${int(x.step)}`}</span>
                <span className="num">{bytes(x.size)}</span>
              </Link>
            </li>
          ))}
          {list.length === 0 && <li className={css.text}>No version holds “{text}”.</li>}
          {data.total > data.versions.length && <li className={css.text}><Link to={base as '/'}>{int(data.total - data.versions.length)} older</Link></li>}
        </ul>
      )}
    </nav>
  );
}
