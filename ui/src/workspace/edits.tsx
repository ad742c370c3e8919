// Undo and redo, adding panels, the settings of the workspace, and what to do when somebody else stored the view.
import { Segment, Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { Notice } from '../parts/surface';
import { Check, SettingsForm } from '../panel/SettingsForm';
import type { BoardDoc } from '../panel/useBoard';
import type { Source, Store } from './store';
import { keyText } from '../keys';
import css from './workspace.module.css';

export function Edits({ board, onAdd }: { board: BoardDoc; onAdd: () => void }) {
  const { past, future } = board.history;
  return (
    <span className={css.edits}>
      <Button kind="ghost" icon aria-label="Undo" title={past.length ? `Undo: ${past.at(-1)!.what}  ${keyText('⌘Z')}` : 'Nothing to undo'} disabled={past.length === 0} onClick={board.undo}>
        <Icon name="undo" small />
      </Button>
      <Button kind="ghost" icon aria-label="Redo" title={future.length ? `Redo: ${future.at(-1)!.what}  ${keyText('⇧⌘Z')}` : 'Nothing to redo'} disabled={future.length === 0} onClick={board.redo}>
        <Icon name="redo" small />
      </Button>
      <Button title="Add a panel  a" onClick={onAdd}>
        <Icon name="plus" small />
        Panel
      </Button>
    </span>
  );
}

/** Somebody stored the view meanwhile, or it could not be stored at all. */
export function Conflict({ source, store, onDiscard }: { source: Source; store: Store; onDiscard: () => void }) {
  const { state } = store;
  if (state.kind === 'conflict')
    return (
      <div className={css.note}>
        <Notice
          tone="warn"
          action={
            <span className="row wrap">
              <Button small onClick={onDiscard}>Load the stored one</Button>
              {source.mine && <Button small onClick={() => void store.keepMine()}>Keep this one</Button>}
            </span>
          }
        >
          <b>{source.mine ? 'Your workspace was changed in another window.' : 'Somebody else changed this view meanwhile.'}</b> Nothing was overwritten. {source.mine ? 'Load what is stored, or keep what you see here.' : 'Load what is stored, or save yours as a new view from the menu of the view.'}
        </Notice>
      </div>
    );
  if (state.kind === 'failed')
    return (
      <div className={css.note}>
        <Notice tone="bad" action={<Button small onClick={() => void store.save()}>Try again</Button>}>
          <b>The view was not saved.</b> {state.error.message}
        </Notice>
      </div>
    );
  return null;
}

export function WorkspaceSettings({ open, onClose, board, metrics }: { open: boolean; onClose: () => void; board: BoardDoc; metrics: string[] }) {
  const { doc, edit } = board;
  return (
    <Dialog open={open} onClose={onClose} title="Settings of the workspace" width={600}>
      <div className={css.wsset}>
        <div className="row wrap">
          <span className="mid">Sections by</span>
          <Segment label="Sections by" value={doc.by} onChange={(by) => edit({ do: 'view', change: { by } })} options={[{ value: 'first', label: 'first prefix' }, { value: 'last', label: 'last prefix' }]} />
        </div>
        <Check label="A panel for each new key, by itself" on={doc.auto} onChange={(auto) => edit({ do: 'view', change: { auto } })} />
      </div>
      <SettingsForm base={{}} own={doc.settings} metrics={metrics} onChange={(change) => edit({ do: 'settings', change })} />
    </Dialog>
  );
}
