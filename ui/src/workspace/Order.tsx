// The order of the list by several keys: each with its direction, the first the strongest.
import type { Catalogue } from '../data/run';
import { KeyPicker } from '../panel/KeyPicker';
import { Button, Segment } from '../parts/button';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { short, useColumnKeys } from './Columns';
import css from './workspace.module.css';

type Props = { entity: string; project: string; runs: string[]; catalogue: Catalogue | undefined; order: string[]; onOrder: (order: string[]) => void; onClose: () => void };

const columnOf = (key: string): string => key.replace(/^[+-]/, '');

/** The order after columns were ticked or not: those that stay keep direction and place, new ones come last, highest first. */
export const withColumns = (order: string[], columns: string[]): string[] => [...order.filter((k) => columns.includes(columnOf(k))), ...columns.filter((c) => !order.some((k) => columnOf(k) === c)).map((c) => '-' + c)];

/** The order with one key a place nearer to the front. */
export const sooner = (order: string[], i: number): string[] => (i <= 0 ? order : [...order.slice(0, i - 1), order[i]!, order[i - 1]!, ...order.slice(i + 1)]);

export function Order({ entity, project, runs, catalogue, order, onOrder, onClose }: Props) {
  const keys = useColumnKeys(entity, project, runs, catalogue, true);
  const turn = (i: number, sign: '+' | '-') => onOrder(order.map((k, n) => (n === i ? sign + columnOf(k) : k)));
  return (
    <Dialog open onClose={onClose} title="Order of the list" width={560} foot={<Button kind="primary" onClick={onClose}>Done</Button>}>
      <ol className={css.order}>
        {order.map((k, i) => {
          const c = columnOf(k), name = short(c);
          return (
            <li key={c}>
              <span className="cut" title={c} dir="auto">{i > 0 && <span className="dim">then </span>}{name}</span>
              <Segment label={`Direction of ${name}`} value={k.startsWith('+') ? '+' : '-'} onChange={(v) => turn(i, v)} options={[{ value: '-', label: 'highest first' }, { value: '+', label: 'lowest first' }]} />
              <Button kind="ghost" icon small disabled={i === 0} aria-label={`Order by ${name} sooner`} title="Sooner" onClick={() => onOrder(sooner(order, i))}>
                <Icon name="up" small />
              </Button>
              <Button kind="ghost" icon small disabled={order.length === 1} aria-label={`Do not order by ${name}`} title="Take out" onClick={() => onOrder(order.filter((_, n) => n !== i))}>
                <Icon name="x" small />
              </Button>
            </li>
          );
        })}
      </ol>
      <KeyPicker label="Keys" keys={keys} chosen={order.map(columnOf)} onChosen={(c) => c.length > 0 && onOrder(withColumns(order, c))} />
    </Dialog>
  );
}
