// What a run used and what it made.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { artifactAddress, runArtifactsQuery, type Version } from '../data/artifact';
import { bytes, int, when } from '../data/format';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import css from './artifacts.module.css';

const SHOWN = 200;

export function Artifacts({ entity, project, run, live }: { entity: string; project: string; run: string; live: boolean }) {
  const { data, error, refetch } = useQuery({ ...runArtifactsQuery(entity, project, run), refetchInterval: live ? 15_000 : false });
  const [text, setText] = useState('');
  const find = text.trim().toLowerCase();
  const fits = useMemo(() => (v: Version) => !find || `${v.collection}:${v.version} ${v.type} ${v.aliases.join(' ')}`.toLowerCase().includes(find), [find]);
  if (error && !data) return <div className="page"><Failed what="The artifacts could not be read." error={error} retry={() => void refetch()} /></div>;
  if (!data) return <div className="page"><Waiting rows={8} label="Reading the artifacts" /></div>;
  if (data.used.length + data.made.length === 0)
    return <div className="page"><Empty tall>This run used and made no artifacts{live ? ' yet' : ''}. <code>run.log_artifact(…)</code> keeps a model or data set, <code>run.use_artifact(…)</code> notes what went in.</Empty></div>;
  const used = data.used.filter(fits), made = data.made.filter(fits);
  return (
    <div className="page" tabIndex={-1}>
      <div className={css.page}>
        <Search label="Filter artifacts" className={css.find ?? ''} slash value={text} onValue={setText} placeholder="Filter artifacts" />
        {used.length + made.length === 0 ? <Empty action={<Button onClick={() => setText('')}>Clear the filter</Button>}>No artifact’s name, type or alias holds “{text}”.</Empty> : <><List title="Made" list={made} none="Nothing was made." /><List title="Used" list={used} none="Nothing was used." /></>}
      </div>
    </div>
  );
}

function List({ title, list, none }: { title: string; list: Version[]; none: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? list : list.slice(0, SHOWN);
  return (
    <Card title={title} head={<span className="dim small num">{int(list.length)}</span>}>
      {list.length === 0 ? <p className={css.none}>{none}</p> : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={`Artifacts: ${title.toLowerCase()}`}>
          <table className={css.table}>
            <thead><tr><th scope="col">Version</th><th scope="col">Type</th><th scope="col">Aliases</th><th scope="col" className="num">Files</th><th scope="col" className="num">Size</th><th scope="col">Created</th></tr></thead>
            <tbody>
              {shown.map((v) => (
                <tr key={v.id}>
                  <th scope="row"><Link to={artifactAddress(v) as '/'}><Icon name="box" small /><span className="cut">{v.collection}:{v.version}</span></Link></th>
                  <td>{v.type}</td>
                  <td><span className={css.aliases}>{v.aliases.slice(0, 6).map((a) => <Chip key={a} tone="accent">{a}</Chip>)}{v.aliases.length > 6 && <span className="dim small">+{v.aliases.length - 6}</span>}</span></td>
                  <td className="num">{int(v.fileCount)}</td>
                  <td className="num">{bytes(v.size)}</td>
                  <td className="num">{when(v.createdAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.length > shown.length && <p className={css.none}><Button onClick={() => setAll(true)}>Show all {int(list.length)}</Button></p>}
    </Card>
  );
}
