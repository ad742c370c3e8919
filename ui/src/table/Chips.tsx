// Groups, order and baseline as chips that can be taken away.
import { useState, type ReactNode } from 'react';
import { RUN_FIELDS } from '../data/runquery';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { Button } from '../parts/button';
import { FieldList } from './Picker';
import { columnOf, type Sort } from './columns';
import css from './table.module.css';

type Props = { by: string[]; sort: Sort[]; columns: { column: string; type: string; runs: number }[]; base: string | null; onBy: (l: string[]) => void; onSort: (l: Sort[]) => void; onBase: () => void };
const GROUPS = ['state', 'username', 'group', 'job_type', 'tags', 'sweep', 'host'];
const nameOf = (f: string) => {
  const c = columnOf(f, {});
  return c.prefix + c.title;
};

export function Chips({ by, sort, columns, base, onBy, onSort, onBase }: Props) {
  const [adding, setAdding] = useState<'group' | 'sort' | null>(null);
  const list = adding === 'group' ? [...GROUPS.map((column) => ({ column, type: 'run', runs: 0 })), ...columns.filter((c) => c.column.startsWith('config.'))] : [...RUN_FIELDS.map((column) => ({ column, type: 'run', runs: 0 })), ...columns];
  return (
    <div className={css.chips}>
      <span>Group</span>
      {by.map((f) => (
        <Tok key={f} what={`group by ${nameOf(f)}`} onGone={() => onBy(by.filter((x) => x !== f))}>
          <span className="cut">{nameOf(f)}</span>
        </Tok>
      ))}
      <Button kind="ghost" small icon aria-label="Group by a field" title="Group by a field" onClick={() => setAdding('group')}>
        <Icon name="plus" small />
      </Button>
      <span>Sort</span>
      {sort.map((k) => (
        <Tok key={k.field} what={`order by ${nameOf(k.field)}`} onGone={() => onSort(sort.filter((x) => x !== k))}>
          <button type="button" className={css.turn} aria-label={`${nameOf(k.field)}, ${k.desc ? 'falling' : 'rising'}: turn round`} onClick={() => onSort(sort.map((x) => (x === k ? { ...k, desc: !k.desc } : x)))}>
            <span aria-hidden="true">{k.desc ? '↓' : '↑'}</span>
            <span className="cut">{nameOf(k.field)}</span>
          </button>
        </Tok>
      ))}
      {sort.length === 0 && <span>newest first</span>}
      <Button kind="ghost" small icon aria-label="Add to the order" title="Add to the order" onClick={() => setAdding('sort')}>
        <Icon name="plus" small />
      </Button>
      <span className="grow" />
      {base !== null && (
        <>
          <span>Compared with</span>
          <Tok what="baseline" onGone={onBase}>
            <span className="cut">{base}</span>
          </Tok>
        </>
      )}
      {adding && (
        <Dialog open onClose={() => setAdding(null)} title={adding === 'group' ? 'Group runs by' : 'Order runs by'} width={460} foot={<Button onClick={() => setAdding(null)}>Close</Button>}>
          <FieldList
            columns={list}
            chosen={adding === 'group' ? by : sort.map((k) => k.field)}
            onToggle={(f, on) => {
              if (adding === 'group') onBy(on ? [...by, f] : by.filter((x) => x !== f));
              else onSort(on ? [...sort, { field: f, desc: true }] : sort.filter((k) => k.field !== f));
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

const Tok = ({ what, onGone, children }: { what: string; onGone: () => void; children: ReactNode }) => (
  <span className={css.tok}>
    {children}
    <button type="button" aria-label={`Remove ${what}`} onClick={onGone}>
      <Icon name="x" small />
    </button>
  </span>
);
