// Which runs are drawn: all, none, or the first few of the list.
import { Icon } from '../parts/icon';
import { int } from '../data/format';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../parts/menu';
import { AUTO, FIRST, MOST, type Visibility } from '../runset/visible';
import css from './workspace.module.css';

const FIRSTS = [5, FIRST, 25, 50, 100];

export function EyeMenu({ visible, found, what, onVisible }: { visible: Visibility; found: number; what: string; onVisible: (v: Visibility) => void }) {
  const byHand = Object.keys(visible.over).length, n = visible.base === 'first' ? (visible.first ?? FIRST) : 0;
  const set = (base: Visibility['base'], first?: number) => onVisible({ base, over: {}, ...(first !== undefined && first !== FIRST ? { first } : {}) });
  return (
    <Menu
      trigger={
        <button type="button" className={css.eyemenu} aria-label="Which runs are drawn" title="All, none, first few">
          <Icon name="down" small />
        </button>
      }
    >
      <MenuItem icon="eye" onSelect={() => set('all')}>{found > MOST ? `Show the first ${int(MOST)}, the most that are drawn` : `Show all ${what}`}</MenuItem>
      <MenuItem icon="eyeoff" onSelect={() => set('none')}>Hide all {what}</MenuItem>
      <MenuLine />
      <MenuLabel>The first of the list{byHand ? `, ${int(byHand)} switched by hand` : ''}</MenuLabel>
      <MenuChoice value={byHand ? '' : String(n)} onValue={(v) => (Number(v) === FIRST ? onVisible(AUTO) : set('first', Number(v)))} options={FIRSTS.map((k) => ({ value: String(k), label: `First ${k}` }))} />
    </Menu>
  );
}
