// Markdown to HTML: no HTML of the writer's passes, links are checked, formulas become MathML (which needs no fonts).
import katex from 'katex';
import MarkdownIt from 'markdown-it';

const md = new MarkdownIt({ html: false, linkify: true, breaks: false });
const link = md.renderer.rules.link_open ?? ((tokens, i, o, _e, self) => self.renderToken(tokens, i, o));
md.renderer.rules.link_open = (tokens, i, o, env, self) => {
  tokens[i]!.attrSet('target', '_blank');
  tokens[i]!.attrSet('rel', 'noreferrer noopener');
  return link(tokens, i, o, env, self);
};
// Images of elsewhere would tell who reads; they become links.
md.renderer.rules.image = (tokens, i) => {
  const src = tokens[i]!.attrGet('src') ?? '', alt = tokens[i]!.content || src;
  if (/^\/(files|artifactsV2)\//.test(src)) return `<img src="${md.utils.escapeHtml(src)}" alt="${md.utils.escapeHtml(alt)}" loading="lazy">`;
  return `<a href="${md.utils.escapeHtml(src)}" target="_blank" rel="noreferrer noopener">${md.utils.escapeHtml(alt)}</a>`;
};
// A task list's boxes.
md.core.ruler.after('inline', 'tasks', (state) => {
  for (const t of state.tokens) {
    const first = t.children?.[0];
    const m = t.type === 'inline' && first?.type === 'text' ? /^\[([ xX])\] /.exec(first.content) : null;
    if (m) first!.content = (m[1] === ' ' ? '☐ ' : '☑ ') + first!.content.slice(4);
  }
});

function tex(text: string, display: boolean): string {
  try {
    return katex.renderToString(text, { output: 'mathml', displayMode: display, throwOnError: true, trust: false, maxExpand: 200, maxSize: 20 });
  } catch (e) {
    return `<code title="${md.utils.escapeHtml((e as Error).message)}">${md.utils.escapeHtml(text)}</code>`;
  }
}

md.inline.ruler.after('escape', 'math', (state, silent) => {
  if (state.src[state.pos] !== '$') return false;
  const two = state.src[state.pos + 1] === '$', mark = two ? '$$' : '$';
  const from = state.pos + mark.length, end = state.src.indexOf(mark, from);
  if (end < 0 || end === from) return false;
  const text = state.src.slice(from, end);
  // "$5 and $6" is money: a formula begins and ends beside something.
  if (!two && (/^\s|\s$/.test(text) || /^\d/.test(state.src.slice(end + 1)))) return false;
  if (!silent) {
    const t = state.push('math', '', 0);
    t.content = text;
    t.markup = mark;
  }
  state.pos = end + mark.length;
  return true;
});
md.renderer.rules.math = (tokens, i) => tex(tokens[i]!.content, tokens[i]!.markup === '$$');

/** A formula as MathML; what cannot be set stays as it was written. */
export const renderFormula = (text: string, display: boolean): string => tex(text.slice(0, 20_000), display);
export const renderMarkdown = (text: string): string => md.render(text.slice(0, 500_000));
