// The header: where am I (crumbs), what can I see of it (tabs), and what is everywhere (right).
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useParams } from '@tanstack/react-router';
import { queryClient } from '../data/cache';
import { midcut } from '../data/format';
import { useLiveState } from '../data/live';
import { runQuery } from '../data/run';
import { runColumnsQuery } from '../data/runtable';
import { signOut, useUser } from '../data/session';
import { keyText } from '../keys';
import { Button } from '../parts/button';
import { Kbd } from '../parts/field';
import { Icon } from '../parts/icon';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../parts/menu';
import { Avatar } from '../parts/surface';
import { toggleTheme } from '../parts/theme';
import { useTheme } from '../parts/usetheme';
import { liveWords } from './livewords';
import { Switcher } from './Switcher';
import css from './shell.module.css';

// The router marks links to where we are; the header does so itself, and with other words.
const EXACT = { exact: true };
const HERE = { 'aria-current': 'location' } as const;

export type Here = { entity?: string; project?: string; run?: string };
export const useHere = (): Here => useParams({ strict: false });

export function Header({ onPalette, onHelp, go }: { onPalette: () => void; onHelp: () => void; go: (to: string) => void }) {
  const here = useHere();
  const user = useUser();
  const theme = useTheme();
  return (
    <header className={css.header}>
      <Link to="/home" className={css.mark} aria-label="Ballast, home">
        <svg viewBox="0 0 22 22" fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" aria-hidden="true">
          <circle cx="11" cy="11" r="6.1" />
          <path d="M1.6 11h18.8" />
        </svg>
      </Link>
      <Crumbs here={here} go={go} />
      <Tabs here={here} />
      <div className={css.right}>
        {here.project && <Live />}
        <button type="button" className={`${css.seek} ${css.wide}`} onClick={onPalette} title={`Search or run a command  ${keyText('⌘K')}`} aria-label="Search or run a command">
          <Icon name="search" small />
          <span>Search</span>
          <Kbd>{keyText('⌘K')}</Kbd>
        </button>
        <Button className={css.wide ?? ''} kind="ghost" icon aria-label="Keyboard shortcuts" title="Keyboard shortcuts  ?" onClick={onHelp}>
          <Icon name="help" />
        </Button>
        <Button kind="ghost" icon aria-label={theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'} title="Light or dark  ⇧D" onClick={toggleTheme}>
          <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
        </Button>
        {user && (
          <Menu
            align="end"
            trigger={
              <button type="button" className={css.account} aria-label={`Account of ${user.name}`} title={user.name}>
                <Avatar name={user.fullName || user.name} />
              </button>
            }
          >
            <MenuLabel>
              {user.name} · {user.email}
            </MenuLabel>
            <MenuItem icon="home" onSelect={() => go('/home')}>
              Home
            </MenuItem>
            <MenuItem icon="box" onSelect={() => go('/' + user.entity)}>
              My projects
            </MenuItem>
            <MenuItem icon="key" onSelect={() => go('/settings')}>
              API keys and settings
            </MenuItem>
            {user.admin && (
              <MenuItem icon="gear" onSelect={() => location.assign('/system-admin') /* a page with its own security headers */}>
                System settings
              </MenuItem>
            )}
            <MenuItem icon="search" onSelect={onPalette}>
              Search
            </MenuItem>
            <MenuItem icon="help" onSelect={onHelp}>
              Keyboard shortcuts
            </MenuItem>
            <MenuLine />
            <MenuItem icon="out" onSelect={() => void signOut()}>
              Sign out
            </MenuItem>
          </Menu>
        )}
      </div>
    </header>
  );
}

function Crumbs({ here: { entity, project, run }, go }: { here: Here; go: (to: string) => void }) {
  const path = useLocation().pathname;
  if (!entity) {
    const name = path.startsWith('/settings') ? 'Settings' : path.startsWith('/authorize') ? 'API key' : path.startsWith('/system-admin') ? 'System settings' : null;
    return <nav className={css.crumbs} aria-label="Breadcrumb">{name && <span className={css.crumb} aria-current="location">{name}</span>}</nav>;
  }
  return (
    <nav className={css.crumbs} aria-label="Breadcrumb">
      <Link className={css.crumb} to="/$entity" params={{ entity }} title={entity} activeOptions={EXACT} aria-current={project ? undefined : 'location'}>
        <span className="cut">{midcut(entity, 28)}</span>
      </Link>
      {project && (
        <>
          <span className={css.sep} aria-hidden="true">/</span>
          <Link className={css.crumb} to="/$entity/$project/workspace" params={{ entity, project }} title={project} activeOptions={EXACT} activeProps={HERE} aria-current={run ? undefined : 'location'}>
            <span className="cut">{midcut(project, 32)}</span>
          </Link>
          {!run && <Switcher entity={entity} project={project} go={go} />}
        </>
      )}
      {project && run && <RunCrumb entity={entity} project={project} run={run} />}
    </nav>
  );
}

const DOT: Record<string, string> = { running: 'var(--run)', finished: 'var(--ok)', failed: 'var(--bad)', crashed: 'var(--warn)' };
function RunCrumb({ entity, project, run }: { entity: string; project: string; run: string }) {
  const r = useQuery(runQuery(entity, project, run)).data;
  const name = r?.displayName || run;
  return (
    <>
      <span className={css.sep} aria-hidden="true">/</span>
      <Link className={css.crumb} to="/$entity/$project/runs/$run" params={{ entity, project, run }} title={name} activeOptions={EXACT} activeProps={HERE} aria-current="location">
        <span className={css.dot} style={{ background: DOT[r?.state ?? ''] ?? 'var(--t3)' }} aria-hidden="true" />
        <span className="cut">{midcut(name, 32)}</span>
      </Link>
    </>
  );
}

const RUN_TABS = [
  ['', 'Overview'],
  ['workspace', 'Charts'],
  ['system', 'System'],
  ['logs', 'Logs'],
  ['files', 'Files'],
  ['artifacts', 'Artifacts'],
  ['code', 'Code'],
  ['diff', 'Config diff'],
] as const;

const PROJECT_TABS = [['overview', 'Overview'], ['workspace', 'Workspace'], ['table', 'Runs'], ['artifacts', 'Artifacts'], ['reports', 'Reports']] as const;

function Tabs({ here: { entity, project, run } }: { here: Here }) {
  const path = useLocation().pathname.replace(/\/$/, '');
  const files = useQuery({ ...runQuery(entity ?? '', project ?? '', run ?? ''), enabled: !!run }).data?.fileCount;
  if (!entity || !project) return null;
  const base = `/${[entity, project].map(encodeURIComponent).join('/')}` + (run ? `/runs/${encodeURIComponent(run)}` : '');
  const last = decodeURIComponent(path.split('/').pop() ?? '');
  const tabs = run ? RUN_TABS.map(([seg, name]) => ({ seg, name, on: seg ? last === seg : last === run || last === 'overview' })) : PROJECT_TABS.map(([seg, name]) => ({ seg, name, on: path.startsWith(`${base}/${seg}`) && /^(\/|$)/.test(path.slice(base.length + 1 + seg.length)) }));
  return (
    <nav className={css.tabs} aria-label="Views">
      {tabs.map((t) => (
        <Link key={t.name} className={css.tab} to={(base + (t.seg ? '/' + t.seg : '')) as '/'} aria-current={t.on ? 'page' : undefined} activeOptions={EXACT} onPointerEnter={t.seg === 'table' ? () => void queryClient.prefetchQuery(runColumnsQuery(`${entity}/${project}`)) : undefined}>
          {t.name}
          {t.seg === 'files' && files ? <span className={css.n}>{files}</span> : null}
        </Link>
      ))}
    </nav>
  );
}

/** Whether what is on screen is fresh. Never silently stale. */
function Live() {
  const s = useLiveState();
  if (s.kind === 'off') return null;
  const { tone, text, title } = liveWords(s);
  return (
    <span className={[css.live, tone && css[tone]].filter(Boolean).join(' ')} title={title} role="status">
      <i aria-hidden="true" />
      <span className={css.word ?? 'word'}>{text}</span>
    </span>
  );
}
