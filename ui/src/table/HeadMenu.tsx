// What can be done with a column: order, groups, place, width.
import { Icon } from '../parts/icon';
import { Menu, MenuItem, MenuLine } from '../parts/menu';
import css from './table.module.css';

export type HeadActs = {
  onOrder: (field: string, desc: boolean) => void;
  onGroup: (field: string) => void;
  onPin: (field: string) => void; // this one and those before it
  onHide: (field: string) => void;
  onFit: (field: string) => void;
  onShift: (field: string, by: 1 | -1) => void;
  onChoose: () => void;
};

export function HeadMenu({ field, name, pinned, first, last, grouped, acts, open, onOpen }: { field: string; name: string; pinned: boolean; first: boolean; last: boolean; grouped: boolean; acts: HeadActs; open: boolean; onOpen: (on: boolean) => void }) {
  const button = (
    <button type="button" className={css.headmore} aria-label={`Column ${name}`} aria-haspopup="menu" title="Column" onClick={() => onOpen(true)}>
      <Icon name="dots" small />
    </button>
  );
  if (!open) return button;
  return (
    <Menu align="end" opened onClose={() => setTimeout(() => onOpen(false))} trigger={button}>
      <MenuItem icon="up" onSelect={() => acts.onOrder(field, false)}>Order, smallest first</MenuItem>
      <MenuItem icon="down" onSelect={() => acts.onOrder(field, true)}>Order, largest first</MenuItem>
      <MenuItem icon="group" onSelect={() => acts.onGroup(field)}>{grouped ? 'Do not group by it' : 'Group by it'}</MenuItem>
      <MenuLine />
      <MenuItem icon="pin" onSelect={() => acts.onPin(field)}>{pinned ? 'Unpin' : 'Pin up to here'}</MenuItem>
      <MenuItem icon="left" disabled={first} onSelect={() => acts.onShift(field, -1)}>Move left</MenuItem>
      <MenuItem icon="right" disabled={last} onSelect={() => acts.onShift(field, 1)}>Move right</MenuItem>
      <MenuItem icon="wave" onSelect={() => acts.onFit(field)}>Fit the width</MenuItem>
      <MenuItem icon="eyeoff" onSelect={() => acts.onHide(field)}>Hide</MenuItem>
      <MenuLine />
      <MenuItem icon="cols" onSelect={acts.onChoose}>Choose columns</MenuItem>
    </Menu>
  );
}
