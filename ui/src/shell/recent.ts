// What was chosen in the palette of late, in this browser: it comes first when nothing is typed.
const KEY = 'palette';
const MOST = 8;

/** Where something leads, and how it is shown without asking anybody. */
export type Recent = { text: string; to: string };

export function recents(): Recent[] {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter((r): r is Recent => typeof r?.text === 'string' && typeof r.to === 'string' && r.to.startsWith('/')).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function remember(r: Recent): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([r, ...recents().filter((o) => o.to !== r.to)].slice(0, MOST)));
  } catch {
    // Storage is closed: nothing is remembered.
  }
}
