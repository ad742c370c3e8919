import { useState } from 'react';
import type { PanelEditorProps } from '../kind';
import css from './markdown.module.css';

export function MarkdownEditor({ config, onConfig }: PanelEditorProps<'markdown'>) {
  const [text, setText] = useState(config.value);
  return (
    <>
      <label htmlFor="markdown-text" className="mid">Markdown, with formulas between $ signs</label>
      <textarea
        id="markdown-text"
        className={css.area}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          onConfig({ value: e.target.value });
        }}
      />
    </>
  );
}
