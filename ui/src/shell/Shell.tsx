// The frame of every signed-in screen, and the gate before it.
import { Outlet, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { onSignedOut } from '../data/client';
import { queryClient } from '../data/cache';
import { sessionQuery, useSession } from '../data/session';
import { useKeys } from '../keys';
import { Failed } from '../parts/surface';
import { noteView } from '../parts/lastview';
import { ToastPlace } from '../parts/toast';
import { toggleTheme } from '../parts/theme';
import { Header, useHere } from './Header';
import { Help } from './Help';
import { Palette } from './Palette';
import css from './shell.module.css';

/** Screens that need nobody signed in. */
const OPEN = /^\/(login|signup|setup|shared|invite\/[^/]+)$/;

export function Shell() {
  const session = useSession();
  const path = useLocation({ select: (l) => l.pathname });
  const href = useLocation({ select: (l) => l.href });
  const navigate = useNavigate();
  const go = useCallback((to: string) => void navigate({ href: to }), [navigate]);
  const open = OPEN.test(path.replace(/(.)\/$/, '$1'));
  const s = session.data;
  useEffect(() => {
    onSignedOut.run = () => void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  }, []);
  useEffect(() => {
    if (!s) return;
    if (s.setup && path !== '/setup') void navigate({ to: '/setup', replace: true });
    else if (!s.setup && !s.user && !open) void navigate({ to: '/login', search: { to: href }, replace: true });
  }, [s, path, href, open, navigate]);
  if (session.isError && !s) {
    return (
      <main className="page" style={{ padding: 24 }}>
        <Failed what="This page could not start." error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  if (!s || (!s.user && !open) || (s.setup && path !== '/setup')) return <main aria-busy="true" />;
  return open ? <Bare /> : <Framed go={go} />;
}

function Bare() {
  useKeys({ theme: toggleTheme });
  return (
    <>
      <Outlet />
      <ToastPlace />
    </>
  );
}

function Framed({ go }: { go: (to: string) => void }) {
  const here = useHere();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const { jupyter } = useSearch({ strict: false });
  const [bare] = useState(jupyter); // a frame stays without the header wherever it goes
  const path = useLocation({ select: (l) => l.pathname });
  const seg = (...s: (string | undefined)[]) => '/' + s.map((x) => encodeURIComponent(x ?? '')).join('/');
  const at = (tab: string) => here.entity && here.project && go(here.run ? seg(here.entity, here.project, 'runs', here.run) + (tab ? '/' + tab : '') : seg(here.entity, here.project, tab || 'overview'));
  useKeys({
    palette: () => setPalette((p) => !p),
    help: () => setHelp(true),
    theme: toggleTheme,
    'go.home': () => go('/home'),
    'go.overview': () => at(''),
    'go.workspace': () => at('workspace'),
    'go.artifacts': () => (here.run ? at('artifacts') : here.entity && here.project && go(seg(here.entity, here.project, 'artifacts'))),
    'go.table': () => here.entity && here.project && go(seg(here.entity, here.project, 'table')),
    'go.reports': () => here.entity && here.project && go(seg(here.entity, here.project, 'reports')),
    ...(here.run ? { 'go.system': () => at('system'), 'go.logs': () => at('logs'), 'go.files': () => at('files') } : {}),
  });
  const onHelp = useCallback(() => setHelp(true), []);
  useEffect(() => {
    document.getElementById('main')?.focus({ preventScroll: true });
    noteView(path);
  }, [path]);
  return (
    <>
      <a className={css.skip} href="#main">
        Skip to content
      </a>
      {!bare && <Header onPalette={() => setPalette(true)} onHelp={onHelp} go={go} />}
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Palette open={palette} onClose={() => setPalette(false)} here={here} go={go} onHelp={onHelp} />
      <Help open={help} onClose={() => setHelp(false)} />
      <ToastPlace />
    </>
  );
}
