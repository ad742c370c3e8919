// A section's head: fold, name, overrides, pages, and what can be done with the section.
import { useRef, useState } from 'react';
import type { Settings } from '../chart/view';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Menu, MenuChoice, MenuItem, MenuItemTo, MenuLabel, MenuLine } from '../parts/menu';
import { overrides } from './document';
import { startSectionDrag } from './drag';
import { PAGE_MOST, usualRows } from './grid';
import type { LaidSection } from './layout';
import { settingText } from './setting';
import { SettingsDialog } from './SettingsForm';
import type { BoardDoc } from './useBoard';
import css from './panel.module.css';

type Props = { section: LaidSection; board: BoardDoc; editable: boolean; open: boolean; cols: number; count: string; pages: number; page: number; onPage: (n: number) => void; onAdd?: () => void };

export function SectionHead({ section: s, board, editable, open, cols, count, pages, page, onPage, onAdd }: Props) {
  const [naming, setNaming] = useState(false);
  const head = useRef<HTMLElement>(null);
  const { edit } = board;
  /** Moves the section past its neighbour. */
  const step = (by: 1 | -1) => {
    const all = board.laid.sections.map((t) => t.id), to = all.indexOf(s.id) + by;
    if (to < 0 || to >= all.length) return;
    edit({ do: 'section.move', section: s.id, before: by < 0 ? all[to]! : (all[to + 1] ?? null) });
    // React moves the element, and the focus is lost with it.
    requestAnimationFrame(() => head.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus());
  };
  const keys = (e: React.KeyboardEvent) => {
    if (!editable || !e.altKey || (e.key !== 'ArrowUp' && e.key !== 'ArrowDown')) return;
    e.preventDefault();
    e.stopPropagation();
    step(e.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <header ref={head} data-drag={editable ? '' : undefined} onPointerDown={(e) => editable && startSectionDrag(e, head.current!.parentElement!, (before) => edit({ do: 'section.move', section: s.id, before }))}>
      <div className={css.sechead}>
        {naming ? (
          <Rename title={s.title} onDone={(t) => (setNaming(false), t && t !== s.title && edit({ do: 'section.change', section: s.id, change: { title: t } }))} />
        ) : (
          <h2 className="row">
            <button type="button" className={css.tg} aria-expanded={open} onKeyDown={keys} onClick={() => edit({ do: 'section.change', section: s.id, change: { open: !open } })}>
              <Icon name="right" />
              <span className="cut" dir="auto" title={s.title}>{s.title}</span>
            </button>
          </h2>
        )}
        {s.doc?.pinned && (
          <span className={css.pinned} title="Pinned to the top">
            <Icon name="pin" small />
            <span className="sr">pinned</span>
          </span>
        )}
        <span className={css.n}>{count}</span>
        {overrides(s.doc).map((k) => {
          const text = settingText(k, s.doc!.settings![k]!);
          return (
            <button key={k} type="button" className={css.over} title="Back to the workspace's" aria-label={`Reset ${text} of section ${s.title}`} onClick={() => edit({ do: 'settings', section: s.id, change: { [k]: undefined } as Partial<Settings> })}>
              {text}
              <Icon name="x" small />
            </button>
          );
        })}
      </div>
      <span className={css.right}>
        {editable && (
          <span className={css.sectools}>
            {onAdd && (
              <Button kind="ghost" icon small aria-label={`Add a panel to ${s.title}`} title="Add panel" onClick={onAdd}>
                <Icon name="plus" small />
              </Button>
            )}
            <SectionMenu section={s} board={board} cols={cols} onStep={step} onRename={() => setNaming(true)} />
          </span>
        )}
        {pages > 1 && (
          <>
            <Button kind="ghost" icon small aria-label={`Previous page of ${s.title}`} disabled={page === 0} onClick={() => onPage(page - 1)}>
              <Icon name="left" small />
            </Button>
            <span className="num">
              {page + 1} / {pages}
            </span>
            <Button kind="ghost" icon small aria-label={`Next page of ${s.title}`} disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
              <Icon name="right" small />
            </Button>
          </>
        )}
      </span>
    </header>
  );
}

function Rename({ title, onDone }: { title: string; onDone: (t: string | null) => void }) {
  return (
    <input
      className={css.rename}
      aria-label={`Name of section ${title}`}
      defaultValue={title}
      maxLength={300}
      autoFocus
      onFocus={(e) => e.target.select()}
      onBlur={(e) => onDone(e.target.value.trim())}
      onKeyDown={(e) => {
        if (e.key === 'Enter') onDone(e.currentTarget.value.trim());
        if (e.key !== 'Escape') return;
        e.stopPropagation();
        onDone(null);
      }}
    />
  );
}

function SectionMenu({ section: s, board, cols, onStep, onRename }: { section: LaidSection; board: BoardDoc; cols: number; onStep: (by: 1 | -1) => void; onRename: () => void }) {
  const { edit, laid, doc } = board;
  const [settings, setSettings] = useState(false);
  const i = laid.sections.findIndex((t) => t.id === s.id);
  const own = overrides(s.doc);
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button kind="ghost" icon small aria-label={`More about section ${s.title}`} title="More">
            <Icon name="dots" small />
          </Button>
        }
      >
        <MenuItemTo icon="edit" onSelect={onRename}>Rename</MenuItemTo>
        <MenuItem icon="pin" onSelect={() => edit({ do: 'section.change', section: s.id, change: { pinned: s.doc?.pinned ? undefined : true } })}>{s.doc?.pinned ? 'Unpin' : 'Pin to the top'}</MenuItem>
        {i > 0 && <MenuItem icon="up" onSelect={() => onStep(-1)}>Move up</MenuItem>}
        {i < laid.sections.length - 1 && <MenuItem icon="down" onSelect={() => onStep(1)}>Move down</MenuItem>}
        <MenuItem icon="gear" onSelect={() => setSettings(true)}>Settings of the section</MenuItem>
        {own.length > 0 && <MenuItem icon="undo" onSelect={() => edit({ do: 'settings', section: s.id, change: Object.fromEntries(own.map((k) => [k, undefined])) })}>Settings of the workspace</MenuItem>}
        <MenuLine />
        <MenuLabel>Columns</MenuLabel>
        <MenuChoice value={String(s.doc?.cols ?? 'auto')} onValue={(v) => edit({ do: 'section.change', section: s.id, change: { cols: v === 'auto' ? undefined : Number(v) } })} options={[{ value: 'auto', label: 'As the workspace' }, ...[1, 2, 3, 4, 5, 6].map((n) => ({ value: String(n), label: String(n) }))]} />
        <MenuLabel>Rows on a page</MenuLabel>
        <MenuChoice value={String(s.doc?.rows ?? 'auto')} onValue={(v) => edit({ do: 'section.change', section: s.id, change: { rows: v === 'auto' ? undefined : Number(v) } })} options={[{ value: 'auto', label: String(usualRows(cols)) + ', as usual' }, ...[1, 2, 8].map((n) => ({ value: String(n), label: String(n) })), { value: String(PAGE_MOST), label: `As many as ${PAGE_MOST} panels fill` }]} />
        <MenuLine />
        <MenuItem icon="trash" danger onSelect={() => edit({ do: 'section.remove', section: s.id })}>Remove</MenuItem>
      </Menu>
      <SettingsDialog open={settings} onClose={() => setSettings(false)} title={`Settings of section ${s.title}`} base={{ ...doc.settings }} own={s.doc?.settings ?? {}} onChange={(change) => edit({ do: 'settings', section: s.id, change })} />
    </>
  );
}
