import { expect, test } from 'vitest';
import { highlight, languageOf, type Language } from './highlight';

const marked = (text: string, l: Language) => highlight(text, l).map((line) => line.map((t) => (t.kind ? `<${t.kind}>${t.text}</>` : t.text)).join(''));

test('python: words, texts, numbers, notes; a text over lines stays one', () => {
  expect(marked('def f(x):  # what\n    return "a#b" + 1e-3', 'python')).toEqual(['<word>def</> f(x):  <note># what</>', '    <word>return</> <text>"a#b"</> + <number>1e-3</>']);
  expect(marked('s = """one\ntwo"""\nx2 = 3', 'python')).toEqual(['s = <text>"""one</>', '<text>two"""</>', 'x2 = <number>3</>']);
});
test('a diff by its lines', () => {
  expect(marked('diff --git a/x b/x\n@@ -1 +1 @@\n-old\n+new\n same', 'diff')).toEqual(['<head>diff --git a/x b/x</>', '<name>@@ -1 +1 @@</>', '<out>-old</>', '<in>+new</>', ' same']);
});
test('nothing is lost or made up, whatever the text', () => {
  const nasty = 'a "open\n\'\'\' never closed\n/* nor this `\n# ü 🎉 <b>&amp;\n\n0x 1..2 @ $ {';
  for (const l of ['python', 'json', 'yaml', 'shell', 'c', 'diff', 'plain'] as const) expect(highlight(nasty, l).map((x) => x.map((t) => t.text).join('')).join('\n')).toBe(nasty);
});
test('long texts take linear time', () => {
  const start = performance.now();
  highlight('"'.repeat(200_000), 'python');
  highlight('/*'.repeat(100_000), 'c');
  expect(performance.now() - start).toBeLessThan(2000);
});
test('the language by the name', () => {
  expect(['a/b.py', 'x.yaml', 'Makefile', 'diff.patch', 'k.cu', 'README'].map(languageOf)).toEqual(['python', 'yaml', 'shell', 'diff', 'c', 'plain']);
});
