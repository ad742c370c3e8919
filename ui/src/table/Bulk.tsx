// What can be done to the runs that are selected.
import { useState } from 'react';
import { int } from '../data/format';
import type { RunAsk } from '../data/run';
import { Button } from '../parts/button';
import { copyText } from '../parts/copy';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Dialog, Menu, MenuItem } from '../parts/menu';
import { toast } from '../parts/toast';
import { ACT_MOST, addTag, apiCode, count, csv, deleteAll, FILE_MOST, known, moveAll, NONE, putBackGroups, putBackTags, selectedRows, setGroup, stopAll, undeleteAll, type Known, type Selection } from './bulk';
import css from './table.module.css';

type Props = { ask: RunAsk; project: string; sel: Selection; found: number; fields: string[]; filter: string; onSel: (s: Selection) => void; onShow: (runs: string[]) => void };
type Task = 'tag' | 'group' | 'move' | 'stop' | 'delete';
const WORDS: Record<Task, { title: string; label?: string; act: string; say?: string }> = {
  tag: { title: 'Tag runs', label: 'Tag', act: 'Add the tag' },
  group: { title: 'Put runs into a group', label: 'Group', act: 'Set the group' },
  move: { title: 'Move runs to another project', label: 'Project of the same owner', act: 'Move', say: 'Old links lead to the new place. Artifacts that the runs made stay where they are.' },
  stop: { title: 'Stop runs', act: 'Stop', say: 'Running scripts are told to stop. What they have logged stays.' },
  delete: { title: 'Delete runs', act: 'Delete', say: 'Their history, logs and files go with them and can be brought back with Undo. Artifacts that they made stay.' },
};
const SHOW_MOST = 200;

export function Bulk({ ask, project, sel, found, fields, filter, onSel, onShow }: Props) {
  const [task, setTask] = useState<Task | null>(null), [text, setText] = useState(''), [busy, setBusy] = useState(false);
  const n = count(sel, found), runs = (k: number) => `${int(k)} ${k === 1 ? 'run' : 'runs'}`;
  const guard = async (what: string, f: () => Promise<void>) => {
    setBusy(true);
    try {
      await f();
    } catch (e) {
      toast(`${what}: ${(e as Error).message}`, undefined, true);
    }
    setBusy(false);
  };
  const act = (t: Task) =>
    guard(WORDS[t].title, async () => {
      const names = (await selectedRows(ask, sel, ACT_MOST)).map((r) => r.name), list: Known[] = await known(project, names);
      const back = (f: (l: Known[]) => Promise<unknown>) => ({ label: 'Undo', run: () => void guard('Undo', async () => void (await f(list))) });
      if (t === 'tag') {
        await addTag(list, text.trim());
        toast(`${runs(list.length)} tagged ${text.trim()}.`, back(putBackTags));
      } else if (t === 'group') {
        await setGroup(list, text.trim());
        toast(`${runs(list.length)} put into ${text.trim() || 'no group'}.`, back(putBackGroups));
      } else if (t === 'move') {
        await moveAll(list, text.trim());
        toast(`${runs(list.length)} moved to ${text.trim()}.`);
        onSel(NONE);
      } else if (t === 'stop') {
        await stopAll(list);
        toast(`${runs(list.filter((r) => r.state === 'running').length)} told to stop.`);
      } else {
        await deleteAll(list);
        onSel(NONE);
        toast(`${runs(list.length)} deleted.`, back(undeleteAll));
      }
      setTask(null);
    });
  const w = task && WORDS[task];
  return (
    <div className={css.bulk} role="toolbar" aria-label="Selected runs">
      <b className="num">{int(n)} selected</b>
      {!sel.all && n < found && (
        <button type="button" className={css.every} onClick={() => onSel({ all: true, names: new Set() })}>
          Select all {int(found)} found
        </button>
      )}
      <Button kind="ghost" disabled={busy || n > SHOW_MOST} title={n > SHOW_MOST ? `At most ${SHOW_MOST} at once` : 'Show and compare in the workspace'} onClick={() => void guard('Show', async () => onShow((await selectedRows(ask, sel, SHOW_MOST)).map((r) => r.name)))}>
        <Icon name="eye" small />
        Show
      </Button>
      {(['tag', 'group', 'move', 'stop', 'delete'] as const).map((t) => (
        <Button key={t} kind={t === 'delete' ? 'danger-ghost' : 'ghost'} disabled={busy || n > ACT_MOST} title={n > ACT_MOST ? `At most ${int(ACT_MOST)} at once` : WORDS[t].title} onClick={() => (setText(''), setTask(t))}>
          {t[0]!.toUpperCase() + t.slice(1)}
        </Button>
      ))}
      <Menu
        align="end"
        trigger={
          <Button kind="ghost" busy={busy}>
            <Icon name="dl" small />
            Export
          </Button>
        }
      >
        <MenuItem icon="dl" onSelect={() => void guard('CSV', async () => save(csv(await selectedRows(ask, sel, FILE_MOST), fields), `${project.replace('/', '-')}-runs.csv`))}>
          CSV of {runs(Math.min(n, FILE_MOST))}
        </MenuItem>
        <MenuItem icon="copy" onSelect={() => void guard('Code', async () => copyText(apiCode(project, { name: { $in: (await selectedRows(ask, sel, ACT_MOST)).map((r) => r.name) } }, ask.order)))}>
          Copy as API code
        </MenuItem>
      </Menu>
      <Button kind="ghost" icon aria-label="Clear the selection" onClick={() => onSel(NONE)}>
        <Icon name="x" small />
      </Button>
      {task && w && (
        <Dialog
          open
          onClose={() => setTask(null)}
          title={`${w.title}: ${runs(n)}`}
          foot={
            <>
              <Button onClick={() => setTask(null)}>Cancel</Button>
              <Button kind={task === 'delete' ? 'danger' : 'primary'} busy={busy} disabled={(task === 'tag' || task === 'move') && !text.trim()} onClick={() => void act(task)}>
                {w.act}
              </Button>
            </>
          }
        >
          {w.say && <p className="mid">{w.say}</p>}
          {w.label && <Field label={w.label} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === 'Enter' && (text.trim() || task === 'group') && void act(task)} />}
          {filter && sel.all && <p className="dim small">All found by: {filter}</p>}
        </Dialog>
      )}
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' })), a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
