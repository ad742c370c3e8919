// The blocks of a report. Nothing of elsewhere is loaded: pictures, films and posts of other sites are links.
import { Fragment, lazy, Suspense, useMemo } from 'react';
import { Formula } from '../panel/markdown/Formula';
import { Words } from '../panel/markdown/Words';
import type { Place } from '../panel/spec';
import { highlight, languageOf } from '../parts/highlight';
import { Code, Notice, Waiting } from '../parts/surface';
import type { Block, Inline, Item } from './document';
import css from './report.module.css';
import code from '../file/code.module.css';

const Grid = lazy(() => import('./Grid').then((m) => ({ default: m.Grid })));
type Contents = { id: string; level: number; text: string }[];
type Props = { blocks: Block[]; place: Place; contents: Contents };

export const Blocks = ({ blocks, place, contents }: Props) => (
  <>
    {blocks.map((b, i) => (
      <One key={i} b={b} place={place} contents={contents} />
    ))}
  </>
);

function One({ b, place, contents }: { b: Block; place: Place; contents: Contents }) {
  switch (b.kind) {
    case 'heading':
      return <Heading b={b} place={place} contents={contents} />;
    case 'paragraph':
      return <p><Line of={b.children} /></p>;
    case 'quote':
      return <blockquote><Line of={b.children} /></blockquote>;
    case 'callout':
      return <div className={css.callout} role="note">{b.lines.map((l, i) => <p key={i}><Line of={l} /></p>)}</div>;
    case 'code':
      return <CodeBlock text={b.text} language={b.language} />;
    case 'markdown':
      return <Words text={b.text} />;
    case 'math':
      return <div className={css.math} tabIndex={0} role="region" aria-label="Formula"><Formula tex={b.tex} display /></div>;
    case 'image':
      return <Picture url={b.url} caption={b.caption} />;
    case 'list':
      return <List ordered={b.ordered} items={b.items} place={place} contents={contents} />;
    case 'rule':
      return <hr />;
    case 'contents':
      return <TableOfContents all={contents} />;
    case 'gallery':
      return <ul className={css.gallery}>{b.links.map((l, i) => <li key={i}><Out url={l.url}>{l.title}</Out>{l.text && <span className="dim">{l.text}</span>}</li>)}</ul>;
    case 'outside':
      return <Elsewhere what={b.what} url={b.url} />;
    case 'grid':
      return <Suspense fallback={<Waiting rows={4} label="Opening the panels" />}><Grid grid={b.grid} place={place} /></Suspense>;
    case 'unknown':
      return <Notice tone="info">Here is a block of the kind <code>{b.type}</code>, which this server cannot show yet. It stays in the report.</Notice>;
  }
}

function Heading({ b, place, contents }: { b: Extract<Block, { kind: 'heading' }>; place: Place; contents: Contents }) {
  // The report's title is the page's first heading; those in it follow one below.
  const H = (['h2', 'h3', 'h4'] as const)[b.level - 1]!;
  const head = <H id={b.id} className={css['h' + b.level]}><Line of={b.children} /></H>;
  if (!b.folded) return head;
  return (
    <details className={css.folded}>
      <summary>{head}</summary>
      <Blocks blocks={b.folded} place={place} contents={contents} />
    </details>
  );
}

const List = ({ ordered, items, place, contents }: { ordered: boolean; items: Item[]; place: Place; contents: Contents }) => {
  const L = ordered ? 'ol' : 'ul', checks = items.some((i) => i.checked !== undefined);
  return (
    <L className={checks ? css.checks : css.items}>
      {items.map((it, i) => (
        <li key={i}>
          {it.checked !== undefined && <input type="checkbox" checked={it.checked} disabled readOnly aria-label={it.checked ? 'done' : 'open'} />}
          <div><Line of={it.children} /><Blocks blocks={it.inside} place={place} contents={contents} /></div>
        </li>
      ))}
    </L>
  );
};

const TableOfContents = ({ all }: { all: Contents }) =>
  all.length === 0 ? null : (
    <nav className={css.contents} aria-label="Contents">
      <ul>
        {all.map((h) => (
          <li key={h.id} style={{ paddingLeft: (h.level - 1) * 16 }}>
            <a href={'#' + h.id}>{h.text || 'Untitled'}</a>
          </li>
        ))}
      </ul>
    </nav>
  );

function CodeBlock({ text, language }: { text: string; language: string }) {
  const lines = useMemo(() => highlight(text, languageOf({ python: 'a.py', json: 'a.json', yaml: 'a.yaml', javascript: 'a.js', css: 'a.css' }[language] ?? 'a.txt')), [text, language]);
  return (
    <Code text={text} label={language ? `Code, ${language}` : 'Code'}>
      {lines.map((l, i) => (
        <Fragment key={i}>
          {l.map((t, k) => <span key={k} className={{ word: code.word, text: code.string, number: code.number, note: code.note, name: code.name, in: code.in, out: code.out, head: code.fhead, '': '' }[t.kind]}>{t.text}</span>)}
          {'\n'}
        </Fragment>
      ))}
    </Code>
  );
}

/** Only http and https lead out; another scheme is text. */
const leads = (url: string): boolean => /^https?:\/\//i.test(url);

const Out = ({ url, children }: { url: string; children: React.ReactNode }) =>
  leads(url) ? <a href={url} target="_blank" rel="noreferrer noopener">{children}</a> : url.startsWith('#') ? <a href={url}>{children}</a> : <span title={url}>{children}</span>;

const Elsewhere = ({ what, url }: { what: string; url: string | null }) => (
  <p className={css.elsewhere}>
    Here is {what} of another site, which this page does not load{url ? <>: <Out url={url}>{url}</Out></> : '.'}
  </p>
);

function Picture({ url, caption }: { url: string; caption: Inline[] }) {
  const here = url.startsWith(location.origin + '/') || /^\/(files|artifactsV2)\//.test(url) || /^data:image\/(png|jpeg|gif|webp);/.test(url);
  if (!here) return <><Elsewhere what="a picture" url={url} />{caption.length > 0 && <p className={css.caption}><Line of={caption} /></p>}</>;
  return (
    <figure className={css.figure}>
      <img src={url} alt={caption.map((c) => (c.kind === 'text' ? c.text : '')).join('') || 'A picture without a caption'} loading="lazy" />
      {caption.length > 0 && <figcaption className={css.caption}><Line of={caption} /></figcaption>}
    </figure>
  );
}

const Line = ({ of }: { of: Inline[] }) => <>{of.map((c, i) => <Piece key={i} c={c} />)}</>;

function Piece({ c }: { c: Inline }) {
  if (c.kind === 'math') return <Formula tex={c.tex} />;
  if (c.kind === 'link') return <Out url={c.url}><Line of={c.children} /></Out>;
  let out: React.ReactNode = c.text;
  if (c.code) out = <code>{out}</code>;
  if (c.strike) out = <s>{out}</s>;
  if (c.underline) out = <u>{out}</u>;
  if (c.italic) out = <em>{out}</em>;
  if (c.bold) out = <strong>{out}</strong>;
  return <>{out}</>;
}
