import { expect, test } from 'vitest';
import { fieldsOf, knownField, parseQuery, queryText, shortNames, suggest, tokens, type QueryNode, type QueryOp, withRange } from './runquery';

const again = (s: string) => queryText(parseQuery(s).tree);

test('text becomes a tree and the same text again', () => {
  for (const s of ['state:running and config.lr > 0.001 and (tags:paper or not username:ci-bot)', 'a b', 'config.opt in [adam, "s g d"]', 'created_at within 7d', 'config.x exists', 'name~^a.*b$', 'not (a or b)', '"and"', 'state != "finished"']) expect(parseQuery(again(s))).toEqual(parseQuery(s));
  expect(again('state:running  config.lr>1e-3')).toBe('state:running and config.lr > 1e-3');
  expect(again('-tag:x')).toBe('not tag:x');
  expect(parseQuery('  ')).toEqual({ tree: null, fault: null });
});

test('a fault says where it is', () => {
  for (const [s, at, word] of [['a and (b or c', 6, ')'], ['state:', 5, 'value'], ['a )', 2, '('], ['x "abc', 2, 'end'], ['lr in [1, (', 10, 'list'], ['a and', 4, 'condition']] as const) {
    const { fault } = parseQuery(s);
    expect(fault?.at, s).toBe(at);
    expect(fault?.message, s).toContain(word);
  }
});

/** The same numbers every time. */
function dice(seed: number) {
  return (n: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

test('any tree survives its text', () => {
  const roll = dice(7), pick = <T,>(a: readonly T[]): T => a[roll(a.length)]!;
  const TEXTS = ['a', 'lr', 'x.y/z', 'two words', 'and', 'OR', '', 'a"b', "it's", '\\', 'a\\"', '-5', '1e-3', 'ключ', '🙂', 'a,b', 'x]', '(', 'within', '"', 'a:b', '~x', 'new\nline', 'in'];
  const OPS: QueryOp[] = [':', '=', '!=', '<', '<=', '>', '>=', '~', '!~', 'in', 'within', 'exists'];
  const word = () => ({ text: pick(TEXTS), quoted: roll(2) === 0 });
  // A text with signs of its own can only be written in quotes.
  const written = (w: { text: string; quoted: boolean }) => ({ ...w, quoted: w.quoted || w.text === '' || /[\s()[\],]/.test(w.text) || /^["']/.test(w.text) });
  const tree = (depth: number, parent: string): QueryNode => {
    const k = depth > 3 ? roll(2) : roll(5);
    if (k < 2) {
      if (roll(4) === 0) {
        const w = word();
        return { kind: 'name', word: { ...w, quoted: w.quoted || w.text === '' || /[\s()[\],:=!<>~"]/.test(w.text) || /^["'-]/.test(w.text) || /^(and|or|not|in|within|exists)$/i.test(w.text) } };
      }
      const op = pick(OPS), field = pick(TEXTS.filter((t) => t !== ''));
      return { kind: 'is', field, op, values: op === 'exists' ? [] : Array.from({ length: op === 'in' ? roll(4) : 1 }, () => written(word())) };
    }
    if (k === 2) return { kind: 'not', of: tree(depth + 1, 'not') };
    const kind = parent === 'all' ? 'any' : parent === 'any' ? 'all' : pick(['all', 'any'] as const);
    return { kind, of: Array.from({ length: 2 + roll(2) }, () => tree(depth + 1, kind)) };
  };
  for (let i = 0; i < 800; i++) {
    const t = tree(0, ''), s = queryText(t);
    expect(parseQuery(s), s).toEqual({ tree: t, fault: null });
  }
});

test('any text is read or refused, and its parts lie within it', () => {
  const roll = dice(3), bits = ['a', ' ', '(', ')', '"', "'", '[', ']', ':', '!=', '~', 'and ', 'or ', 'not ', 'in ', 'within ', '-', '\\', '1e3', ',', 'é'];
  for (let i = 0; i < 1500; i++) {
    const s = Array.from({ length: roll(14) }, () => bits[roll(bits.length)]).join('');
    const p = parseQuery(s);
    if (p.fault) expect(p.fault.at).toBeLessThanOrEqual(s.length);
    else expect(again(queryText(p.tree)), s).toBe(queryText(p.tree));
    const places = tokens(s).flatMap((t) => [t.from, t.to]);
    expect(places, s).toEqual(places.filter((x, k) => x >= (places[k - 1] ?? 0) && x <= s.length));
  }
});

test('a range takes the place of the one before', () => {
  let s = withRange('state:finished or a', 'config.lr', [0.001, 0.1]);
  expect(s).toBe('(state:finished or a) and config.lr >= 0.001 and config.lr <= 0.1');
  s = withRange(s, 'config.lr', [1, 2]);
  expect(s).toBe('(state:finished or a) and config.lr >= 1 and config.lr <= 2');
  expect(withRange(s, 'config.lr', null)).toBe('state:finished or a');
  expect(withRange('a (', 'x', [1, 2])).toBe('a (');
});

test('fields and what may follow', () => {
  expect(fieldsOf(parseQuery('a:1 or not (config.b > 2 and word)').tree)).toEqual(['a', 'config.b']);
  expect([knownField('config.lr'), knownField('tag'), knownField('job_type'), knownField('nope')]).toEqual([true, true, true, false]);
  const cols = [{ column: 'config.lr', type: 'number' }];
  expect(suggest('lr', 2, cols, () => [])?.items[0]).toEqual({ text: 'config.lr', note: 'number' });
  expect(suggest('state:fi', 8, cols, (f) => (f === 'state' ? ['finished', 'failed'] : []))).toEqual({ from: 6, to: 8, items: [{ text: 'finished', note: '' }] });
  expect(suggest('state:finished ', 15, cols, () => [])?.items.map((i) => i.text)).toEqual(['and', 'or']);
});

test('a metric or setting may lack its prefix, and completion offers it so where it is the only one', () => {
  const columns = ['summary_metrics.val/top1', 'summary_metrics.both', 'config.both', 'config.lr', 'summary_metrics.state', 'summary_metrics.two words', 'summary_metrics.a\\.b'].map((column) => ({ column, type: 'number' }));
  const short = shortNames(columns);
  expect([...short.keys()]).toEqual(['val/top1', 'both', 'lr', 'two words', 'a.b']);
  expect(short.get('both')).toEqual(['summary_metrics.both', 'config.both']);
  const offered = (text: string) => suggest(text, text.length, columns, () => [])?.items.map((i) => i.text);
  expect(offered('val')).toEqual(['val/top1']);
  expect(offered('bot')).toEqual(['config.both', 'summary_metrics.both']);
  expect(offered('summary_metrics.v')).toContain('summary_metrics.val/top1');
  expect(offered('two')).toEqual(['summary_metrics.two words']);
});
