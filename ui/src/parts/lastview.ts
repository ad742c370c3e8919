// Which view of a project was open last: /entity/project leads there.
const key = (entity: string, project: string) => `last:${entity}/${project}`;
export const VIEWS = ['overview', 'workspace', 'table'] as const;
export type ProjectView = (typeof VIEWS)[number];

export function lastView(entity: string, project: string): ProjectView {
  try {
    const kept = localStorage.getItem(key(entity, project)) as ProjectView;
    return VIEWS.includes(kept) ? kept : 'workspace';
  } catch {
    return 'workspace'; // storage is closed
  }
}

/** Notes the view that a path opens, if it is one of a project's. */
export function noteView(path: string): void {
  const [, entity, project, view, ...more] = path.split('/').map(decodeURIComponent);
  if (!entity || !project || more.length > 0 || !VIEWS.includes(view as ProjectView)) return;
  try {
    localStorage.setItem(key(entity, project), view as ProjectView);
  } catch {
    // Storage is closed: the workspace opens next time.
  }
}
