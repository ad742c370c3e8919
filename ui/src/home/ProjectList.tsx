// Projects as rows: name, what runs now, how many runs, when something last happened; the pin, where it counts.
import { Link } from '@tanstack/react-router';
import { ago, int, when } from '../data/format';
import { pinProject } from '../data/home';
import type { Project } from '../data/project';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { toast } from '../parts/toast';
import css from './home.module.css';

export function ProjectList({ projects, owner, pins }: { projects: (Project & { pinned?: boolean })[]; owner?: boolean; pins?: boolean }) {
  const now = Date.now();
  return (
    <ul className={[css.list, pins && css.pins].filter(Boolean).join(' ')}>
      {projects.map((p) => (
        <li key={p.id}>
          <Link to="/$entity/$project" params={{ entity: p.entityName, project: p.name }} className="">
            <span className="cut" title={p.description || p.name}>
              {owner && <span className="dim">{p.entityName} / </span>}
              <b>{p.name}</b> {p.description && <span className="dim">{p.description}</span>}
            </span>
            <span>{p.running ? <span className={css.live}>{int(p.running)} running</span> : null}</span>
            <span className={css.num}>{p.runCount === null ? '' : `${int(p.runCount)} ${p.runCount === 1 ? 'run' : 'runs'}`}</span>
            <span className={css.num} title={when(p.lastActive ?? p.createdAt)}>
              {ago(Date.parse(p.lastActive ?? p.createdAt), now)}
            </span>
          </Link>
          {pins && <Pin project={`${p.entityName}/${p.name}`} on={p.pinned ?? false} />}
        </li>
      ))}
    </ul>
  );
}

function Pin({ project, on }: { project: string; on: boolean }) {
  const set = () => void pinProject(project, !on).catch((e: Error) => toast(`${project} was not ${on ? 'unpinned' : 'pinned'}: ${e.message}`, undefined, true));
  return (
    <Button kind="ghost" icon small className={on ? css.pinned! : ''} aria-pressed={on} aria-label={`Pin ${project}`} title={on ? 'Pinned on your start page' : 'Pin on your start page'} onClick={set}>
      <Icon name="pin" small />
    </Button>
  );
}
