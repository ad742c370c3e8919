// Search and commands: one box over commands, projects, runs. What is typed is matched loosely; runs come from the server.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { projectsQuery } from '../data/project';
import { runPageQuery } from '../data/run';
import { useUser } from '../data/session';
import { available, keyText, perform, SHORTCUTS, type ShortcutId } from '../keys';
import { Kbd } from '../parts/field';
import { Icon, type IconName } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { toggleTheme } from '../parts/theme';
import { copyText } from '../parts/copy';
import type { Here } from './Header';
import { rank } from './rank';
import css from './shell.module.css';

type Item = { id: string; group: string; text: string; icon: IconName; end?: string; key?: ShortcutId; run: (newTab: boolean) => void };

export function Palette({ open, onClose, here, go, onHelp }: { open: boolean; onClose: () => void; here: Here; go: (to: string) => void; onHelp: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Search and commands" bare width={640}>
      <Inside here={here} go={go} onClose={onClose} onHelp={onHelp} />
    </Dialog>
  );
}

function Inside({ here, go, onClose, onHelp }: { here: Here; go: (to: string) => void; onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const items = useItems(text, here, go, onHelp);
  const cur = Math.min(at, items.length - 1);
  const pick = (it: Item | undefined, newTab: boolean) => {
    if (!it) return;
    onClose();
    it.run(newTab);
  };
  const move = (by: number) => {
    const n = (cur + by + items.length) % Math.max(1, items.length);
    setAt(n);
    list.current?.querySelectorAll('[role=option]')[n]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div className={css.cmd}>
      <div className={css.in}>
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette"
          aria-activedescendant={items[cur] ? 'p' + cur : undefined}
          aria-label="Search or run a command"
          placeholder="Runs, projects, commands"
          value={text}
          spellCheck={false}
          onChange={(e) => (setText(e.target.value), setAt(0))}
          onKeyDown={(e) => {
            if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
              e.preventDefault();
              move(e.key === 'ArrowDown' ? 1 : -1);
            } else if (e.key === 'Enter') {
              e.preventDefault();
              pick(items[cur], e.metaKey || e.ctrlKey);
            }
          }}
        />
      </div>
      <ul id="palette" role="listbox" aria-label="Results" ref={list}>
        {items.map((it, i) => (
          <Row key={it.id} it={it} i={i} head={it.group !== items[i - 1]?.group} on={i === cur} onPick={(t) => pick(it, t)} />
        ))}
        {items.length === 0 && <li className={css.grp} role="presentation">Nothing found</li>}
      </ul>
      <div className={css.foot}>
        <span><Kbd>↑</Kbd> <Kbd>↓</Kbd> move</span>
        <span><Kbd>⏎</Kbd> open</span>
        <span><Kbd>{keyText('⌘')}</Kbd> <Kbd>⏎</Kbd> new tab</span>
      </div>
    </div>
  );
}

function Row({ it, i, head, on, onPick }: { it: Item; i: number; head: boolean; on: boolean; onPick: (newTab: boolean) => void }) {
  const key = it.key && SHORTCUTS.find((s) => s.id === it.key)?.keys;
  return (
    <>
      {head && <li className={css.grp} role="presentation">{it.group}</li>}
      <li id={'p' + i} className={css.it} role="option" aria-selected={on} onClick={(e) => onPick(e.metaKey || e.ctrlKey)}>
        <Icon name={it.icon} />
        <b className="cut">{it.text}</b>
        <span className={css.k}>{key ? key.split(' ').map((k) => <Kbd key={k}>{keyText(k)}</Kbd>) : it.end}</span>
      </li>
    </>
  );
}

function useItems(text: string, here: Here, go: (to: string) => void, onHelp: () => void): Item[] {
  const user = useUser();
  const owners = [...new Set([here.entity, user?.entity, ...(user?.teams.map((t) => t.name) ?? [])].filter((x): x is string => !!x))].slice(0, 4);
  const a = useQuery({ ...projectsQuery(owners[0] ?? ''), enabled: owners.length > 0 }).data;
  const b = useQuery({ ...projectsQuery(owners[1] ?? ''), enabled: owners.length > 1 }).data;
  const c = useQuery({ ...projectsQuery(owners[2] ?? ''), enabled: owners.length > 2 }).data;
  const inProject = here.entity && here.project ? `${here.entity}/${here.project}` : null;
  const runs = useQuery({ ...runPageQuery({ project: inProject ?? '', q: text.trim() ? quote(text.trim()) : '', order: ['-created_at'], columns: [] }, 0), enabled: !!inProject, staleTime: 5000 }).data;
  return useMemo(() => {
    const to = (path: string) => (newTab: boolean) => (newTab ? void window.open(path, '_blank', 'noopener') : go(path));
    const enc = (...s: string[]) => '/' + s.map(encodeURIComponent).join('/');
    const items: Item[] = [];
    if (here.entity && here.project) {
      const base = enc(here.entity, here.project);
      items.push({ id: 'w', group: 'In this project', text: 'Go to workspace', icon: 'grid', key: 'go.workspace', run: to(base + '/workspace') });
      items.push({ id: 't', group: 'In this project', text: 'Go to the table of runs', icon: 'rows', key: 'go.table', run: to(base + '/table') });
      items.push({ id: 'a', group: 'In this project', text: 'Go to the artifacts', icon: 'box', key: 'go.artifacts', run: to(base + '/artifacts') });
      items.push({ id: 'o', group: 'In this project', text: 'Go to overview', icon: 'info', key: 'go.overview', run: to(base + '/overview') });
      if (here.run) {
        const r = base + '/runs/' + encodeURIComponent(here.run);
        items.push({ id: 'rl', group: 'This run', text: 'Logs', icon: 'term', key: 'go.logs', run: to(r + '/logs') });
        items.push({ id: 'rs', group: 'This run', text: 'System metrics', icon: 'cpu', key: 'go.system', run: to(r + '/system') });
        items.push({ id: 'rf', group: 'This run', text: 'Files', icon: 'folder', key: 'go.files', run: to(r + '/files') });
      }
      for (const r of (runs?.rows ?? []).slice(0, 8)) items.push({ id: 'r' + r.name, group: 'Runs', text: r.display || r.name, icon: 'run', end: r.state, run: to(`${base}/runs/${encodeURIComponent(r.name)}`) });
    }
    for (const p of [a, b, c].flatMap((l) => l?.projects ?? [])) items.push({ id: 'p' + p.id, group: 'Projects', text: `${p.entityName}/${p.name}`, icon: 'box', end: p.runCount === null ? '' : `${p.runCount} runs`, run: to(enc(p.entityName, p.name, 'workspace')) });
    for (const [id, icon] of COMMANDS) if (available(id)) items.push({ id: 'c' + id, group: 'On this page', text: SHORTCUTS.find((x) => x.id === id)!.label, icon, key: id, run: () => void setTimeout(() => perform(id)) });
    items.push({ id: 'h', group: 'Everywhere', text: 'Home', icon: 'home', key: 'go.home', run: to('/home') });
    items.push({ id: 'k', group: 'Everywhere', text: 'API keys and settings', icon: 'key', run: to('/settings') });
    items.push({ id: 'l', group: 'Everywhere', text: 'Copy link to this view', icon: 'link', run: () => void copyText(location.href) });
    items.push({ id: 't', group: 'Everywhere', text: 'Change theme', icon: 'sun', key: 'theme', run: toggleTheme });
    items.push({ id: '?', group: 'Everywhere', text: 'Keyboard shortcuts', icon: 'help', key: 'help', run: onHelp });
    return rank(items, text);
  }, [a, b, c, runs, here, text, go, onHelp]);
}

const quote = (s: string) => (/[\s:=<>()~]/.test(s) ? JSON.stringify(s) : s);

/** What a page can do that is worth finding by its name. */
const COMMANDS: [ShortcutId, IconName][] = [['panel.add', 'plus'], ['panel.undo', 'undo'], ['panel.redo', 'redo'], ['panel.band', 'band'], ['panel.reset', 'full'], ['run.list', 'panel'], ['log.follow', 'down']];
