// The query of runs as a tree and as text: two faces of one filter. The grammar is the server's (query/text.go).

export type QueryOp = ':' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~' | 'in' | 'within' | 'exists';
export type Condition = { kind: 'is'; field: string; op: QueryOp; values: Word[] };
/** A value as it was written: `quoted` texts are never numbers. */
export type Word = { text: string; quoted: boolean };
export type QueryNode = Condition | { kind: 'name'; word: Word } | { kind: 'not'; of: QueryNode } | { kind: 'all' | 'any'; of: QueryNode[] };
/** `at` and `end` are places in the text. */
export type QueryFault = { at: number; end: number; message: string };
export type Parsed = { tree: QueryNode | null; fault: null } | { tree: null; fault: QueryFault };
export type Token = { from: number; to: number; kind: 'field' | 'op' | 'value' | 'logic' | 'name' | 'bracket' };

const OPS = ['!=', '!~', '>=', '<=', '==', '>', '<', '=', '~', ':'] as const;
const DEPTH = 40;
const NAME_STOP = ' \t\r\n()[],:=!<>~"';
const VALUE_STOP = ' \t\r\n()[],';

class Fault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

class Parser {
  i = 0;
  depth = 0;
  tokens: Token[] = [];
  constructor(readonly s: string) {}

  blank(): void {
    while (this.i < this.s.length && /\s/.test(this.s[this.i]!)) this.i++;
  }
  put(kind: Token['kind'], from: number): void {
    if (this.i > from) this.tokens.push({ from, to: this.i, kind });
  }
  keyword(word: string, kind: Token['kind'] = 'logic'): boolean {
    this.blank();
    const at = this.i, end = at + word.length;
    if (this.s.slice(at, end).toLowerCase() !== word || (end < this.s.length && !' \t\r\n()['.includes(this.s[end]!))) return false;
    this.i = end;
    this.put(kind, at);
    return true;
  }
  all(): QueryNode {
    const parts: QueryNode[] = [];
    for (;;) {
      parts.push(this.not());
      if (this.keyword('and')) continue;
      const at = this.i, n = this.tokens.length;
      if (this.keyword('or')) {
        this.i = at;
        this.tokens.length = n;
        break;
      }
      this.blank();
      if (this.i === this.s.length || this.s[this.i] === ')') break;
    }
    return parts.length === 1 ? parts[0]! : { kind: 'all', of: parts };
  }
  any(): QueryNode {
    const parts = [this.all()];
    while (this.keyword('or')) parts.push(this.all());
    return parts.length === 1 ? parts[0]! : { kind: 'any', of: parts };
  }
  bracket(): void {
    this.i++;
    this.put('bracket', this.i - 1);
  }
  not(): QueryNode {
    if (++this.depth > DEPTH) throw new Fault(this.i, `more than ${DEPTH} levels`);
    try {
      let negated = this.keyword('not');
      this.blank();
      if (!negated && this.s[this.i] === '-' && this.i + 1 < this.s.length && this.s[this.i + 1] !== ' ') {
        negated = true;
        this.i++;
        this.put('logic', this.i - 1);
      }
      if (negated) return { kind: 'not', of: this.not() };
      this.blank();
      if (this.s[this.i] !== '(') return this.condition();
      const at = this.i;
      this.bracket();
      const inner = this.any();
      this.blank();
      if (this.s[this.i] !== ')') throw new Fault(at, 'a ) is missing');
      this.bracket();
      return inner;
    } finally {
      this.depth--;
    }
  }
  condition(): QueryNode {
    this.blank();
    const start = this.i, name = this.word(true);
    if (!name.text && !name.quoted) throw new Fault(start, 'a condition is missing');
    const after = this.i, field = name.text;
    const n = this.tokens.length;
    const named = () => this.tokens.splice(n, 0, { from: start, to: after, kind: 'field' });
    if (this.keyword('exists', 'op')) return named(), { kind: 'is', field, op: 'exists', values: [] };
    if (this.keyword('within', 'op')) return named(), { kind: 'is', field, op: 'within', values: [this.value(field)] };
    if (this.keyword('in', 'op')) {
      this.blank();
      if (this.s[this.i] === '[' || this.s[this.i] === '(') return named(), { kind: 'is', field, op: 'in', values: this.list() };
    }
    this.tokens.length = n;
    this.i = after;
    this.blank();
    const op = OPS.find((o) => this.s.startsWith(o, this.i));
    if (op) {
      const at = this.i;
      this.i += op.length;
      named();
      this.tokens.push({ from: at, to: this.i, kind: 'op' });
      return { kind: 'is', field, op: op === '==' ? '=' : op, values: [this.value(field)] };
    }
    this.i = after;
    this.tokens.push({ from: start, to: after, kind: 'name' });
    return { kind: 'name', word: name };
  }
  value(field: string): Word {
    this.blank();
    const at = this.i, w = this.word(false);
    if (!w.text && !w.quoted) throw new Fault(at, `a value is missing after ${field}`);
    this.put('value', at);
    return w;
  }
  list(): Word[] {
    const open = this.i, end = this.s[this.i] === '[' ? ']' : ')', out: Word[] = [];
    this.bracket();
    for (;;) {
      this.blank();
      if (this.i === this.s.length) throw new Fault(open, `a ${end} is missing`);
      if (this.s[this.i] === end) return this.bracket(), out;
      if (this.s[this.i] === ',') {
        this.i++;
        continue;
      }
      const at = this.i, w = this.word(false);
      if (!w.text && !w.quoted) throw new Fault(at, `${this.s[at]} cannot stand in a list`);
      this.put('value', at);
      out.push(w);
    }
  }
  word(name: boolean): Word {
    this.blank();
    const q = this.s[this.i];
    if (q === '"' || q === "'") return { text: this.quoted(q), quoted: true };
    const stop = name ? NAME_STOP : VALUE_STOP, start = this.i;
    while (this.i < this.s.length && !stop.includes(this.s[this.i]!)) this.i++;
    return { text: this.s.slice(start, this.i), quoted: false };
  }
  quoted(q: string): string {
    const at = this.i;
    let out = '';
    for (this.i++; this.i < this.s.length; this.i++) {
      const c = this.s[this.i]!, d = this.s[this.i + 1];
      if (c === q) return this.i++, out;
      if (c === '\\' && (d === q || d === '\\')) out += this.s[++this.i];
      else out += c;
    }
    throw new Fault(at, `the text does not end: a ${q} is missing`);
  }
}

/** Reads a query; null is the empty one, which finds all. A fault says where it is. */
export function parseQuery(text: string): Parsed {
  const p = new Parser(text);
  p.blank();
  if (p.i === text.length) return { tree: null, fault: null };
  try {
    const tree = p.any();
    if (p.i < text.length) throw new Fault(p.i, `${text[p.i]} has no ( before it`);
    return { tree, fault: null };
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { tree: null, fault: { at: Math.min(e.at, Math.max(0, text.length - 1)), end: text.length, message: e.message } };
  }
}

/** The parts of a text, for colours; of a text with a fault, those before it. */
export function tokens(text: string): Token[] {
  const p = new Parser(text);
  try {
    p.any();
  } catch {
    // What was read so far has its colours.
  }
  return p.tokens;
}

const KEYWORDS = /^(and|or|not|in|within|exists)$/i;
const quote = (s: string) => '"' + s.replace(/\\/g, '\\\\').replace(/"/g, '\\"') + '"';
const needsQuotes = (s: string, stop: string) => s === '' || [...s].some((c) => stop.includes(c) || /\s/.test(c)) || /^["'-]/.test(s) || KEYWORDS.test(s);
const fieldText = (s: string): string => (needsQuotes(s, NAME_STOP) ? quote(s) : s);
const valueText = (w: Word): string => (w.quoted || w.text === '' || [...w.text].some((c) => VALUE_STOP.includes(c) || /\s/.test(c)) || /^["']/.test(w.text) ? quote(w.text) : w.text);

function conditionText(c: Condition): string {
  const f = fieldText(c.field);
  if (c.op === 'exists') return `${f} exists`;
  if (c.op === 'in') return `${f} in [${c.values.map(valueText).join(', ')}]`;
  const v = valueText(c.values[0] ?? { text: '', quoted: true });
  if (c.op === ':') return `${f}:${v}`;
  return c.op === '~' || c.op === '!~' ? `${f}${c.op}${v}` : `${f} ${c.op} ${v}`;
}

/** The text of a tree: `parseQuery` makes the same tree of it. */
export function queryText(n: QueryNode | null, inside: 'none' | 'all' | 'not' = 'none'): string {
  if (!n) return '';
  switch (n.kind) {
    case 'is':
      return conditionText(n);
    case 'name':
      return n.word.quoted || needsQuotes(n.word.text, NAME_STOP) ? quote(n.word.text) : n.word.text;
    case 'not':
      return 'not ' + queryText(n.of, 'not');
    case 'all':
      if (n.of.length < 2) return queryText(n.of[0] ?? null, inside);
      return wrap(n.of.map((m) => queryText(m, 'all')).filter(Boolean).join(' and '), n.of.length > 1 && inside !== 'none');
    case 'any':
      if (n.of.length < 2) return queryText(n.of[0] ?? null, inside);
      return wrap(n.of.map((m) => (m.kind === 'any' ? wrap(queryText(m), true) : queryText(m, m.kind === 'all' ? 'none' : 'all'))).filter(Boolean).join(' or '), n.of.length > 1 && inside !== 'none');
  }
}
const wrap = (s: string, on: boolean) => (on ? `(${s})` : s);

/** A number as the query writes it. */
const plain = (n: number): string => String(Number(n.toPrecision(6)));

/** A stretch of a field's numbers; null is an open end. */
export type FieldRange = [number | null, number | null];

/** The conditions that all have to hold, where a query is nothing else at its top. Null: it cannot be read. */
function topOf(text: string): QueryNode[] | null {
  const { tree, fault } = parseQuery(text);
  if (fault) return null;
  return tree === null ? [] : tree.kind === 'all' ? tree.of : [tree];
}
const cuts = (n: QueryNode, field: string): n is Condition => n.kind === 'is' && n.field === field && (n.op === '>=' || n.op === '<=');
const lists = (n: QueryNode, field: string): n is Condition => n.kind === 'is' && n.field === field && n.op === 'in';

/** The text with a range of a field put in place of the one it had at its top level. Null takes the range away. */
export function withRange(text: string, field: string, range: FieldRange | null): string {
  const top = topOf(text);
  if (!top) return text;
  const rest = top.filter((n) => !cuts(n, field));
  const cut = (op: '>=' | '<=', v: number | null): Condition[] => (v === null ? [] : [{ kind: 'is', field, op, values: [{ text: plain(v), quoted: false }] }]);
  return queryText({ kind: 'all', of: range ? [...rest, ...cut('>=', range[0]), ...cut('<=', range[1])] : rest });
}
/** The range of a field at the top level of a query; null when it has none. */
export function rangeOf(text: string, field: string): FieldRange | null {
  const all = (topOf(text) ?? []).filter((n) => cuts(n, field));
  const end = (op: '>=' | '<='): number | null => {
    const v = Number(all.find((n) => n.op === op)?.values[0]?.text);
    return Number.isFinite(v) ? v : null;
  };
  const range: FieldRange = [end('>='), end('<=')];
  return range[0] === null && range[1] === null ? null : range;
}

/** The text with a list of a field's words put in place of the one it had at its top level. Null takes the list away. */
export function withWords(text: string, field: string, words: string[] | null): string {
  const top = topOf(text);
  if (!top) return text;
  const rest = top.filter((n) => !lists(n, field));
  return queryText({ kind: 'all', of: words ? [...rest, { kind: 'is', field, op: 'in', values: words.map((w) => ({ text: w, quoted: false })) }] : rest });
}
/** The words that a field may have by the top level of a query; null when it says nothing. */
export const wordsOf = (text: string, field: string): string[] | null => (topOf(text) ?? []).find((n) => lists(n, field))?.values.map((w) => w.text) ?? null;

/** The fields that a query names. */
export function fieldsOf(n: QueryNode | null): string[] {
  if (!n) return [];
  if (n.kind === 'is') return [n.field];
  if (n.kind === 'not') return fieldsOf(n.of);
  return n.kind === 'name' ? [] : n.of.flatMap(fieldsOf);
}

/** Fields of the run itself, as the server names them. */
export const RUN_FIELDS = ['name', 'display_name', 'state', 'tags', 'group', 'job_type', 'username', 'notes', 'host', 'program', 'commit', 'repo', 'sweep', 'created_at', 'updated_at', 'heartbeat_at', 'duration', 'ordinal', 'history_line_count', 'exit_code', 'gaps', 'stop', 'input_artifacts', 'output_artifacts'];
const ALIASES = new Set(['id', 'run_id', 'runid', 'display', 'displayname', 'tag', 'jobtype', 'hostname', 'user', 'user.username', 'user.name', 'description', 'created', 'createdat', 'updated', 'updatedat', 'heartbeat', 'heartbeatat', 'runtime', 'steps', 'exitcode', 'step', 'project', 'entity', 'inputartifacts', 'outputartifacts', 'sweepname', 'stopped', 'historylinecount']);

/** Whether a field can be asked for: of config and summary also when no run of late has it. */
export const knownField = (f: string): boolean => RUN_FIELDS.includes(f) || ALIASES.has(f.toLowerCase()) || ALIASES.has(f.toLowerCase().replaceAll('_', '')) || f.startsWith('_') || /^(config|summary_metrics|summaryMetrics|summary|keys_info\.keys|tags)\../.test(f);

/** What the server looks up when a name is no field: metrics and settings without their prefix (design/141). */
export function shortNames(columns: { column: string }[]): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const { column } of columns) {
    const m = /^(?:config|summary_metrics)\.(.+)$/.exec(column), name = m?.[1]!.replaceAll('\\.', '.');
    if (name && !knownField(name)) all.set(name, [...(all.get(name) ?? []), column]);
  }
  return all;
}

/** What can be written next: the word that ends at the caret, and what may stand in its place. */
export type Suggestion = { from: number; to: number; items: { text: string; note: string }[] };
export function suggest(text: string, caret: number, columns: { column: string; type: string }[], valuesOf: (field: string) => string[]): Suggestion | null {
  const before = text.slice(0, caret);
  const m = /(?:^|[\s(])(-?)([^\s()[\],:=!<>~"]*)$/.exec(before);
  const v = /([^\s()[\],:=!<>~"]+)\s*(:|!=|==|=|in\s*\[(?:[^\]]*,)?)\s*"?([^\s()[\],"]*)$/.exec(before);
  if (v) {
    const word = v[3]!.toLowerCase();
    const items = valuesOf(v[1]!).filter((x) => x.toLowerCase().includes(word) && x.toLowerCase() !== word).slice(0, 8).map((x) => ({ text: valueText({ text: x, quoted: false }), note: '' }));
    return items.length ? { from: caret - v[3]!.length, to: caret, items } : null;
  }
  if (!m) return null;
  const word = m[2]!, low = word.toLowerCase(), from = caret - word.length;
  const last = parseQuery(before.slice(0, from)).tree;
  if (word === '' && before.trim() !== '' && last) {
    const tail = tokens(before)[tokens(before).length - 1];
    if (tail && (tail.kind === 'value' || tail.kind === 'op')) return { from, to: caret, items: [{ text: 'and', note: 'both' }, { text: 'or', note: 'either' }] };
    if (tail?.kind === 'name') return { from, to: caret, items: OP_WORDS };
    return null;
  }
  if (word === '') return null;
  const short = low.startsWith('summary') ? new Map<string, string[]>() : shortNames(columns);
  const named = (c: { column: string; type: string }) => {
    const name = c.column.startsWith('summary_metrics.') ? c.column.slice(16).replaceAll('\\.', '.') : '';
    return short.get(name)?.length === 1 && !needsQuotes(name, NAME_STOP) ? { text: name, note: 'metric' } : { text: c.column, note: c.type };
  };
  const known = [...RUN_FIELDS.map((f) => ({ column: f, type: 'run' })), ...columns];
  const score = (c: string) => (c.toLowerCase().startsWith(low) ? 0 : c.toLowerCase().replace(/^(config|summary_metrics)\./, '').startsWith(low) ? 1 : c.toLowerCase().includes(low) ? 2 : 3);
  const items = known.filter((c) => c.column !== word && score(c.column) < 3).sort((a, b) => score(a.column) - score(b.column) || a.column.length - b.column.length).slice(0, 8).map(named).filter((it) => it.text !== word);
  return items.length ? { from, to: caret, items } : null;
}
const OP_WORDS = [':', '=', '!=', '>', '<', '>=', '<=', '~', 'in [', 'within 7d', 'exists'].map((text) => ({ text, note: 'operator' }));
