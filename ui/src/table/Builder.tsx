// The query as rows of a form: the same tree as the text. What rows cannot show stays text.
import { knownField, parseQuery, queryText, RUN_FIELDS, shortNames, type Condition, type QueryNode, type QueryOp } from '../data/runquery';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Notice } from '../parts/surface';
import css from './table.module.css';

type Props = { q: string; onQuery: (q: string) => void; columns: { column: string; type: string }[]; valuesOf: (field: string) => string[] };
const OPS: { op: QueryOp; word: string }[] = [
  { op: ':', word: 'is like' }, { op: '=', word: '=' }, { op: '!=', word: '≠' }, { op: '>', word: '>' }, { op: '>=', word: '≥' }, { op: '<', word: '<' }, { op: '<=', word: '≤' }, { op: 'in', word: 'is one of' }, { op: '~', word: 'matches' }, { op: '!~', word: 'does not match' }, { op: 'within', word: 'within' }, { op: 'exists', word: 'exists' },
];
const NEW: Condition = { kind: 'is', field: 'state', op: ':', values: [{ text: 'running', quoted: false }] };

export function Builder({ q, onQuery, columns, valuesOf }: Props) {
  const { tree, fault } = parseQuery(q);
  if (fault) return <div className={css.rules}><Notice>The query cannot be shown as rows: {fault.message}.</Notice></div>;
  const short = shortNames(columns), odd = (f: string) => !knownField(f) && !short.has(f);
  const put = (n: QueryNode | null) => onQuery(queryText(n));
  const top: QueryNode = tree && (tree.kind === 'all' || tree.kind === 'any') ? tree : { kind: 'all', of: tree ? [tree] : [] };
  return (
    <div className={css.rules} role="group" aria-label="Filter">
      <Group node={top} onNode={put} valuesOf={valuesOf} odd={odd} />
      <datalist id="fields">
        {[...RUN_FIELDS, ...columns.slice(0, 500).map((c) => c.column)].map((f) => (
          <option key={f} value={f} />
        ))}
      </datalist>
    </div>
  );
}

type Many = Extract<QueryNode, { kind: 'all' | 'any' }>;
type Fields = { valuesOf: Props['valuesOf']; odd: (field: string) => boolean };
function Group({ node, onNode, onGone, ...fields }: { node: Many; onNode: (n: QueryNode | null) => void; onGone?: () => void } & Fields) {
  const set = (of: QueryNode[]) => onNode(of.length ? { ...node, of } : null);
  const change = (i: number, n: QueryNode | null) => set(n ? node.of.map((m, k) => (k === i ? n : m)) : node.of.filter((_, k) => k !== i));
  return (
    <div className={css.nest}>
      <div className={css.rule}>
        <select aria-label="Which of these" value={node.kind} onChange={(e) => onNode({ ...node, kind: e.target.value as 'all' | 'any' })}>
          <option value="all">All of these</option>
          <option value="any">Any of these</option>
        </select>
        <Button kind="ghost" small onClick={() => set([...node.of, NEW])}>
          <Icon name="plus" small />
          Condition
        </Button>
        <Button kind="ghost" small onClick={() => set([...node.of, { kind: node.kind === 'all' ? 'any' : 'all', of: [NEW, { ...NEW, values: [{ text: 'finished', quoted: false }] }] }])}>
          <Icon name="plus" small />
          Group
        </Button>
        {onGone && <Gone what="group" onGone={onGone} />}
      </div>
      {node.of.map((n, i) =>
        n.kind === 'all' || n.kind === 'any' ? (
          <Group key={i} node={n} onNode={(m) => change(i, m)} onGone={() => change(i, null)} {...fields} />
        ) : (
          <Rule key={i} node={n} onNode={(m) => change(i, m)} {...fields} />
        ),
      )}
    </div>
  );
}

function Rule({ node, onNode, valuesOf, odd }: { node: QueryNode; onNode: (n: QueryNode | null) => void } & Fields) {
  const negated = node.kind === 'not', c = negated ? node.of : node;
  const back = (n: QueryNode) => onNode(negated ? { kind: 'not', of: n } : n);
  if (c.kind !== 'is')
    return (
      <div className={css.rule}>
        <span className="dim">{c.kind === 'name' ? 'Name contains' : 'As text'}</span>
        <Written label="Text of the query" value={c.kind === 'name' ? c.word.text : queryText(node)} onValue={(t) => (c.kind === 'name' ? back({ kind: 'name', word: { text: t, quoted: true } }) : onNode(parseQuery(t).tree))} />
        <Gone what="condition" onGone={() => onNode(null)} />
      </div>
    );
  const values = c.values.map((v) => v.text);
  return (
    <div className={css.rule}>
      <select aria-label="Holds or not" value={negated ? 'not' : ''} onChange={(e) => onNode(e.target.value ? { kind: 'not', of: c } : c)}>
        <option value="">is</option>
        <option value="not">not</option>
      </select>
      <Written label="Field" list="fields" bad={odd(c.field)} value={c.field} onValue={(field) => field && back({ ...c, field })} />
      <select
        aria-label="Operator"
        value={c.op}
        onChange={(e) => {
          const op = e.target.value as QueryOp;
          back({ ...c, op, values: op === 'exists' ? [] : op === 'in' || c.values.length === 1 ? c.values : [c.values[0] ?? { text: op === 'within' ? '7d' : '', quoted: false }] });
        }}
      >
        {OPS.map((o) => (
          <option key={o.op} value={o.op}>
            {o.word}
          </option>
        ))}
      </select>
      {c.op !== 'exists' && <Written label={c.op === 'in' ? 'Values, commas between' : 'Value'} options={valuesOf(c.field)} value={values.join(', ')} onValue={(t) => back({ ...c, values: (c.op === 'in' ? t.split(',').map((x) => x.trim()).filter(Boolean) : [t]).map((text) => ({ text, quoted: false })) })} />}
      <Gone what="condition" onGone={() => onNode(null)} />
    </div>
  );
}

/** A field that is taken when it is left or Enter is pressed. */
function Written({ label, value, onValue, list, options, bad }: { label: string; value: string; onValue: (t: string) => void; list?: string; options?: string[]; bad?: boolean }) {
  const own = options?.length ? 'v' + label + value : undefined;
  return (
    <>
      <input key={value} aria-label={label} aria-invalid={bad || undefined} defaultValue={value} list={list ?? own} spellCheck={false} autoComplete="off" onBlur={(e) => e.target.value !== value && onValue(e.target.value)} onKeyDown={(e) => e.key === 'Enter' && e.currentTarget.blur()} />
      {own && (
        <datalist id={own}>
          {options!.map((o) => (
            <option key={o} value={o} />
          ))}
        </datalist>
      )}
    </>
  );
}

const Gone = ({ what, onGone }: { what: string; onGone: () => void }) => (
  <Button kind="ghost" small icon aria-label={`Remove the ${what}`} onClick={onGone}>
    <Icon name="x" small />
  </Button>
);
