// Markdown as a part of a page: descriptions, reports. Loaded when there is some.
import { lazy, Suspense } from 'react';
import css from './markdown.module.css';

const Rendered = lazy(() =>
  import('./render').then(({ renderMarkdown }) => ({
    default: ({ text }: { text: string }) => <div className={`${css.text} ${css.flow}`} dir="auto" dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />,
  })),
);

export const Words = ({ text }: { text: string }) => (
  <Suspense fallback={<div className={`${css.text} ${css.flow} ${css.raw}`}>{text}</div>}>
    <Rendered text={text} />
  </Suspense>
);
