// What can be done to the runs that are selected.
import { useState } from 'react';
import { ACT_MOST, addTag, count, deleteAll, known, moveAll, NONE, putBackGroups, putBackTags, selectedNames, setGroup, stopAll, undeleteAll, type Known, type Selection } from '../data/bulk';
import { int } from '../data/format';
import type { RunAsk } from '../data/run';
import css from './bulk.module.css';
import { Button } from './button';
import { ExportItems } from './ExportRuns';
import { Field } from './field';
import { Icon } from './icon';
import { Dialog, Menu } from './menu';
import { toast } from './toast';

type Props = {
  ask: RunAsk;
  project: string;
  sel: Selection;
  found: number;
  columns: string[];
  groups?: string[];
  filter?: string;
  /** It stands in a narrow pane, not over the page. */
  pane?: boolean;
  /** The dialog to begin with. */
  begin?: Task | null;
  onBegun?: () => void;
  onSel: (s: Selection) => void;
  onShow: (runs: string[]) => void;
  onCompare?: (runs: string[]) => void;
};
export type Task = 'tag' | 'group' | 'move' | 'stop' | 'delete';
const WORDS: Record<Task, { title: string; label?: string; act: string; say?: string }> = {
  tag: { title: 'Tag runs', label: 'Tag', act: 'Add the tag' },
  group: { title: 'Put runs into a group', label: 'Group', act: 'Set the group' },
  move: { title: 'Move runs to another project', label: 'Project of the same owner', act: 'Move', say: 'Old links lead to the new place. Artifacts that the runs made stay where they are.' },
  stop: { title: 'Stop runs', act: 'Stop', say: 'Running scripts are told to stop. What they have logged stays.' },
  delete: { title: 'Delete runs', act: 'Delete', say: 'Their history, logs and files go with them and can be brought back with Undo. Artifacts that they made stay.' },
};
const SHOW_MOST = 200;
export const COMPARE_MOST = 12;

export function Bulk({ ask, project, sel, found, columns, groups = [], filter = '', pane = false, begin = null, onBegun, onSel, onShow, onCompare }: Props) {
  const [own, setOwn] = useState<Task | null>(null), [text, setText] = useState(''), [busy, setBusy] = useState(false);
  const task = begin ?? own;
  const setTask = (t: Task | null) => {
    setOwn(t);
    if (begin) onBegun?.();
  };
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
      const list: Known[] = await known(project, await selectedNames(ask, sel, ACT_MOST));
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
    <div className={pane ? `${css.bulk} ${css.pane}` : css.bulk} role="toolbar" aria-label="Selected runs">
      <b className="num">{int(n)} selected</b>
      {!sel.all && n < found && (
        <button type="button" className={css.every} onClick={() => onSel({ all: true, names: new Set() })}>
          Select all {int(found)} found
        </button>
      )}
      <Button kind="ghost" disabled={busy || n > SHOW_MOST} title={n > SHOW_MOST ? `At most ${SHOW_MOST} at once` : 'Show only these in the workspace'} onClick={() => void guard('Show', async () => onShow(await selectedNames(ask, sel, SHOW_MOST)))}>
        <Icon name="eye" small />
        Show
      </Button>
      {onCompare && (
        <Button kind="ghost" disabled={busy || n < 2 || n > COMPARE_MOST} title={`Config and results of 2 to ${COMPARE_MOST} runs side by side`} onClick={() => void guard('Compare', async () => onCompare(await selectedNames(ask, sel, COMPARE_MOST)))}>
          <Icon name="diff" small />
          Compare
        </Button>
      )}
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
        <ExportItems ask={ask} sel={sel} n={n} columns={columns} groups={groups} />
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
