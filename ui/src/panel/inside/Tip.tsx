// A tooltip of the small charts, beside the pointer. What it says is in the chart's table too.
import { createPortal } from 'react-dom';
import type { ReactNode } from 'react';
import css from './inside.module.css';

export type TipAt = { x: number; y: number; text: ReactNode } | null;

export function Tip({ at }: { at: TipAt }) {
  if (!at) return null;
  const left = Math.min(at.x + 14, innerWidth - 330), top = at.y + 18 > innerHeight - 90 ? at.y - 70 : at.y + 14;
  return createPortal(
    <div className={css.tip} aria-hidden="true" style={{ transform: `translate(${Math.round(Math.max(8, left))}px,${Math.round(top)}px)` }}>
      {at.text}
    </div>,
    document.body,
  );
}
