// One cell of a table, by what it holds.
import { useState } from 'react';
import { int, value } from '../../data/format';
import { itemsOf, tooLarge } from '../media/items';
import css from './table.module.css';

/** Types of columns whose rows are higher. */
export const isThing = (type: string): boolean => /^media:(image|images|audio|video|html|object3D|molecule|plotly)/.test(type);

const special = (v: unknown) => (v === 'NaN' || v === 'Infinity' || v === '-Infinity' ? v.replace('Infinity', 'Inf').replace('-', '−') : null);

/** A cell as text; `whole` lays out lists and objects. */
export function cellText(v: unknown, whole = false): string {
  if (v === null || v === undefined) return '';
  if (typeof v === 'object') return JSON.stringify(v, null, whole ? 2 : undefined);
  return typeof v === 'number' && !whole ? value(v) : String(v);
}

export function Cell({ value: v, type, url, high, label }: { value: unknown; type: string; url: (path: string) => string; high: number; label: string }) {
  if (v === null || v === undefined) return <span className="dim">–</span>;
  if (typeof v === 'object' && '_type' in v) return <Thing value={v as { _type: string }} url={url} high={high} label={label} />;
  if (type === 'number' && typeof v === 'string') return <span className={css.odd}>{special(v) ?? v}</span>;
  const text = cellText(v);
  return <span className="cut" title={text.length > 24 ? text.slice(0, 2000) : undefined} dir="auto">{text.length > 400 ? text.slice(0, 400) + '…' : text}</span>;
}

function Thing({ value: v, url, high, label }: { value: { _type: string; nrows?: number; caption?: string }; url: (path: string) => string; high: number; label: string }) {
  const [bad, setBad] = useState(false);
  const [item] = itemsOf(v, '', 0);
  const href = item?.path ? url(item.path) : '';
  if (!item || !href) return <span className="dim">{v._type}</span>;
  const link = (words: string) => <a href={href} download title={item.caption || item.path}>{words}</a>;
  if (item.kind === 'image') {
    if (bad) return <span className={css.odd} title="The file cannot be read">broken image</span>;
    if (tooLarge(item)) return link(`${int((item.width * item.height) / 1e6)} megapixels`);
    return <img src={href} alt={item.caption || label} title={item.caption} loading="lazy" decoding="async" style={{ maxHeight: high - 6 }} onError={() => setBad(true)} />;
  }
  if (item.kind === 'audio') return <audio controls preload="none" src={href} aria-label={label} />;
  if (item.kind === 'video') return <video controls preload="none" src={href} aria-label={label} style={{ maxHeight: high - 6 }} />;
  if (item.kind === 'table') return <span className="dim">table{v.nrows ? ` of ${int(v.nrows)} rows` : ''}</span>;
  return link(item.kind === 'other' ? item.type : item.kind);
}
