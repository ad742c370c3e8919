// Which view is open, whether it is saved, and what can be done with it.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { when } from '../data/format';
import { nwOf, personalNw, removeView, viewsQuery, type ViewEntry } from '../data/view';
import { freshId } from '../panel/document';
import { Button } from '../parts/button';
import { copyText } from '../parts/copy';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Confirm, Dialog, Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../parts/menu';
import { ShareDialog } from '../parts/ShareDialog';
import { toast } from '../parts/toast';
import type { SaveState, Source, Store } from './store';
import css from './workspace.module.css';

type Props = { entity: string; project: string; user: string | undefined; source: Source; store: Store; onReset: () => void; onDiscard: () => void; onSettings: () => void };

const SAID: Record<SaveState['kind'], string> = { saved: 'Saved', changed: 'Not saved', saving: 'Saving', failed: 'Not saved', conflict: 'Changed by somebody else', local: 'Kept in this browser only' };

export function ViewMenu({ entity, project, user, source, store, onReset, onDiscard, onSettings }: Props) {
  const navigate = useNavigate();
  const views = useQuery(viewsQuery(entity, project)).data ?? [];
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null);
  const [removing, setRemoving] = useState(false);
  const [sharing, setSharing] = useState(false);
  const { state, entry } = store;
  const title = source.mine ? 'My workspace' : source.nw.startsWith('nwuser') ? `Workspace of ${source.nw.slice(6)}` : (entry?.displayName || 'View');
  const open = (nw: string | undefined) => void navigate({ to: '/$entity/$project/workspace', params: { entity, project }, search: nw ? { nw } : {} });
  const fail = (what: string) => (e: Error) => toast(`${what} ${e.message}`, undefined, true);
  const make = (t: string) =>
    store.saveAs(`nw-${freshId().slice(0, 11)}-v`, t).then((v) => {
      toast(`Saved as ${t}`);
      open(nwOf(v.name));
    }, fail('The view was not saved.'));
  const loud = state.kind === 'changed' || state.kind === 'failed' || state.kind === 'conflict';
  return (
    <>
      <span className="sr" role="status">{loud ? `${title}: ${SAID[state.kind]}` : ''}</span>
      <Menu
        trigger={
          <Button kind="ghost" data-keep="" title={`${title}: ${SAID[state.kind].toLowerCase()}`} className={css.viewbtn ?? ''}>
            {loud && <span className={[css.dotty, state.kind !== 'changed' && css.dotbad].filter(Boolean).join(' ')} />}
            <span className="cut" dir="auto">{title}</span>
            <Icon name="down" small />
          </Button>
        }
      >
        <MenuLabel>
          {SAID[state.kind]}
          {state.kind === 'changed' && (source.canWrite ? ': kept for you in this browser' : ': this view is not yours to change, so it is kept for you in this browser')}
          {state.kind === 'saved' && entry ? `, ${when(entry.updatedAt)}` : ''}
        </MenuLabel>
        {!source.mine && source.canWrite && <MenuItem icon="check" disabled={state.kind !== 'changed' && state.kind !== 'failed'} onSelect={() => void store.save()}>Save for everybody</MenuItem>}
        <MenuItem icon="plus" onSelect={() => setNaming('new')}>Save as new view</MenuItem>
        {!source.mine && loud && <MenuItem icon="undo" onSelect={onDiscard}>Discard changes</MenuItem>}
        {!source.mine && source.canWrite && entry && <MenuItem icon="edit" onSelect={() => setNaming('rename')}>Rename</MenuItem>}
        {entry && !source.mine && source.canWrite && <MenuItem icon="trash" danger onSelect={() => setRemoving(true)}>Remove the view</MenuItem>}
        <MenuItem icon="link" onSelect={() => void copyText(linkTo(source.nw))}>Copy link to this view</MenuItem>
        {source.canWrite && <MenuItem icon="out" onSelect={() => setSharing(true)}>Share</MenuItem>}
        <MenuItem icon="gear" onSelect={onSettings}>Settings of the workspace</MenuItem>
        <MenuItem icon="undo" onSelect={onReset}>Start anew</MenuItem>
        <MenuLine />
        <MenuLabel>Open</MenuLabel>
        <MenuChoice value={source.nw} onValue={(nw) => open(nw === personalNw(user ?? '') ? undefined : nw)} options={[{ value: personalNw(user ?? ''), label: 'My workspace' }, ...views.map((v) => ({ value: nwOf(v.name), label: <span dir="auto">{v.displayName || v.name}</span>, end: by(v) }))]} />
      </Menu>
      {naming && (
        <NameDialog
          title={naming === 'new' ? 'Save as a new view' : 'Rename the view'}
          first={naming === 'new' ? (source.mine ? '' : title + ' copy') : title}
          onClose={() => setNaming(null)}
          onName={(t) => {
            setNaming(null);
            void (naming === 'new' ? make(t) : store.rename(t).then(() => toast('Renamed'), fail('The view was not renamed.')));
          }}
        />
      )}
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove the view ${title}?`}
        act="Remove"
        onAct={() => {
          setRemoving(false);
          if (entry) void removeView(entry.id).then(() => { toast('The view was removed', { label: 'Undo', run: () => void store.saveAs(entry.name, entry.displayName).then((v) => open(nwOf(v.name)), fail('The view was not brought back.')) }); open(undefined); }, fail('The view was not removed.'));
        }}
      >
        It is removed for everybody. Runs and panels of other views stay.
      </Confirm>
      {sharing && <ShareDialog entity={entity} project={project} {...(entry ? { view: { name: entry.name, title } } : {})} onClose={() => setSharing(false)} />}
    </>
  );
}

/** Who stored a view last, and when. */
const by = (v: ViewEntry): string => [v.editor?.username ?? v.user?.username, when(v.updatedAt)].filter(Boolean).join(', ');

const linkTo = (nw: string): string => {
  const u = new URL(location.href);
  u.searchParams.set('nw', nw);
  return u.href;
};

function NameDialog({ title, first, onClose, onName }: { title: string; first: string; onClose: () => void; onName: (t: string) => void }) {
  const [text, setText] = useState(first);
  const t = text.trim();
  return (
    <Dialog open onClose={onClose} title={title} foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={!t} onClick={() => onName(t)}>Save</Button></>}>
      <Field label="Name" value={text} maxLength={300} dir="auto" autoFocus onFocus={(e) => e.target.select()} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === 'Enter' && t && onName(t)} />
    </Dialog>
  );
}
