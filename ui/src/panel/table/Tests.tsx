// Tests of columns: rows pass all of them.
import { useState } from 'react';
import type { TableColumn, TableTest } from '../../data/media';
import { Button } from '../../parts/button';
import { Icon } from '../../parts/icon';
import { EditChoice, EditText } from '../inside/Inside';
import css from './table.module.css';

const OPS: { value: TableTest['op']; label: string }[] = [
  { value: '=', label: 'is' }, { value: '!=', label: 'is not' }, { value: '<', label: '<' }, { value: '<=', label: '≤' }, { value: '>', label: '>' }, { value: '>=', label: '≥' },
  { value: 'contains', label: 'contains' }, { value: 'matches', label: 'matches' }, { value: 'null', label: 'is empty' }, { value: 'not-null', label: 'is not empty' },
];

export function Tests({ columns, where, onWhere }: { columns: TableColumn[]; where: TableTest[]; onWhere: (w: TableTest[]) => void }) {
  const set = (i: number, change: Partial<TableTest>) => onWhere(where.map((t, k) => (k === i ? { ...t, ...change } : t)));
  return (
    <div className={css.tests} role="group" aria-label="Tests of columns">
      {where.map((t, i) => (
        <span key={i} className="row wrap">
          <EditChoice label={`Column of test ${i + 1}`} value={t.column} options={columns.map((c) => ({ value: c.name, label: c.name }))} onValue={(column) => set(i, { column })} />
          <EditChoice label={`Operator of test ${i + 1}`} value={t.op} options={OPS} onValue={(op) => set(i, { op: op as TableTest['op'] })} />
          {t.op !== 'null' && t.op !== 'not-null' && <Value test={t} label={`Value of test ${i + 1}`} number={columns.find((c) => c.name === t.column)?.type === 'number' && t.op !== 'contains' && t.op !== 'matches'} onValue={(value) => set(i, { value })} />}
          <Button kind="ghost" icon small aria-label={`Remove test ${i + 1}`} onClick={() => onWhere(where.filter((_, k) => k !== i))}><Icon name="x" small /></Button>
        </span>
      ))}
      <Button small onClick={() => onWhere([...where, { column: columns[0]?.name ?? '', op: columns[0]?.type === 'number' ? '>' : 'contains', value: '' }])}>
        <Icon name="plus" small />
        Test
      </Button>
    </div>
  );
}

/** What is typed is kept as typed; a number goes out as one. */
function Value({ test, label, number, onValue }: { test: TableTest; label: string; number: boolean; onValue: (v: unknown) => void }) {
  const [text, setText] = useState(test.value === undefined ? '' : String(test.value));
  return (
    <EditText
      label={label}
      value={text}
      onValue={(t) => {
        setText(t);
        onValue(number && t.trim() !== '' && Number.isFinite(Number(t)) ? Number(t) : t);
      }}
    />
  );
}
