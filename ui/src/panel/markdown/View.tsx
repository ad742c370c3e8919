// Words between panels.
import { useEffect, useMemo } from 'react';
import { Said } from '../inside/Inside';
import type { PanelViewProps } from '../kind';
import { renderMarkdown } from './render';
import css from './markdown.module.css';

export function MarkdownView({ panel, title, bind }: PanelViewProps<'markdown'>) {
  const text = panel.config.value;
  const html = useMemo(() => renderMarkdown(text), [text]);
  useEffect(() => {
    bind({ table: () => ({ head: ['Line'], rows: text.split('\n').map((l) => [l]) }) });
    return () => bind(null);
  }, [bind, text]);
  if (text.trim() === '') return <Said>Nothing was written yet: edit the panel.</Said>;
  return <div className={css.text} tabIndex={0} role="region" aria-label={title} dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
}
