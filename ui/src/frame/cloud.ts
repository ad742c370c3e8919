// Point clouds as the SDK stores them: a list of [x, y, z], [x, y, z, category] or [x, y, z, r, g, b], or a scene of
// type "lidar/beta" with points, boxes (eight corners) and vectors.

export type Cloud = { xyz: Float32Array; rgb: Float32Array | null; lines: { xyz: Float32Array; colour: string }[]; dropped: number };

// Fourteen categories told apart, as the SDK counts them.
const CATEGORIES = [[230, 25, 75], [60, 180, 75], [255, 225, 25], [0, 130, 200], [245, 130, 48], [145, 30, 180], [70, 240, 240], [240, 50, 230], [210, 245, 60], [250, 190, 190], [0, 128, 128], [230, 190, 255], [170, 110, 40], [128, 0, 0]];

/** Reads a .pts.json. Throws in words on anything else. */
export function cloudOf(text: string): Cloud {
  const doc: unknown = JSON.parse(text.replace(/\b(?:NaN|-?Infinity)\b/g, 'null'));
  const scene = Array.isArray(doc) ? { points: doc } : (doc as Scene | null);
  if (!scene || !Array.isArray(scene.points)) throw new Error('The file is not a point cloud: it has no list of points.');
  const pts = (scene.points as unknown[]).filter((p): p is number[] => Array.isArray(p) && [p[0], p[1], p[2]].every((v) => typeof v === 'number' && Number.isFinite(v)));
  const xyz = new Float32Array(pts.length * 3);
  const deep = pts[0]?.length ?? 3;
  const rgb = deep >= 4 ? new Float32Array(pts.length * 3) : null;
  pts.forEach((p, i) => {
    xyz.set([p[0]!, p[1]!, p[2]!], i * 3);
    if (!rgb) return;
    const c = p.length >= 6 ? [p[3]!, p[4]!, p[5]!] : CATEGORIES[Math.abs(Math.round(p[3] ?? 0)) % CATEGORIES.length]!;
    rgb.set(c.map((v) => v / 255), i * 3);
  });
  return { xyz, rgb, lines: [...boxes(scene.boxes), ...vectors(scene.vectors)], dropped: scene.points.length - pts.length };
}

type Scene = { points: unknown; boxes?: unknown; vectors?: unknown };

/** Edges of a box: each corner with its three nearest. Corners come in any order. */
export function edges(corners: number[][]): [number, number][] {
  const out = new Map<string, [number, number]>();
  corners.forEach((a, i) => {
    const near = corners.map((b, j) => [Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!), j] as const).filter(([, j]) => j !== i).sort((p, q) => p[0] - q[0]);
    for (const [, j] of near.slice(0, 3)) out.set(`${Math.min(i, j)} ${Math.max(i, j)}`, [Math.min(i, j), Math.max(i, j)]);
  });
  return [...out.values()];
}

function boxes(list: unknown): Cloud['lines'] {
  if (!Array.isArray(list)) return [];
  return (list as { corners?: number[][]; color?: number[] }[]).flatMap((b) => {
    const corners = b.corners;
    if (!Array.isArray(corners) || corners.length !== 8) return [];
    return [{ xyz: Float32Array.from(edges(corners).flatMap(([i, j]) => [...corners[i]!, ...corners[j]!])), colour: colour(b.color) }];
  });
}

function vectors(list: unknown): Cloud['lines'] {
  if (!Array.isArray(list)) return [];
  return (list as { start?: number[]; end?: number[]; color?: number[] }[]).flatMap((v) => (v.start?.length === 3 && v.end?.length === 3 ? [{ xyz: Float32Array.from([...v.start, ...v.end]), colour: colour(v.color) }] : []));
}

const colour = (c: number[] | undefined) => (c && c.length >= 3 ? `rgb(${c.slice(0, 3).map((v) => Math.round(v)).join(',')})` : 'orange');
