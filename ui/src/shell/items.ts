// What the palette finds: places of this project and of others, and what can be done on this page.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { placesQuery } from '../data/places';
import { projectsQuery } from '../data/project';
import { reportSlug } from '../data/report';
import { runPageQuery } from '../data/run';
import { useUser } from '../data/session';
import { available, perform, SHORTCUTS, type ShortcutId } from '../keys';
import { copyText } from '../parts/copy';
import type { IconName } from '../parts/icon';
import { toggleTheme } from '../parts/theme';
import type { Here } from './Header';
import { rank } from './rank';
import { recents, remember } from './recent';

export type Item = { id: string; group: string; text: string; icon: IconName; end?: string; key?: ShortcutId; run: (newTab: boolean) => void };

/** What a page can do that is worth finding by its name. */
const COMMANDS: [ShortcutId, IconName][] = [['panel.add', 'plus'], ['panel.undo', 'undo'], ['panel.redo', 'redo'], ['panel.band', 'band'], ['panel.reset', 'full'], ['run.list', 'panel'], ['log.follow', 'down']];

const enc = (...s: string[]) => '/' + s.map(encodeURIComponent).join('/');
const quote = (s: string) => (/[\s:=<>()~]/.test(s) ? JSON.stringify(s) : s);

export function useItems(text: string, here: Here, go: (to: string) => void, onHelp: () => void): Item[] {
  const user = useUser();
  const owners = [...new Set([here.entity, user?.entity, ...(user?.teams.map((t) => t.name) ?? [])].filter((x): x is string => !!x))].slice(0, 4);
  const a = useQuery({ ...projectsQuery(owners[0] ?? ''), enabled: owners.length > 0 }).data;
  const b = useQuery({ ...projectsQuery(owners[1] ?? ''), enabled: owners.length > 1 }).data;
  const c = useQuery({ ...projectsQuery(owners[2] ?? ''), enabled: owners.length > 2 }).data;
  const { entity, project, run } = here, inProject = entity && project ? `${entity}/${project}` : null;
  const runs = useQuery({ ...runPageQuery({ project: inProject ?? '', q: text.trim() ? quote(text.trim()) : '', order: ['-created_at'], columns: [] }, 0), enabled: !!inProject, staleTime: 5000 }).data;
  const places = useQuery({ ...placesQuery(entity ?? '', project ?? ''), enabled: !!inProject }).data;
  const teams = user?.teams;
  return useMemo(() => {
    const items: Item[] = [];
    /** Something that leads to an address. */
    const put = (group: string, icon: IconName, shown: string, to: string, more: { end?: string; key?: ShortcutId } = {}) =>
      items.push({ id: group + to + shown, group, icon, text: shown, ...more, run: (newTab) => (remember({ text: shown, to }), newTab ? void window.open(to, '_blank', 'noopener') : go(to)) });
    /** Something that is done. */
    const act = (group: string, icon: IconName, shown: string, run: () => void, key?: ShortcutId) => items.push({ id: group + shown, group, icon, text: shown, run, ...(key ? { key } : {}) });

    if (!text.trim()) for (const r of recents()) put('Recent', 'clock', r.text, r.to);
    if (entity && project) {
      const base = enc(entity, project);
      put('In this project', 'grid', 'Go to workspace', base + '/workspace', { key: 'go.workspace' });
      put('In this project', 'rows', 'Go to the table of runs', base + '/table', { key: 'go.table' });
      put('In this project', 'box', 'Go to the artifacts', base + '/artifacts', { key: 'go.artifacts' });
      put('In this project', 'file', 'Go to reports', base + '/reports', { key: 'go.reports' });
      put('In this project', 'info', 'Go to overview', base + '/overview', { key: 'go.overview' });
      put('In this project', 'gear', 'Settings of the project', base + '/settings');
      if (run) {
        const r = base + '/runs/' + encodeURIComponent(run);
        put('This run', 'term', 'Logs', r + '/logs', { key: 'go.logs' });
        put('This run', 'cpu', 'System metrics', r + '/system', { key: 'go.system' });
        put('This run', 'folder', 'Files', r + '/files', { key: 'go.files' });
      }
      for (const r of (runs?.rows ?? []).slice(0, 8)) put('Runs', 'run', r.display || r.name, `${base}/runs/${encodeURIComponent(r.name)}`, { end: r.state });
      for (const v of places?.views ?? []) put('Views', 'band', v.title, `${base}/workspace?nw=${encodeURIComponent(v.nw)}`);
      for (const x of places?.artifacts ?? []) put('Artifacts', 'box', x.name, base + '/artifacts' + enc(x.type, x.name, 'latest'), { end: x.type });
      for (const r of places?.reports ?? []) put('Reports', 'file', r.title, `${base}/reports/${encodeURIComponent(reportSlug({ id: r.id, displayName: r.title }))}`);
    }
    for (const p of [a, b, c].flatMap((l) => l?.projects ?? [])) put('Projects', 'grid', `${p.entityName}/${p.name}`, enc(p.entityName, p.name, 'workspace'), { end: p.runCount === null ? '' : `${p.runCount} runs` });
    for (const [id, icon] of COMMANDS) if (available(id)) act('On this page', icon, SHORTCUTS.find((x) => x.id === id)!.label, () => setTimeout(() => perform(id)), id);
    put('Everywhere', 'home', 'Home', '/home', { key: 'go.home' });
    put('Everywhere', 'key', 'API keys and settings', '/settings');
    for (const t of teams ?? []) put('Settings', 'gear', `Settings of the team ${t.name}`, enc(t.name, 'settings'));
    put('Settings', 'gear', 'Profile, sessions, appearance, single-letter keys', '/settings');
    act('Everywhere', 'link', 'Copy link to this view', () => void copyText(location.href));
    act('Everywhere', 'sun', 'Change theme', toggleTheme, 'theme');
    act('Everywhere', 'help', 'Keyboard shortcuts', onHelp, 'help');
    return rank(items, text);
  }, [a, b, c, runs, places, teams, entity, project, run, text, go, onHelp]);
}
