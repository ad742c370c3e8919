// One panel over the whole window, at ten times the resolution, with its values as a table.
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { num } from '../data/format';
import { Button } from '../parts/button';
import { useGiveBack } from '../parts/giveback';
import { Icon } from '../parts/icon';
import { Plot, resolution, usePlot } from './Panel';
import { keyParts, type PanelSpec } from './sections';
import type { View } from './view';
import { paint } from './colour';
import css from './chart.module.css';

type Props = { view: View; spec: PanelSpec; log: boolean; onLog: (id: string) => void; onOpen: (run: string) => void; onClose: () => void };

export function Full(props: Props) {
  return (
    <Dialog.Root open onOpenChange={(o) => !o && props.onClose()}>
      <Dialog.Portal>
        <Frame {...props} />
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Frame(props: Props) {
  const back = useGiveBack();
  return (
    <Dialog.Content className={css.full} aria-describedby={undefined} {...back}>
      <Inside {...props} />
    </Dialog.Content>
  );
}

function Inside({ view, spec, log, onLog, onOpen, onClose }: Props) {
  const plot = usePlot({ view, spec, log, onOpen, on: true, alone: true, buckets: 10_000 });
  const [table, setTable] = useState(false);
  const [prefix, name] = keyParts(spec);
  return (
    <article className={css.panel}>
      <header>
        <Dialog.Title asChild>
          <h3 className="cut">
            {prefix && <span>{prefix}</span>}
            {name}
          </h3>
        </Dialog.Title>
        <span className={css.meta}>{resolution(plot.status)}</span>
        <span className={css.readout} ref={plot.readout} />
        <Button kind="ghost" aria-pressed={log} onClick={() => onLog(spec.id)}>
          log
        </Button>
        <Button kind="ghost" aria-pressed={table} onClick={() => setTable(!table)}>
          Table
        </Button>
        <Button kind="ghost" onClick={() => plot.panel.current?.reset()}>
          Reset zoom
        </Button>
        <Button kind="ghost" icon aria-label="Leave full screen" title="Esc" onClick={onClose}>
          <Icon name="x" />
        </Button>
      </header>
      <div style={table ? { display: 'none' } : { display: 'contents' }}>
        <Plot plot={plot} spec={spec} />
      </div>
      {table && <Values rows={plot.panel.current?.rows() ?? []} />}
    </article>
  );
}

function Values({ rows }: { rows: { run: string; colour: number; first: number; last: number; min: number; max: number; points: number }[] }) {
  return (
    <div className={css.table} tabIndex={0} role="region" aria-label="Values">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">First</th>
            <th scope="col">Last</th>
            <th scope="col">Least</th>
            <th scope="col">Most</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.run}>
              <th scope="row">
                <span className="row">
                  <span style={{ width: 10, height: 3, borderRadius: 2, background: paint(r.colour) }} />
                  {r.run}
                </span>
              </th>
              <td>{num(r.first)}</td>
              <td>{num(r.last)}</td>
              <td>{num(r.min)}</td>
              <td>{num(r.max)}</td>
              <td>{r.points.toLocaleString('en-US')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
