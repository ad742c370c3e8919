// Two versions side by side: which files are new, gone or changed, and what the metadata say.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { artifactAddress, artifactFilesQuery, artifactQuery, collectionQuery, type ArtifactDetail } from '../data/artifact';
import { bytes, int, when } from '../data/format';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import css from './artifact.module.css';
import { fileChanges, metadataChanges, newBytes, type Change } from './changes';
import { before as versionBefore } from './versions';

const SHOWN = 500;
export const TONES: Record<Change, 'ok' | 'warn' | 'bad' | undefined> = { new: 'ok', changed: 'warn', gone: 'bad', same: undefined };

/** `other` is the version to compare with; the one before when nobody chose. */
export function Compare({ of: v, other, onOther }: { of: ArtifactDetail; other: string | undefined; onOther: (version: string) => void }) {
  const list = useQuery(collectionQuery(v.entity, v.project, v.collection)).data;
  const chosen = other ?? (list ? versionBefore(list.versions, v.version)?.version : undefined);
  const right = useQuery({ ...artifactQuery(v.entity, v.project, `${v.collection}:${chosen}`), enabled: chosen !== undefined });
  const versions = list?.versions.filter((x) => x.version !== v.version) ?? [];
  return (
    <>
      <div className={css.against}>
        <b>{v.version}</b> against
        <select aria-label="Version to compare with" value={chosen ?? ''} onChange={(e) => onOther(e.target.value)}>
          {chosen === undefined && <option value="">choose a version</option>}
          {chosen !== undefined && !versions.some((x) => x.version === chosen) && <option value={chosen}>{chosen}</option>}
          {versions.map((x) => <option key={x.id} value={x.version}>{[x.version, ...x.aliases].join(', ')}</option>)}
        </select>
        <Link to={artifactAddress(v) as '/'}>Back to {v.version}</Link>
      </div>
      {chosen === undefined ? (list ? <Empty tall>This is the only version. There is nothing to compare it with.</Empty> : <Waiting rows={6} label="Reading the versions" />)
        : right.error ? <Failed what={`Version ${chosen} could not be read.`} error={right.error} retry={() => void right.refetch()} />
        : right.data === undefined ? <Waiting rows={6} label={`Reading ${chosen}`} />
        : right.data === null ? <Empty tall>There is no version {chosen}. Choose another.</Empty>
        : <Both now={v} before={right.data} />}
    </>
  );
}

function Both({ now, before }: { now: ArtifactDetail; before: ArtifactDetail }) {
  const a = useQuery(artifactFilesQuery(now.id)), b = useQuery(artifactFilesQuery(before.id));
  const failed = a.error ?? b.error;
  return (
    <div className={css.col}>
      {failed ? <Failed what="The files could not be listed." error={failed} retry={() => void (a.refetch(), b.refetch())} />
        : !a.data || !b.data ? <Waiting rows={6} label="Reading both lists of files" />
        : <Files now={now} before={before} rows={fileChanges(a.data, b.data)} fresh={newBytes(a.data, b.data)} />}
      <Metadata now={now} before={before} />
    </div>
  );
}

function Files({ now, before, rows, fresh }: { now: ArtifactDetail; before: ArtifactDetail; rows: ReturnType<typeof fileChanges>; fresh: number }) {
  const [all, setAll] = useState(false);
  const [text, setText] = useState('');
  const count = (c: Change) => rows.filter((r) => r.change === c).length;
  const shown = useMemo(() => rows.filter((r) => (all || r.change !== 'same') && r.name.toLowerCase().includes(text.trim().toLowerCase())), [rows, all, text]);
  return (
    <Card title="Files" head={<><span className="dim small num" role="status">{int(count('new'))} new, {int(count('changed'))} changed, {int(count('gone'))} gone, {int(count('same'))} alike; {bytes(fresh)} that {before.version} does not have</span><span className="grow" /><Button small aria-pressed={!all} onClick={() => setAll(!all)}>Only differences</Button><Search label="Filter files" className={css.find ?? ''} slash value={text} onValue={setText} placeholder="Filter files" /></>}>
      {shown.length === 0 ? <p className={css.text}>{text ? `No ${all ? '' : 'changed '}file’s name holds “${text}”.` : 'Both hold the same files.'}</p> : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label="Files of both versions">
          <table className={css.table}>
            <thead><tr><th scope="col">Name</th><th scope="col">Against {before.version}</th><th scope="col" className="num">{before.version}</th><th scope="col" className="num">{now.version}</th></tr></thead>
            <tbody>
              {shown.slice(0, SHOWN).map((r) => (
                <tr key={r.name}><th scope="row"><span className="cut mono" title={r.name} dir="auto">{r.name}</span></th><td>{TONES[r.change] ? <Chip tone={TONES[r.change]!}>{r.change}</Chip> : <span className="dim">same</span>}</td><td className="num">{r.before ? bytes(r.before.sizeBytes) : ''}</td><td className="num">{r.now ? bytes(r.now.sizeBytes) : ''}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length > SHOWN && <p className={css.text}>The first {int(SHOWN)} of {int(shown.length)} are shown. The filter finds the others.</p>}
    </Card>
  );
}

function Metadata({ now, before }: { now: ArtifactDetail; before: ArtifactDetail }) {
  const [all, setAll] = useState(false);
  const rows = useMemo(() => [
    { key: 'Created', now: when(now.createdAt), before: when(before.createdAt) }, { key: 'Made by', now: now.createdBy?.display ?? null, before: before.createdBy?.display ?? null }, { key: 'Size', now: bytes(now.size), before: bytes(before.size) },
    ...metadataChanges(now.metadata, before.metadata),
  ], [now, before]);
  const differ = rows.filter((r) => r.now !== r.before).length, shown = all ? rows : rows.filter((r) => r.now !== r.before);
  const cell = (text: string | null) => (text === null ? <span className="dim">not there</span> : <code className="cut" title={text.slice(0, 1000)}>{text}</code>);
  return (
    <Card title="Metadata" head={<><span className="dim small num">{int(differ)} {differ === 1 ? 'difference' : 'differences'}</span><span className="grow" /><Button small aria-pressed={!all} onClick={() => setAll(!all)}>Only differences</Button></>}>
      {shown.length === 0 ? <p className={css.text}>Both say the same.</p> : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label="Metadata of both versions">
          <table className={css.table}>
            <thead><tr><th scope="col">Key</th><th scope="col">{before.version}</th><th scope="col">{now.version}</th></tr></thead>
            <tbody>{shown.slice(0, SHOWN).map((r) => <tr key={r.key}><th scope="row"><span className="cut" title={r.key} dir="auto">{r.key}</span></th><td>{cell(r.before)}</td><td>{cell(r.now)}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
