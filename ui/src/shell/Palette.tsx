// Search and commands: one box over runs, views, artifacts, reports, projects, settings and commands. What is typed is
// matched loosely; runs come from the server.
import { useRef, useState } from 'react';
import { keyText, SHORTCUTS } from '../keys';
import { Kbd } from '../parts/field';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import type { Here } from './Header';
import { useItems, type Item } from './items';
import css from './shell.module.css';

export function Palette({ open, onClose, here, go, onHelp }: { open: boolean; onClose: () => void; here: Here; go: (to: string) => void; onHelp: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Search and commands" bare width={640}>
      <Inside here={here} go={go} onClose={onClose} onHelp={onHelp} />
    </Dialog>
  );
}

function Inside({ here, go, onClose, onHelp }: { here: Here; go: (to: string) => void; onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const items = useItems(text, here, go, onHelp);
  const cur = Math.min(at, items.length - 1);
  const pick = (it: Item | undefined, newTab: boolean) => {
    if (!it) return;
    onClose();
    it.run(newTab);
  };
  const move = (by: number) => {
    const n = (cur + by + items.length) % Math.max(1, items.length);
    setAt(n);
    list.current?.querySelectorAll('[role=option]')[n]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className={css.cmd}>
      <div className={css.in}>
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette"
          aria-activedescendant={items[cur] ? 'p' + cur : undefined}
          aria-label="Search or run a command"
          placeholder="Runs, artifacts, reports, projects, settings, commands"
          value={text}
          spellCheck={false}
          onChange={(e) => (setText(e.target.value), setAt(0))}
          onKeyDown={(e) => {
            if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
              e.preventDefault();
              move(e.key === 'ArrowDown' ? 1 : -1);
            } else if (e.key === 'Enter') {
              e.preventDefault();
              pick(items[cur], e.metaKey || e.ctrlKey);
            }
          }}
        />
      </div>
      <ul id="palette" role="listbox" aria-label="Results" ref={list}>
        {items.map((it, i) => (
          <Row key={it.id} it={it} i={i} head={it.group !== items[i - 1]?.group} on={i === cur} onPick={(t) => pick(it, t)} />
        ))}
        {items.length === 0 && <li className={css.grp} role="presentation">Nothing found</li>}
      </ul>
      <div className={css.foot}>
        <span><Kbd>↑</Kbd> <Kbd>↓</Kbd> move</span>
        <span><Kbd>⏎</Kbd> open</span>
        <span><Kbd>{keyText('⌘')}</Kbd> <Kbd>⏎</Kbd> new tab</span>
      </div>
    </div>
  );
}

function Row({ it, i, head, on, onPick }: { it: Item; i: number; head: boolean; on: boolean; onPick: (newTab: boolean) => void }) {
  const key = it.key && SHORTCUTS.find((s) => s.id === it.key)?.keys;
  return (
    <>
      {head && <li className={css.grp} role="presentation">{it.group}</li>}
      <li id={'p' + i} className={css.it} role="option" aria-selected={on} onClick={(e) => onPick(e.metaKey || e.ctrlKey)}>
        <Icon name={it.icon} />
        <b className="cut">{it.text}</b>
        <span className={css.k}>{key ? key.split(' ').map((k) => <Kbd key={k}>{keyText(k)}</Kbd>) : it.end}</span>
      </li>
    </>
  );
}
