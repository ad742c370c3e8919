import { expect, test } from 'vitest';
import { renderMarkdown } from './render';

test('nothing of the writer runs', () => {
  const html = renderMarkdown('<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x) <b>x</b>');
  expect(html).not.toMatch(/<script|<img|<b>|href="javascript|href="data:/);
});
test('links open elsewhere, images of elsewhere are links, of ours are images', () => {
  expect(renderMarkdown('[a](https://example.com)')).toContain('target="_blank" rel="noreferrer noopener"');
  expect(renderMarkdown('![pic](https://example.com/a.png)')).toBe('<p><a href="https://example.com/a.png" target="_blank" rel="noreferrer noopener">pic</a></p>\n');
  expect(renderMarkdown('![pic](/files/e/p/r/a.png)')).toContain('<img src="/files/e/p/r/a.png" alt="pic"');
});
test('formulas are MathML without styles, money stays money, a wrong one is shown as written', () => {
  const html = renderMarkdown('$x^2$ and $$\\frac{a}{b}$$');
  expect(html.match(/<math/g)).toHaveLength(2);
  expect(html).not.toMatch(/style=/);
  expect(renderMarkdown('$5 and $6')).toContain('$5 and $6');
  expect(renderMarkdown('$\\frac{$')).toContain('<code title=');
});
test('tables, code and tasks', () => {
  expect(renderMarkdown('|a|b|\n|-|-|\n|1|2|')).toContain('<table>');
  expect(renderMarkdown('- [x] done\n- [ ] not')).toMatch(/☑ done[\s\S]*☐ not/);
});
