// Projects as rows: name, what runs now, how many runs, when something last happened.
import { Link } from '@tanstack/react-router';
import { ago, int, when } from '../data/format';
import type { Project } from '../data/project';
import css from './home.module.css';

export function ProjectList({ projects, owner }: { projects: Project[]; owner?: boolean }) {
  const now = Date.now();
  return (
    <ul className={css.list}>
      {projects.map((p) => (
        <li key={p.id}>
          <Link to="/$entity/$project" params={{ entity: p.entityName, project: p.name }} className="">
            <span className="cut" title={p.description ?? p.name}>
              {owner && <span className="dim">{p.entityName} / </span>}
              <b>{p.name}</b>
            </span>
            <span>{p.running ? <span className={css.running}>{int(p.running)} running</span> : null}</span>
            <span className={css.num}>{p.runCount === null ? '' : `${int(p.runCount)} ${p.runCount === 1 ? 'run' : 'runs'}`}</span>
            <span className={css.num} title={when(p.lastActive ?? p.createdAt)}>
              {ago(Date.parse(p.lastActive ?? p.createdAt), now)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
