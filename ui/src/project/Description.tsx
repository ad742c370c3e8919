// A project's description: Markdown, edited in place, with a look at it before it is saved.
import { useState } from 'react';
import { describeProject } from '../data/project';
import { Words } from '../panel/markdown/Words';
import { Button, Segment } from '../parts/button';
import { Card, Waiting } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './project.module.css';

type Props = { entity: string; project: string; text: string; readOnly: boolean; loading: boolean };

export function Description({ entity, project, text, readOnly, loading }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = saved ?? text;
  const save = () => {
    setBusy(true);
    describeProject(entity, project, draft ?? '')
      .then(() => (setSaved(draft), setDraft(null)), (e: Error) => toast(`The description was not saved. ${e.message}`, undefined, true))
      .finally(() => setBusy(false));
  };
  const edit = !readOnly && draft === null && !loading && (
    <>
      <span className="grow" />
      <Button small kind="ghost" aria-label="Edit the description" onClick={() => setDraft(shown)}>Edit</Button>
    </>
  );
  return (
    <Card title="Description" head={edit}>
      {draft !== null ? (
        <Editing draft={draft} onDraft={setDraft} busy={busy} onSave={save} onLeave={() => setDraft(null)} />
      ) : (
        <div className={css.text}>{loading ? <Waiting rows={2} /> : shown ? <Words text={shown} /> : <span className="dim">No description.</span>}</div>
      )}
    </Card>
  );
}

function Editing({ draft, onDraft, busy, onSave, onLeave }: { draft: string; onDraft: (t: string) => void; busy: boolean; onSave: () => void; onLeave: () => void }) {
  const [side, setSide] = useState<'write' | 'look'>('write');
  return (
    <div className={css.edit}>
      <div className="row wrap">
        <Segment label="Description" value={side} onChange={setSide} options={[{ value: 'write', label: 'Write' }, { value: 'look', label: 'Look' }]} />
        <span className="dim small">Markdown, with formulas between $ signs</span>
      </div>
      {side === 'look' ? (
        <div className={css.look}>{draft.trim() ? <Words text={draft} /> : <span className="dim">Nothing written yet.</span>}</div>
      ) : (
        <textarea aria-label="Description" autoFocus rows={10} value={draft} onChange={(e) => onDraft(e.target.value)} onKeyDown={(e) => e.key === 'Escape' && (onLeave(), e.stopPropagation())} />
      )}
      <div className="row">
        <Button kind="primary" busy={busy} onClick={onSave}>Save</Button>
        <Button onClick={onLeave}>Cancel</Button>
      </div>
    </div>
  );
}
