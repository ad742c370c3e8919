// Terminal colours in console lines: ECMA-48 SGR sequences become spans, every other control is dropped.

export type Span = { text: string; colour?: string; bold?: true; dim?: true; italic?: true; underline?: true };

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
// CSI, OSC, and the two-byte escapes; then the controls that move the cursor or ring the bell.
const ESCAPE = /\x1b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g;

/** Colour 0 to 255 of the terminal's table: the first 16 are the theme's. */
function indexed(n: number): string {
  if (n < 16) return `var(--ansi-${NAMES[n % 8]})`;
  if (n >= 232) {
    const g = 8 + (n - 232) * 10;
    return `rgb(${g} ${g} ${g})`;
  }
  const level = (v: number) => (v === 0 ? 0 : 55 + v * 40);
  const c = n - 16;
  return `rgb(${level(Math.floor(c / 36))} ${level(Math.floor(c / 6) % 6)} ${level(c % 6)})`;
}

type Pen = Omit<Span, 'text'>;

/** Applies the numbers of one SGR sequence. */
function turn(pen: Pen, codes: number[]): Pen {
  let p: Pen = { ...pen };
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i]!;
    if (c === 0) p = {};
    else if (c === 1) p.bold = true;
    else if (c === 2) p.dim = true;
    else if (c === 3) p.italic = true;
    else if (c === 4) p.underline = true;
    else if (c === 22) { delete p.bold; delete p.dim; }
    else if (c === 23) delete p.italic;
    else if (c === 24) delete p.underline;
    else if (c >= 30 && c <= 37) p.colour = indexed(c - 30);
    else if (c >= 90 && c <= 97) p.colour = indexed(c - 90 + 8);
    else if (c === 39) delete p.colour;
    else if (c === 38 && codes[i + 1] === 5) { p.colour = indexed(Math.min(255, codes[i + 2] ?? 0)); i += 2; }
    else if (c === 38 && codes[i + 1] === 2) { p.colour = `rgb(${codes[i + 2] ?? 0} ${codes[i + 3] ?? 0} ${codes[i + 4] ?? 0})`; i += 4; }
    else if (c === 48) i += codes[i + 1] === 5 ? 2 : codes[i + 1] === 2 ? 4 : 0; // no backgrounds: rows have their own
  }
  return p;
}

/** The spans of one line. A line without escapes is one span. */
export function spans(line: string): Span[] {
  const out: Span[] = [];
  let pen: Pen = {};
  let at = 0;
  const put = (text: string) => { if (text) out.push({ text, ...pen }); };
  for (const m of line.matchAll(ESCAPE)) {
    put(line.slice(at, m.index));
    at = m.index + m[0].length;
    if (m[2] === 'm') pen = turn(pen, (m[1] ?? '').split(/[;:]/).map((s) => Number(s) || 0));
  }
  put(line.slice(at));
  return out.length ? out : [{ text: '' }];
}

/** The line as a search sees it. */
export const plain = (line: string): string => line.replace(ESCAPE, '');

/** Splits spans at the matches of a search; the parts inside a match have `hit`. */
export function marked(parts: Span[], find: RegExp | null): (Span & { hit?: true })[] {
  if (!find) return parts;
  const text = parts.map((p) => p.text).join('');
  const edges: [number, number][] = [];
  for (const m of text.matchAll(find)) if (m[0]) edges.push([m.index, m.index + m[0].length]);
  if (!edges.length) return parts;
  const out: (Span & { hit?: true })[] = [];
  let start = 0;
  for (const p of parts) {
    let from = start;
    const end = start + p.text.length;
    for (const [a, b] of edges) {
      if (b <= from || a >= end) continue;
      if (a > from) out.push({ ...p, text: text.slice(from, a) });
      out.push({ ...p, text: text.slice(Math.max(a, from), Math.min(b, end)), hit: true });
      from = Math.min(b, end);
    }
    if (from < end) out.push({ ...p, text: text.slice(from, end) });
    start = end;
  }
  return out;
}
