// What can be done with a run or group of the list.
import { Icon } from '../parts/icon';
import { Menu, MenuItem, MenuLine } from '../parts/menu';
import type { Item } from '../runset/groups';
import type { RowActs } from './Row';
import css from './workspace.module.css';

export function RowMenu({ id, name, baseline, pinned, acts, it, onClose }: { id: string; name: string; baseline?: boolean; pinned?: boolean; acts: RowActs; it: Item; onClose: () => void }) {
  return (
    <Menu
      align="end"
      opened
      onClose={() => setTimeout(onClose)}
      trigger={
        <button type="button" className={`${css.more} ${css.moreon}`} aria-label={`More about ${name}`}>
          <Icon name="dots" small />
        </button>
      }
    >
      {it.kind === 'run' && (
        <>
          <MenuItem icon="info" end="Space" onSelect={() => acts.onPeek(id)}>Look into it</MenuItem>
          <MenuItem icon="pin" onSelect={() => acts.onPin(id)}>{pinned ? 'Unpin' : 'Pin to the top'}</MenuItem>
          <MenuItem icon="star" end="b" onSelect={() => acts.onBaseline(id)}>{baseline ? 'No baseline' : 'Make it the baseline'}</MenuItem>
        </>
      )}
      <MenuItem icon="eye" end="⇧V" onSelect={() => acts.onOnly(it)}>Show only this</MenuItem>
      <MenuLine />
      <MenuItem icon="edit" onSelect={() => acts.onColour(id, name)}>Colour</MenuItem>
    </Menu>
  );
}
