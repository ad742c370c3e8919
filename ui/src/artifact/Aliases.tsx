// The aliases of a version, to be given and taken away, and when they came and left.
import { useState } from 'react';
import { addAlias, removeAlias, type AliasEvent, type ArtifactDetail } from '../data/artifact';
import { when } from '../data/format';
import { Card, Chip } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './artifact.module.css';

const LATEST = 'latest'; // the server gives it to each new version

export function Aliases({ of: v, readOnly }: { of: ArtifactDetail; readOnly: boolean }) {
  const [draft, setDraft] = useState('');
  const failed = (e: Error) => toast('Not changed: ' + e.message, undefined, true);
  const add = (alias: string) => void addAlias(v, alias).then(() => toast(`${v.version} is ${alias}`, { label: 'Undo', run: () => void removeAlias(v, alias).catch(failed) }), failed);
  const remove = (alias: string) => void removeAlias(v, alias).then(() => toast(`${v.version} is no longer ${alias}`, { label: 'Undo', run: () => void addAlias(v, alias).catch(failed) }), failed);
  return (
    <span className={css.aliases}>
      {v.aliases.map((a) => <Chip key={a} tone="accent"><span className="cut" dir="auto">{a}</span>{!readOnly && a !== LATEST && <button type="button" className={css.off} aria-label={`Take the alias ${a} away`} onClick={() => remove(a)}>×</button>}</Chip>)}
      {v.tags.map((t) => <Chip key={t}>{t}</Chip>)}
      {!readOnly && <input className={css.add} aria-label="Add an alias" placeholder="Add an alias" maxLength={128} value={draft} onChange={(e) => setDraft(e.target.value)} onKeyDown={(e) => { const a = draft.trim(); if (e.key === 'Enter' && a) { setDraft(''); add(a); } }} />}
    </span>
  );
}

export function AliasHistory({ events }: { events: AliasEvent[] }) {
  if (events.length === 0) return null;
  return (
    <Card title="History of aliases">
      <ul className={css.events}>
        {events.map((e, i) => <li key={i}><span className="cut"><b dir="auto">{e.alias}</b> {e.given ? 'came' : 'left'}</span><span className="dim num">{when(e.at)}</span></li>)}
      </ul>
    </Card>
  );
}
