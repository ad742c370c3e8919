// What a person does to a run: rename, share, stop, put into a group, move, delete.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { alive, deleteRun, editRun, moveRun, stopRun, undeleteRun, type RunDetail } from '../data/run';
import { Button } from '../parts/button';
import { copyText } from '../parts/copy';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Confirm, Dialog, Menu, MenuItem } from '../parts/menu';
import { ShareDialog } from '../parts/ShareDialog';
import { toast } from '../parts/toast';
import css from './overview.module.css';

export function Title({ run, canWrite }: { run: RunDetail; canWrite: boolean }) {
  const [draft, setDraft] = useState<string | null>(null);
  const name = run.displayName || run.name;
  const save = () => {
    const next = draft?.trim();
    setDraft(null);
    if (!next || next === name) return;
    editRun(run, { displayName: next }).then(() => toast('Renamed', { label: 'Undo', run: () => void editRun(run, { displayName: name }) }), (e: Error) => toast('Not renamed: ' + e.message, undefined, true));
  };
  if (draft !== null)
    return <input autoFocus aria-label="Name of the run" value={draft} maxLength={512} onChange={(e) => setDraft(e.target.value)} onBlur={save} onKeyDown={(e) => { if (e.key === 'Enter') save(); if (e.key === 'Escape') { e.stopPropagation(); setDraft(null); } }} />;
  return <><h1 dir="auto" title={name}>{name}</h1>{canWrite && <Button kind="ghost" icon aria-label="Rename" title="Rename" onClick={() => setDraft(name)}><Icon name="edit" small /></Button>}</>;
}

type Asking = 'share' | 'stop' | 'group' | 'move' | 'delete';

export function Acts({ run, entity, project }: { run: RunDetail; entity: string; project: string }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const close = () => setAsking(null);
  const act = (f: () => Promise<void>, done: () => void) => {
    setBusy(true);
    f().then(() => { close(); done(); }, (e: Error) => toast(e.message, undefined, true)).finally(() => setBusy(false));
  };
  const name = run.displayName || run.name, group = run.group ?? '';
  const place = (to: string) => '/' + [entity, to, 'runs', run.name].map(encodeURIComponent).join('/');
  if (run.readOnly) return <div className={css.acts}><Button onClick={() => void copyText(location.href)}><Icon name="link" small />Copy link</Button></div>;
  return (
    <div className={css.acts}>
      <Button onClick={() => setAsking('share')}><Icon name="link" small />Share</Button>
      {alive(run.state) && <Button kind="danger" disabled={run.shouldStop ?? false} onClick={() => setAsking('stop')}><Icon name="stop" small />{run.shouldStop ? 'Stopping' : 'Stop'}</Button>}
      <Menu align="end" trigger={<Button icon aria-label="More acts"><Icon name="dots" /></Button>}>
        <MenuItem icon="link" onSelect={() => void copyText(location.href)}>Copy the address</MenuItem>
        <MenuItem icon="copy" onSelect={() => void copyText(`${entity}/${project}/${run.name}`)}>Copy the run path</MenuItem>
        <MenuItem icon="group" onSelect={() => setAsking('group')}>Put into a group</MenuItem>
        <MenuItem icon="folder" onSelect={() => setAsking('move')}>Move to another project</MenuItem>
        <MenuItem icon="trash" danger onSelect={() => setAsking('delete')}>Delete run</MenuItem>
      </Menu>
      {asking === 'share' && <ShareDialog entity={entity} project={project} run={run.name} onClose={close} />}
      <Confirm open={asking === 'stop'} onClose={close} title="Stop this run?" act="Stop run" busy={busy} onAct={() => act(() => stopRun(run.id), () => toast('Asked to stop. The process hears of it with its next report, within 30 seconds.'))}>
        {name} is asked to end as by Ctrl-C. What it logged stays.
      </Confirm>
      <Confirm open={asking === 'delete'} onClose={close} title="Delete this run?" act="Delete run" busy={busy} onAct={() => act(() => deleteRun(run.id), () => { toast('Run deleted', { label: 'Undo', run: () => void undeleteRun(run.id).then(() => navigate({ to: place(project) as '/' })) }); void navigate({ to: `/${entity}/${project}/workspace` }); })}>
        {name} disappears from the project with its history, log and files; Undo brings them back. Artifacts that it made stay, and runs that use them go on to. Its id cannot be used again.
      </Confirm>
      {asking === 'group' && <Ask title="Put the run into a group" label="Group" first={group} act="Set the group" busy={busy} onClose={close} hint="Empty takes it out of its group."
        onAct={(to) => act(() => editRun(run, { groupName: to }), () => toast(to ? `Put into ${to}` : 'Taken out of its group', { label: 'Undo', run: () => void editRun(run, { groupName: group }) }))} />}
      {asking === 'move' && <Ask title="Move the run to another project" label={`Project of ${entity}`} first="" act="Move" busy={busy} onClose={close} hint="Old links lead to the new place. Artifacts that the run made stay where they are." needed
        onAct={(to) => act(() => moveRun(run.id, to), () => { toast(`Moved to ${to}`); void navigate({ to: place(to) as '/' }); })} />}
    </div>
  );
}

/** A dialog that asks for one line. */
function Ask({ title, label, first, act, busy, hint, needed, onClose, onAct }: { title: string; label: string; first: string; act: string; busy: boolean; hint: string; needed?: boolean; onClose: () => void; onAct: (text: string) => void }) {
  const [text, setText] = useState(first);
  const ready = !busy && text.trim() !== first && !(needed && !text.trim());
  return (
    <Dialog open onClose={onClose} title={title} foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} disabled={!ready} onClick={() => onAct(text.trim())}>{act}</Button></>}>
      <Field label={label} hint={hint} value={text} autoFocus maxLength={128} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => { if (e.key === 'Enter' && ready) onAct(text.trim()); }} />
    </Dialog>
  );
}
