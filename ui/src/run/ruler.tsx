// The strip beside the log: where errors and matches are in the whole of it, and what part is in view.
import { useEffect, useRef } from 'react';
import { token } from '../chart/colour';
import type { Lines } from './lines';
import css from './logs.module.css';

/** Decoration for the eye and the pointer; the keyboard has the search's own buttons. */
export function Ruler({ total, hits, errors, first, shown, lines, version, onGo }: { total: number; hits: number[]; errors: number[]; first: number; shown: number; lines: Lines; version: number; onGo: (n: number) => void }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const c = ref.current;
    const g = c?.getContext('2d');
    if (!c || !g || total === 0) return;
    const d = devicePixelRatio, h = c.clientHeight;
    c.width = 14 * d;
    c.height = h * d;
    g.scale(d, d);
    const y = (n: number) => (n / total) * h;
    g.fillStyle = token('--bad');
    // One probe a pixel: lines that are here and are errors.
    for (let p = 0; p < h; p++) if (lines.line(Math.floor((p / h) * total))?.level === 'error') g.fillRect(2, p, 4, 2);
    // And those that the server knows of, wherever they are.
    for (let i = 0, last = -1; i < errors.length; i++) {
      const p = Math.floor(y(errors[i]!));
      if (p === last) continue;
      last = p;
      g.fillRect(2, p, 4, 2);
    }
    g.fillStyle = token('--accent');
    const step = Math.max(1, Math.floor(hits.length / 4000));
    for (let i = 0; i < hits.length; i += step) g.fillRect(8, y(hits[i]!), 4, 2);
    g.fillStyle = token('--t3');
    g.globalAlpha = 0.25;
    g.fillRect(0, y(first), 14, Math.max(10, y(shown)));
  }, [total, hits, errors, first, shown, lines, version]);
  return <canvas ref={ref} className={css.ruler} width={14} aria-hidden="true" onClick={(e) => onGo(Math.min(total - 1, Math.floor((e.nativeEvent.offsetY / e.currentTarget.clientHeight) * total)))} />;
}
