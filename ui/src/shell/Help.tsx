// The list of shortcuts, read from keys.ts.
import { keyText, SHORTCUTS } from '../keys';
import { Kbd } from '../parts/field';
import { Dialog } from '../parts/menu';
import css from './shell.module.css';

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = [...new Set(SHORTCUTS.map((s) => s.group))];
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" width={760}>
      <div className={css.help} tabIndex={0} role="region" aria-label="Shortcuts">
        {groups.map((g) => (
          <section key={g}>
            <h3>{g}</h3>
            <ul>
              {SHORTCUTS.filter((s) => s.group === g).map((s) => (
                <li key={s.id}>
                  <span>{s.label}</span>
                  <span>
                    {s.keys.split(' ').map((k) => (
                      <Kbd key={k}>{keyText(k)}</Kbd>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
