// What can be done with one panel.
import type { RefObject } from 'react';
import { Button } from '../parts/button';
import { copyText } from '../parts/copy';
import { Icon } from '../parts/icon';
import { Menu, MenuItem, MenuLine, MenuMore } from '../parts/menu';
import { toast } from '../parts/toast';
import type { PanelDoc } from './config';
import { freshId, overrides } from './document';
import { savePng, saveSvg, tableText, saveText } from './export';
import type { BoardActs } from './Frame';
import type { PanelHandle } from './kind';
import { kindOf, titleOf } from './kinds';
import { snippet } from './snippet';

export function PanelMenu({ acts, panel, section, handle }: { acts: BoardActs; panel: PanelDoc; section: string; handle: RefObject<PanelHandle | null> }) {
  const title = titleOf(panel), id = panel.id, { edit } = acts;
  const own = overrides(panel), keys = panel.kind === 'unknown' ? [] : (kindOf(panel.kind)?.keys(panel.config as never) ?? []);
  const copy = () => edit({ do: 'panel.add', section, after: id, panels: [{ ...panel, id: freshId() }] });
  return (
    <Menu
      align="end"
      trigger={
        <Button kind="ghost" icon small aria-label={`More about ${title}`} title="More">
          <Icon name="dots" small />
        </Button>
      }
    >
      <MenuItem icon="full" end="f" onSelect={() => acts.onFull(id)}>Full screen</MenuItem>
      {acts.onEdit && <MenuItem icon="edit" end="e" onSelect={() => acts.onEdit!(id)}>Edit panel</MenuItem>}
      {acts.editable && <MenuItem icon="copy" onSelect={copy}>Duplicate</MenuItem>}
      {acts.editable && <MenuMore icon="flow" text="Move to">{() => <MoveTo acts={acts} panel={id} section={section} />}</MenuMore>}
      <MenuLine />
      <MenuItem icon="image" onSelect={() => void savePng(handle.current, title)}>Save as PNG</MenuItem>
      <MenuItem icon="image" onSelect={() => saveSvg(handle.current, title)}>Save as SVG</MenuItem>
      <MenuItem icon="dl" onSelect={() => (handle.current?.table ? saveText(tableText(handle.current.table()), title + '.csv', 'text/csv') : toast('This panel has no table.'))}>Save as CSV</MenuItem>
      <MenuItem icon="rows" onSelect={() => (handle.current?.table ? void copyText(tableText(handle.current.table(), '\t')) : toast('This panel has no table.'))}>Copy as table</MenuItem>
      {keys.length > 0 && <MenuItem icon="term" onSelect={() => void copyText(snippet(acts.view.project, acts.view.runs.map((r) => r.name), keys))}>Copy as API code</MenuItem>}
      {acts.editable && (
        <>
          <MenuLine />
          {panel.size && <MenuItem icon="undo" onSelect={() => edit({ do: 'panel.size', panel: id, size: undefined })}>Usual size</MenuItem>}
          {own.length > 0 && <MenuItem icon="undo" onSelect={() => edit({ do: 'settings', panel: id, change: Object.fromEntries(own.map((k) => [k, undefined])) })}>Settings of the section</MenuItem>}
          <MenuItem icon="trash" danger end="Del" onSelect={() => edit({ do: 'panel.remove', panel: id })}>Remove</MenuItem>
        </>
      )}
    </Menu>
  );
}

/** The other sections, and a new one. */
function MoveTo({ acts, panel, section }: { acts: BoardActs; panel: string; section: string }) {
  const { edit } = acts, all = acts.sections();
  return (
    <>
      {all.filter((s) => s.id !== section).map((s) => (
        <MenuItem key={s.id} onSelect={() => edit({ do: 'panel.move', panel, section: s.id, before: null })}>{s.title}</MenuItem>
      ))}
      {all.length > 1 && <MenuLine />}
      <MenuItem icon="plus" onSelect={() => edit({ do: 'panel.move', panel, section: freshId(), before: null, fresh: { title: 'New section', before: all[0]?.id ?? null } })}>New section</MenuItem>
    </>
  );
}
