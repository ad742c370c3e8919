// Colours for code: one pass over the text, enough for reading. Not a parser: what it does not know stays plain.
export type Token = { text: string; kind: 'word' | 'text' | 'number' | 'note' | 'name' | 'in' | 'out' | 'head' | '' };
export type Language = 'python' | 'json' | 'yaml' | 'shell' | 'c' | 'diff' | 'plain';

const NAMES: [RegExp, Language][] = [
  [/\.(py|pyi|ipynb)$/i, 'python'], [/\.jsonl?$/i, 'json'], [/\.(ya?ml|toml|cfg|ini|conf)$/i, 'yaml'], [/(\.(sh|bash|zsh|sbatch|slurm)|(^|\/)(Makefile|Dockerfile))$/i, 'shell'],
  [/\.(c|h|cc|cpp|hpp|cu|cuh|js|ts|tsx|jsx|go|rs|java|kt|scala|css)$/i, 'c'], [/\.(patch|diff)$/i, 'diff'],
];
export const languageOf = (name: string): Language => NAMES.find(([re]) => re.test(name))?.[1] ?? 'plain';

const WORDS: Record<string, string> = {
  python: 'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match case nonlocal not or pass raise return try while with yield self',
  json: 'true false null NaN Infinity',
  yaml: 'true false null yes no on off',
  shell: 'if then else elif fi for in do done while case esac function return export local set exit FROM RUN COPY ENV CMD',
  c: 'auto bool break case catch char class const continue default defer delete do double else enum export extern false final float fn for func function go if impl import in inline int interface let long match mod mut namespace new nil null nullptr package private protected pub public return self short signed sizeof static struct super switch template this throw trait true try type typedef typename undefined union unsigned use using var virtual void volatile while async await yield',
};
const words = new Map(Object.entries(WORDS).map(([l, w]) => [l, new Set(w.split(' '))]));

const PIECES: Record<string, RegExp> = {
  python: /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(#[^\n]*)|(@[A-Za-z_][\w.]*)|\b(0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?j?)\b|([A-Za-z_]\w*)/g,
  json: /("(?:\\.|[^"\\\n])*"?)|(\/\/[^\n]*)|((?!))|(-?\b\d+\.?\d*(?:[eE][+-]?\d+)?)\b|([A-Za-z_]\w*)/g,
  yaml: /("(?:\\.|[^"\\\n])*"?|'[^'\n]*'?)|((?:^|(?<=\s))[#;][^\n]*)|((?:^|(?<=\n))\s*(?:- )?[\w./-]+(?=\s*[:=])|(?:^|(?<=\n))\[[^\]\n]+\])|(-?\b\d+\.?\d*(?:[eE][+-]?\d+)?)\b|([A-Za-z_]\w*)/g,
  shell: /("(?:\\.|[^"\\])*"?|'[^']*'?)|((?:^|(?<=\s))#[^\n]*)|(\$\{?[A-Za-z_]\w*\}?)|\b(\d+)\b|([A-Za-z_]\w*)/g,
  c: /("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*`?)|(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|((?:^|(?<=\n))#\w+|@\w+)|\b(0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?[fuUlL]*)\b|([A-Za-z_]\w*)/g,
};
const KINDS = ['', 'text', 'note', 'name', 'number'] as const;

/** The lines of a text, each in coloured pieces; together they are the text, without its line ends. */
export function highlight(text: string, language: Language): Token[][] {
  const plain = text.replace(/\r\n/g, '\n');
  if (language === 'diff') return plain.split('\n').map((l) => [{ text: l, kind: diffKind(l) }]);
  const re = PIECES[language];
  const lines: Token[][] = [[]];
  const put = (piece: string, kind: Token['kind']) => {
    piece.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part) lines[lines.length - 1]!.push({ text: part, kind });
    });
  };
  let at = 0;
  if (re)
    for (const m of plain.matchAll(re)) {
      const group = m.slice(1).findIndex((g) => g !== undefined) + 1;
      const kind = group === 5 ? (words.get(language)?.has(m[0]) ? 'word' : '') : (KINDS[group] ?? '');
      if (!kind) continue;
      put(plain.slice(at, m.index), '');
      put(m[0], kind);
      at = m.index + m[0].length;
    }
  put(plain.slice(at), '');
  return lines;
}

const diffKind = (l: string): Token['kind'] => (/^(diff |index |--- |\+\+\+ |new file|deleted file|similarity|rename |Binary )/.test(l) ? 'head' : l.startsWith('@@') ? 'name' : l.startsWith('+') ? 'in' : l.startsWith('-') ? 'out' : '');
