// The drawer that adds panels and edits one, with the panel live beside its form. What is edited is a draft until it
// is kept: one step of undo.
import { Dialog as RD } from 'radix-ui';
import { Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { matcher } from '../chart/sections';
import type { Settings, View } from '../chart/view';
import { int } from '../data/format';
import type { Catalogue, CatalogueKey } from '../data/run';
import { Button, Segment } from '../parts/button';
import { useGiveBack } from '../parts/giveback';
import { Icon } from '../parts/icon';
import { Empty } from '../parts/surface';
import { captures, capturing } from './capture';
import type { KindId, PanelDoc } from './config';
import { apply, cascade, freshId, type Edit } from './document';
import { Inside } from './Frame';
import type { PanelEditorProps, PanelHandle } from './kind';
import { KeyPicker } from './KeyPicker';
import { kindOf, KINDS, titleOf } from './kinds';
import type { LaidSection } from './layout';
import { SettingsForm } from './SettingsForm';
import type { BoardDoc } from './useBoard';
import css from './drawer.module.css';

export type DrawerTask = { do: 'add'; section: string } | { do: 'edit'; panel: string };
type Props = { task: DrawerTask; view: View; board: BoardDoc; catalogue: Catalogue; metrics: string[]; onClose: () => void; onOpen: (run: string) => void };

export function Drawer(props: Props) {
  return (
    <RD.Root open onOpenChange={(o) => !o && props.onClose()}>
      <RD.Portal>
        <Surround {...props} />
      </RD.Portal>
    </RD.Root>
  );
}

function Surround(props: Props) {
  const back = useGiveBack();
  const { task, board } = props;
  const at = task.do === 'edit' ? board.laid.sections.find((s) => s.panels.some((p) => p.id === task.panel)) : board.laid.sections.find((s) => s.id === task.section);
  const panel = task.do === 'edit' ? at?.panels.find((p) => p.id === task.panel) : undefined;
  return (
    <div className={css.veil} data-veil="">
      <RD.Content className={css.drawer} aria-describedby={undefined} {...back}>
        {task.do === 'add' ? <Add {...props} section={at} /> : panel && at ? <EditPanel {...props} panel={panel} section={at} /> : <Empty>This panel is gone.</Empty>}
      </RD.Content>
    </div>
  );
}

const Head = ({ title, onClose, children }: { title: string; onClose: () => void; children?: React.ReactNode }) => (
  <header className={css.head}>
    <RD.Title className="cut" dir="auto">{title}</RD.Title>
    <span className="grow" />
    {children}
    <Button kind="ghost" icon aria-label="Close" title="Esc" onClick={onClose}>
      <Icon name="x" />
    </Button>
  </header>
);

/** The keys of a catalogue, each with its stream. */
const allKeys = (c: Catalogue): (CatalogueKey & { events: boolean })[] => [...c.history.filter((k) => !/^_(step|runtime|timestamp|wandb)(\.|$)/.test(k.key)).map((k) => ({ ...k, events: false })), ...c.events.filter((k) => !k.key.startsWith('_')).map((k) => ({ ...k, events: true }))];

function Add({ board, catalogue, section, onClose }: Props & { section: LaidSection | undefined }) {
  const [kind, setKind] = useState<KindId>('line');
  const [chosen, setChosen] = useState<string[]>([]);
  const [pattern, setPattern] = useState('');
  const k = KINDS.find((x) => x.kind === kind)!;
  const keys = useMemo(() => (k.takes ? allKeys(catalogue).filter((x) => k.takes!(x.type)) : []), [catalogue, k]);
  const picked = keys.filter((x) => chosen.includes(x.key));
  const found = useMemo(() => (pattern.trim() ? captures(keys, pattern) : []), [keys, pattern]);
  const match = matcher(pattern);
  const panelOf = (ks: (CatalogueKey & { events?: boolean })[], title?: string): PanelDoc => ({ id: freshId(), kind: k.kind, config: { ...k.defaults(ks), ...(kind === 'line' && ks.length && ks.every((x) => x.events) ? { stream: 'events' } : {}) }, ...(title ? { title } : {}), ...(k.size ? { size: k.size } : {}) }) as PanelDoc;
  const add = (panels: PanelDoc[]) => {
    const fresh = section ? {} : { fresh: { title: 'My panels', before: board.laid.sections[0]?.id ?? null } };
    board.edit({ do: 'panel.add', section: section?.id ?? freshId(), panels, ...fresh });
    onClose();
  };
  const many = capturing(pattern) === true && found.length > 0;
  return (
    <>
      <Head title={section ? `Add a panel to ${section.title}` : 'Add a panel'} onClose={onClose} />
      <div className={css.add}>
        <ul className={css.kinds} aria-label="Kinds of panels">
          {KINDS.map((x) => (
            <li key={x.kind}>
              <button type="button" className={css.kind} aria-pressed={x.kind === kind} onClick={() => (setKind(x.kind), setChosen([]))}>
                <Icon name={x.icon} />
                <b>{x.title}</b>
                <span>{x.what}</span>
              </button>
            </li>
          ))}
        </ul>
        <div className={css.side}>
          {k.takes ? <KeyPicker key={kind} label="Keys" keys={keys} chosen={chosen} onChosen={setChosen} onSearch={setPattern} tall /> : <p className="mid">{k.what} It needs no key.</p>}
          {k.takes && pattern.trim() !== '' && match && (
            <p className={css.hint}>
              {many ? `${int(found.length)} ${found.length === 1 ? 'panel' : 'panels'}, one for each capture: ${found.slice(0, 6).map((f) => f.name).join(', ')}${found.length > 6 ? ', …' : ''}` : 'A part in (brackets) makes one panel for each text that it captures.'}
            </p>
          )}
          <div className={css.acts}>
            {many && <Button onClick={() => add(found.slice(0, 500).map((f) => panelOf(f.keys, f.name)))}>Add {int(Math.min(500, found.length))} by capture</Button>}
            {picked.length > 1 && <Button onClick={() => add(picked.map((x) => panelOf([x])))}>Add {int(picked.length)} panels</Button>}
            <Button kind="primary" disabled={k.takes !== null && picked.length === 0} onClick={() => add([panelOf(picked)])}>
              Add {picked.length > 1 ? 'one panel with all' : 'panel'}
            </Button>
          </div>
        </div>
      </div>
    </>
  );
}

function EditPanel({ view, board, catalogue, metrics, panel, section, onClose, onOpen }: Props & { panel: PanelDoc; section: LaidSection }) {
  const [draft, setDraft] = useState(panel);
  const [tab, setTab] = useState<'data' | 'settings'>('data');
  const [head, setHead] = useState<HTMLElement | null>(null);
  const handle = useRef<PanelHandle | null>(null);
  // Edits of the live panel go into the draft, by the same functions as into the document.
  const edit = useCallback((e: Edit) => setDraft((d) => inDraft(d, e)), []);
  const acts = useMemo(() => ({ view, edit, onOpen }), [view, edit, onOpen]);
  const base = useMemo(() => ({ ...board.doc.settings, ...section.doc?.settings }), [board.doc.settings, section.doc]);
  const settings: Settings = useMemo(() => cascade(board.doc, section.doc, draft), [board.doc, section.doc, draft]);
  const kind = kindOf(draft.kind);
  const Editor = kind?.Editor as unknown as React.ComponentType<PanelEditorProps> | undefined;
  const keep = () => {
    if (draft !== panel) board.edit({ do: 'panel.put', panel: draft });
    onClose();
  };
  return (
    <>
      <Head title={`Edit ${titleOf(draft)}`} onClose={onClose}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" onClick={keep}>
          Keep
        </Button>
      </Head>
      <div className={css.edit}>
        <div className={css.preview}>
          <div className={css.prehead}>
            <h3 className="cut" dir="auto">{titleOf(draft)}</h3>
            <span ref={setHead} className={css.preslot} />
          </div>
          <div className={css.prebody}>
            <Inside acts={acts} panel={draft} settings={settings} full={false} head={head} handle={handle} />
          </div>
        </div>
        <div className={css.side}>
          <label className={css.title}>
            <span>Title</span>
            <input type="text" dir="auto" maxLength={300} value={draft.title ?? ''} placeholder={kind ? titleOf({ ...draft, title: undefined } as unknown as PanelDoc) : ''} onChange={(e) => edit({ do: 'panel.title', panel: draft.id, title: e.target.value })} />
          </label>
          <Segment label="Part" value={tab} onChange={setTab} options={[{ value: 'data', label: 'Data' }, { value: 'settings', label: 'Settings' }]} />
          {tab === 'data' && Editor && <Suspense fallback={null}><Editor project={view.project} config={draft.config as never} settings={settings} catalogue={catalogue} onConfig={(change) => edit({ do: 'panel.config', panel: draft.id, change: change as Record<string, unknown> })} /></Suspense>}
          {tab === 'settings' && <SettingsForm base={base} own={draft.settings ?? {}} metrics={metrics} onChange={(change) => edit({ do: 'settings', panel: draft.id, change })} />}
        </div>
      </div>
    </>
  );
}

/** An edit of one panel, applied to it alone. */
export function inDraft(p: PanelDoc, e: Edit): PanelDoc {
  const one = { settings: {}, by: 'first' as const, auto: false, cols: null, order: null, sections: [{ id: 's', title: '', collects: null, panels: [p] }], removed: [], runs: { query: '', group: [], order: [], columns: [], pinned: [], baseline: null, colours: {}, colourBy: null, visible: { base: 'first' as const, over: {} } } };
  return apply(one, e, { sections: [], total: 0, other: [] }).sections[0]?.panels[0] ?? p;
}
