// Boxes and masks over an image, each class switched by itself.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { paint } from '../../chart/colour';
import { parseLoose } from '../../data/json';
import { fileText } from '../../data/media';
import { boxesOf, type Item } from './items';
import css from './media.module.css';

/** Names of classes by layer ("boxes/predictions" → "1" → "cat"), which are hidden, and the least score. */
export type OverlayChoice = { labels: Record<string, Record<string, string>>; hidden: ReadonlySet<string>; score: number; onClasses: (layer: string, classes: string[]) => void };

export const layerKey = (kind: 'boxes' | 'masks', name: string): string => `${kind}/${name}`;
export const classColour = (id: number): string => paint(((id % 16) + 16) % 16);

export function Overlay({ item, url, choice }: { item: Item; url: (path: string) => string; choice: OverlayChoice }) {
  return (
    <>
      {item.masks.map((m) => (
        <Mask key={m.path} layer={layerKey('masks', m.name)} href={url(m.path)} choice={choice} />
      ))}
      {item.boxes.map((b) => (
        <Boxes key={b.path} layer={layerKey('boxes', b.name)} href={url(b.path)} item={item} choice={choice} />
      ))}
    </>
  );
}

const shown = (choice: OverlayChoice, layer: string, id: number) => !choice.hidden.has(layer) && !choice.hidden.has(`${layer}/${id}`);

function Boxes({ layer, href, item, choice }: { layer: string; href: string; item: Item; choice: OverlayChoice }) {
  const q = useQuery({ queryKey: ['boxes', href], queryFn: ({ signal }) => fileText(href, 8 << 20, signal).then((t) => boxesOf(parseLoose(t))), staleTime: Infinity, retry: false });
  const { onClasses } = choice;
  useEffect(() => {
    if (q.data) onClasses(layer, [...new Set(q.data.boxes.map((b) => String(b.classId)))]);
  }, [q.data, layer, onClasses]);
  if (q.error) return <span className={css.said} role="alert">Boxes: {q.error.message}</span>;
  if (!q.data) return null;
  const W = item.width || 100, H = item.height || 100, names = choice.labels[layer] ?? q.data.labels;
  return (
    <svg className={css.over} viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
      {q.data.boxes.map((b, i) => {
        const best = Math.max(...Object.values(b.scores), -Infinity);
        if (!shown(choice, layer, b.classId) || (best > -Infinity && best < choice.score)) return null;
        const s = b.fraction ? [W, H] : [1, 1], p = b.position, x = p.minX * s[0]!, y = p.minY * s[1]!, w = (p.maxX - p.minX) * s[0]!, h = (p.maxY - p.minY) * s[1]!;
        const words = b.caption || [names[b.classId] ?? q.data.labels[b.classId] ?? `class ${b.classId}`, best > -Infinity ? best.toFixed(2) : ''].filter(Boolean).join(' ');
        return (
          <g key={i}>
            <rect x={x} y={y} width={w} height={h} fill="none" stroke={classColour(b.classId)} strokeWidth="2" vectorEffect="non-scaling-stroke" />
            <svg x={x} y={y} overflow="visible">
              <text className={css.boxname} fontSize={Math.max(W, H) / 22} y={-Math.max(W, H) / 120} fill={classColour(b.classId)}>{words}</text>
            </svg>
          </g>
        );
      })}
    </svg>
  );
}

const MOST = 2048; // pixels of a side; larger masks are read at a part of their size

function Mask({ layer, href, choice }: { layer: string; href: string; choice: OverlayChoice }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const q = useQuery({ queryKey: ['mask', href], queryFn: () => readMask(href), staleTime: Infinity, gcTime: 60_000, retry: false });
  const { onClasses } = choice;
  useEffect(() => {
    if (q.data) onClasses(layer, q.data.classes.map(String));
  }, [q.data, layer, onClasses]);
  useEffect(() => {
    const c = canvas.current, m = q.data;
    if (!c || !m) return;
    c.width = m.width;
    c.height = m.height;
    const g = c.getContext('2d')!, out = g.createImageData(m.width, m.height);
    const table = new Map(m.classes.map((id) => [id, shown(choice, layer, id) && id !== 0 ? rgb(classColour(id)) : null]));
    m.ids.forEach((id, i) => {
      const t = table.get(id);
      if (t) out.data.set([t[0], t[1], t[2], 140], i * 4);
    });
    g.putImageData(out, 0, 0);
  }, [q.data, choice, layer]);
  if (q.error) return <span className={css.said} role="alert">Mask: {q.error.message}</span>;
  return <canvas ref={canvas} className={css.over} aria-hidden="true" />;
}

const rgb = (hex: string): [number, number, number] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as [number, number, number];

/** The class ids of a mask: the red of each pixel. */
function readMask(href: string): Promise<{ width: number; height: number; ids: Uint8Array; classes: number[] }> {
  return new Promise((ok, no) => {
    const img = new Image();
    img.onload = () => {
      const part = Math.min(1, MOST / Math.max(img.naturalWidth, img.naturalHeight, 1));
      const c = document.createElement('canvas');
      c.width = Math.max(1, Math.round(img.naturalWidth * part));
      c.height = Math.max(1, Math.round(img.naturalHeight * part));
      const g = c.getContext('2d', { willReadFrequently: true })!;
      g.imageSmoothingEnabled = false;
      g.drawImage(img, 0, 0, c.width, c.height);
      const d = g.getImageData(0, 0, c.width, c.height).data, ids = new Uint8Array(c.width * c.height), seen = new Set<number>();
      for (let i = 0; i < ids.length; i++) {
        const id = d[i * 4]!;
        ids[i] = id;
        seen.add(id);
      }
      ok({ width: c.width, height: c.height, ids, classes: [...seen].sort((a, b) => a - b) });
    };
    img.onerror = () => no(new Error('the file cannot be read.'));
    img.src = href;
  });
}
