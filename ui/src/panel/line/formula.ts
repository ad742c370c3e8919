// Expressions over metrics, as the server computes them (query/formula.go): read here so that a fault is marked where it
// stands, and so that names with slashes and blanks, which the server wants in ${ }, may be written plainly.

export type Formula = { text: string; names: string[] };
/** `at` is a place in the text, from 0. */
export type FormulaFault = { at: number; message: string };

const BARE = /[\p{L}\p{N}_.]/u;
const PLAIN = /^[\p{L}_][\p{L}\p{N}_.]*$/u;
const DEPTH = 100;

class Fault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

class Reader {
  private i = 0;
  private depth = 0;
  private readonly out: string[] = [];
  readonly names = new Set<string>();

  /** `known`, the longest first: names that may be written without ${ }. */
  constructor(
    private readonly s: string,
    private readonly known: string[],
  ) {}

  read(): string {
    this.sum();
    if (this.peek() !== '') throw new Fault(this.i, 'an operator is missing');
    return this.out.join(' ');
  }
  private peek(): string {
    while (this.i < this.s.length && ' \t\r\n'.includes(this.s[this.i]!)) this.i++;
    return this.s[this.i] ?? '';
  }
  private take(op: string): boolean {
    this.peek();
    if (!this.s.startsWith(op, this.i) || (op === '*' && this.s[this.i + 1] === '*')) return false;
    this.i += op.length;
    this.out.push(op);
    return true;
  }
  private sum(): void {
    if (++this.depth > DEPTH) throw new Fault(this.i, 'there are too many brackets within each other');
    do this.product();
    while (this.take('+') || this.take('-'));
    this.depth--;
  }
  private product(): void {
    do this.sign();
    while (this.take('*') || this.take('/') || this.take('%'));
  }
  private sign(): void {
    while (this.take('+') || this.take('-'));
    this.atom();
    if (!this.take('**')) return;
    if (++this.depth > DEPTH) throw new Fault(this.i, 'there are too many powers of powers');
    this.sign();
    this.depth--;
  }
  private atom(): void {
    const c = this.peek(), rest = this.s.slice(this.i);
    if (this.take('(')) {
      this.sum();
      if (!this.take(')')) throw new Fault(this.i, 'a ) is missing');
      return;
    }
    const quoted = /^\$\{([^}]+)\}/.exec(rest);
    if (quoted) return this.name(quoted[1]!, quoted[0].length);
    if (rest.startsWith('${')) throw new Fault(this.i, 'a name in ${ } is missing');
    const plain = this.known.find((k) => rest.startsWith(k) && !(BARE.test(k.at(-1)!) && BARE.test(rest[k.length] ?? '')));
    if (plain) return this.name(plain, plain.length);
    if (/[\d.]/.test(c)) {
      const number = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/.exec(rest)?.[0] ?? '';
      if (!number || BARE.test(rest[number.length] ?? '')) throw new Fault(this.i, 'this is not a number');
      this.out.push(number);
      this.i += number.length;
      return;
    }
    const word = /^[\p{L}\p{N}_.]+/u.exec(rest)?.[0];
    if (!word) throw new Fault(this.i, 'a value is missing');
    this.name(word, word.length);
  }
  private name(name: string, length: number): void {
    this.names.add(name);
    this.out.push(PLAIN.test(name) ? name : '${' + name + '}');
    this.i += length;
  }
}

/** An expression as the server reads it, or what is wrong with it and where. */
export function readFormula(text: string, known: string[]): Formula | FormulaFault {
  const r = new Reader(text, [...known].sort((a, b) => b.length - a.length));
  try {
    const out = r.read();
    return r.names.size ? { text: out, names: [...r.names] } : { at: 0, message: 'it names no metric' };
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { at: e.at, message: e.message };
  }
}
export const isFault = (f: Formula | FormulaFault): f is FormulaFault => 'at' in f;
export const faultWords = (f: FormulaFault): string => `at character ${f.at + 1} ${f.message}.`;
