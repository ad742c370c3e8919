// Reading by a public link: the few requests that a link allows go to its own addresses, with its token.

const DOORS = new Set(['/api/panel', '/api/keys', '/api/runs']);
let token = '';

export const openShare = (t: string): void => {
  token = t;
};

/** Whether this page reads by a public link. */
export const shareOpen = (): boolean => token !== '';

/** Where a request goes and what it carries while a public link is open; as it was otherwise. */
export function throughShare(path: string): { path: string; headers: Record<string, string> } {
  if (!token) return { path, headers: {} };
  return { path: DOORS.has(path) ? path.replace('/api/', '/api/shared/') : path, headers: { 'X-Ballast-Share': token } };
}
