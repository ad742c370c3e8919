// One panel over the whole window, at ten times the resolution, with its values as a table.
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import type { Settings } from '../chart/view';
import { num } from '../data/format';
import { Button } from '../parts/button';
import { useGiveBack } from '../parts/giveback';
import { Icon } from '../parts/icon';
import type { PanelDoc } from './config';
import { Inside, type BoardActs } from './Frame';
import type { PanelHandle, PanelTable } from './kind';
import { titleOf } from './kinds';
import css from './panel.module.css';

type Props = { acts: BoardActs; panel: PanelDoc; settings: Settings; onClose: () => void };

export function Full(props: Props) {
  return (
    <Dialog.Root open onOpenChange={(o) => !o && props.onClose()}>
      <Dialog.Portal>
        <Surround {...props} />
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Surround(props: Props) {
  const back = useGiveBack();
  return (
    <Dialog.Content className={css.full} aria-describedby={undefined} {...back}>
      <Whole {...props} />
    </Dialog.Content>
  );
}

function Whole({ acts, panel, settings, onClose }: Props) {
  const [table, setTable] = useState<PanelTable | null>(null);
  const [head, setHead] = useState<HTMLElement | null>(null);
  const handle = useRef<PanelHandle | null>(null);
  return (
    <article className={css.panel}>
      <header>
        <Dialog.Title asChild>
          <h3 className="cut" dir="auto">{titleOf(panel)}</h3>
        </Dialog.Title>
        <span className={css.head} ref={setHead} />
        <Button kind="ghost" aria-pressed={table !== null} onClick={() => setTable(table ? null : (handle.current?.table?.() ?? { head: ['This panel has no table'], rows: [] }))}>
          Table
        </Button>
        <Button kind="ghost" onClick={() => handle.current?.reset?.()}>
          Reset zoom
        </Button>
        <Button kind="ghost" icon aria-label="Leave full screen" title="Esc" onClick={onClose}>
          <Icon name="x" />
        </Button>
      </header>
      <div className={css.body} style={table ? { display: 'none' } : undefined}>
        <Inside acts={acts} panel={panel} settings={settings} full head={head} handle={handle} />
      </div>
      {table && <Values table={table} />}
    </article>
  );
}

function Values({ table }: { table: PanelTable }) {
  return (
    <div className={css.table} tabIndex={0} role="region" aria-label="Values">
      <table>
        <thead>
          <tr>
            {table.head.map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((r, i) => (
            <tr key={i}>
              {r.map((c, k) => (k === 0 ? <th key={k} scope="row" dir="auto">{c}</th> : <td key={k}>{typeof c === 'number' ? (Number.isInteger(c) ? c.toLocaleString('en-US') : num(c)) : c}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
