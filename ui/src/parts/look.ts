// How screens look for whoever sits here, remembered on this machine: height of rows, dashes of runs. The theme has a
// file of its own, since it is set before the first paint.

/** What each choice may be, the usual one first. */
export const LOOKS = { density: ['normal', 'low', 'tall'], dashes: ['shared', 'all'] } as const;
export type Look = keyof typeof LOOKS;
export type LookOf<K extends Look> = (typeof LOOKS)[K][number];

export function look<K extends Look>(name: K): LookOf<K> {
  try {
    const kept = localStorage.getItem(name);
    return (LOOKS[name] as readonly string[]).includes(kept ?? '') ? (kept as LookOf<K>) : LOOKS[name][0];
  } catch {
    return LOOKS[name][0]; // storage is closed
  }
}

export function setLook<K extends Look>(name: K, value: LookOf<K>): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is closed: it stays as it is usual.
  }
}

/** Pixels of a table's row. */
export const rowHeight = (): number => ({ low: 26, normal: 32, tall: 40 })[look('density')];
