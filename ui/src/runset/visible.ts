// Which runs are drawn: the first of the list (twelve where nobody said how many), or all, or none, and what a person switched by hand.
export type Visibility = { base: 'first' | 'all' | 'none'; over: Record<string, boolean>; first?: number };

export const FIRST = 12;
export const MOST = 1000;
export const AUTO: Visibility = { base: 'first', over: {} };

/** Whether the run at place `i` of the list is drawn. */
export const isVisible = (v: Visibility, name: string, i: number): boolean => v.over[name] ?? (v.base === 'all' ? i < MOST : v.base === 'first' && i < (v.first ?? FIRST));

export const toggle = (v: Visibility, name: string, now: boolean): Visibility => ({ ...v, over: { ...v.over, [name]: !now } });
export const only = (name: string): Visibility => ({ base: 'none', over: { [name]: true } });
/** The eye in the list's head: anything drawn goes; nothing drawn brings all. */
export const toggleAll = (drawn: number): Visibility => ({ base: drawn ? 'none' : 'all', over: {} });

/** The names switched on by hand that are not among the loaded ones: they have to be asked for. */
export const absent = (v: Visibility, loaded: Set<string>): string[] => Object.keys(v.over).filter((n) => v.over[n] && !loaded.has(n)).sort().slice(0, 200);
