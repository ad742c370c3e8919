// Addresses. The SDK prints and parses them: they must resolve (UI.md section 2).
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Shell } from './shell/Shell';
import { Missing } from './shell/Missing';
import { Home } from './home/Home';
import { Entity } from './home/Entity';
import { Login } from './signin/Login';
import { lastView } from './parts/lastview';
import type { RunTab } from './run/Run';

type Search = { fields?: string; pins?: number; tall?: number; base?: string; nw?: string; group?: string; to?: string; refused?: string; by?: string; token?: string; jupyter?: boolean; ref?: string; q?: string; sort?: string; panels?: string; x?: string; smooth?: number; smoothing?: string; band?: boolean; clip?: boolean; cols?: number; zoom?: string; zoomx?: string; line?: number; file?: string; with?: string };

const text = (v: unknown): string | undefined => (v === undefined || v === null || v === '' ? undefined : String(v));
const number = (v: unknown): number | undefined => (v !== undefined && v !== '' && Number.isFinite(Number(v)) ? Number(v) : undefined);
const flag = (v: unknown): boolean | undefined => (v === true || v === 'true' ? true : v === false || v === 'false' ? false : undefined);

const root = createRootRoute({
  component: Shell,
  notFoundComponent: Missing,
  validateSearch: (s: Record<string, unknown>): Search => {
    const all: Record<string, unknown> = {
      fields: text(s.fields), pins: number(s.pins), tall: number(s.tall), base: text(s.base), nw: text(s.nw), group: text(s.group), to: text(s.to), refused: text(s.refused), by: text(s.by), token: text(s.token), jupyter: flag(s.jupyter), ref: text(s.ref), q: text(s.q), sort: text(s.sort), panels: text(s.panels), x: text(s.x),
      smooth: number(s.smooth), smoothing: text(s.smoothing), band: flag(s.band), clip: flag(s.clip), cols: number(s.cols), zoom: text(s.zoom), zoomx: text(s.zoomx), line: number(s.line), file: text(s.file), with: text(s.with),
    };
    return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as Search;
  },
});

const page = <P extends string>(path: P, component: React.FunctionComponent | ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute: () => root, path, component });
const forward = <P extends string>(path: P, to: (p: Record<string, string>) => string) =>
  createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: ({ params }) => {
      throw redirect({ to: to(params as Record<string, string>) as '/', replace: true });
    },
  });
const enc = (...s: (string | undefined)[]) => '/' + s.map((x) => encodeURIComponent(x ?? '')).join('/');

const runScreen = () => import('./run/Run');
const RunPage = lazy(() => runScreen().then((m) => ({ default: m.Run })));
function RunRoute({ tab }: { tab: RunTab }) {
  const { entity, project, run } = useParams({ strict: false }) as { entity: string; project: string; run: string };
  const { line, file, with: other } = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <Suspense fallback={null}>
      <RunPage entity={entity} project={project} run={run} tab={tab} line={line} file={file} onFile={(f) => void navigate({ to: '.', search: f ? { file: f } : {} })} other={other} onOther={(w) => void navigate({ to: '.', search: { with: w } })} />
    </Suspense>
  );
}
const runPage = <P extends string>(path: P, tab: RunTab) => page(path, () => <RunRoute tab={tab} />);

const Setup = lazyRouteComponent(() => import('./setup/Setup'), 'Setup');
const Authorize = lazyRouteComponent(() => import('./signin/Authorize'), 'Authorize');
const Settings = lazyRouteComponent(() => import('./settings/Settings'), 'Settings');
const System = lazyRouteComponent(() => import('./system/System'), 'System');
const TeamSettings = lazyRouteComponent(() => import('./settings/Team'), 'TeamSettings');
const ProjectSettings = lazyRouteComponent(() => import('./project/Settings'), 'ProjectSettings');
const Invite = lazyRouteComponent(() => import('./signin/Invite'), 'Invite');
const Shared = lazyRouteComponent(() => import('./shared/Shared'), 'Shared');
const Workspace = lazyRouteComponent(() => import('./workspace/Workspace'), 'Workspace');
const Table = lazyRouteComponent(() => import('./table/Table'), 'Table');
const Artifacts = lazyRouteComponent(() => import('./artifact/Artifacts'), 'Artifacts');
const Collection = lazyRouteComponent(() => import('./artifact/Collection'), 'Collection');
const Artifact = lazyRouteComponent(() => import('./artifact/Artifact'), 'Artifact');
const Reports = lazyRouteComponent(() => import('./report/Reports'), 'Reports');
const Report = lazyRouteComponent(() => import('./report/Report'), 'Report');
const Overview = lazyRouteComponent(() => import('./project/Overview'), 'Overview');

/** Fetches the screens that are not open yet, so that the way to them stays open while the server is away. */
export const fetchScreens = (): void => {
  for (const get of [runScreen, Workspace.preload, Table.preload, Overview.preload, Settings.preload]) void get?.()?.catch(() => undefined);
};

const tree = root.addChildren([
  forward('/', () => '/home'),
  page('/home', Home),
  page('/login', Login),
  forward('/signup', () => '/login'),
  page('/authorize', Authorize),
  page('/setup', Setup),
  page('/settings', Settings),
  page('/system-admin', System),
  page('/invite/$token', Invite),
  page('/shared', Shared),
  page('/$entity', Entity),
  page('/$entity/settings', TeamSettings),
  forward('/$entity/projects', (p) => enc(p.entity)),
  forward('/$entity/$project', (p) => enc(p.entity, p.project, lastView(p.entity!, p.project!))),
  page('/$entity/$project/workspace', Workspace),
  page('/$entity/$project/overview', Overview),
  page('/$entity/$project/settings', ProjectSettings),
  page('/$entity/$project/table', Table),
  page('/$entity/$project/reports', Reports),
  page('/$entity/$project/reports/$report', Report),
  forward('/$entity/$project/runs', (p) => enc(p.entity, p.project, 'table')),
  runPage('/$entity/$project/runs/$run', 'overview'),
  runPage('/$entity/$project/runs/$run/overview', 'overview'),
  runPage('/$entity/$project/runs/$run/workspace', 'workspace'),
  runPage('/$entity/$project/runs/$run/system', 'system'),
  runPage('/$entity/$project/runs/$run/logs', 'logs'),
  runPage('/$entity/$project/runs/$run/files', 'files'),
  runPage('/$entity/$project/runs/$run/artifacts', 'artifacts'),
  runPage('/$entity/$project/runs/$run/code', 'code'),
  runPage('/$entity/$project/runs/$run/diff', 'diff'),
  page('/$entity/$project/artifacts', Artifacts),
  page('/$entity/$project/artifacts/$type', Artifacts),
  page('/$entity/$project/artifacts/$type/$collection', Collection),
  page('/$entity/$project/artifacts/$type/$collection/$version', Artifact),
  page('/$entity/$project/artifacts/$type/$collection/$version/$tab', Artifact),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: false, trailingSlash: 'never', scrollRestoration: false });
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
