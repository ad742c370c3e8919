// An owner's page: projects and, for a team, members.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectsQuery } from '../data/project';
import { useUser } from '../data/session';
import { ButtonLink } from '../parts/button';
import { FirstRun } from '../parts/FirstRun';
import { NotFound } from '../parts/missing';
import { Search } from '../parts/field';
import { Avatar, Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { useState } from 'react';
import { ProjectList } from './ProjectList';
import css from './home.module.css';

export function Entity() {
  const { entity } = useParams({ strict: false }) as { entity: string };
  useTitle(entity);
  const user = useUser();
  const asked = useQuery({ ...projectsQuery(entity), refetchInterval: 20_000 });
  const [filter, setFilter] = useState('');
  const e = asked.data;
  if (e === null) return <NotFound what={entity} />;
  if (e && e.projects.length === 0 && (e.name === user?.entity || e.viewerRole)) return <FirstRun project="first-steps" entity={e.name} waiting />;
  const shown = e?.projects.filter((p) => p.name.toLowerCase().includes(filter.toLowerCase())) ?? [];
  return (
    <div className="page">
      <div className={css.home}>
        <div className="row wrap">
          <h1>{entity}</h1>
          {e?.isTeam && <Chip>team</Chip>}
          {e?.viewerRole && e.isTeam && <Chip>you are {e.viewerRole}</Chip>}
          <span className="grow" />
          {e && (e.isTeam || e.name === user?.entity) && (
            <ButtonLink small to="/$entity/settings" params={{ entity }}>
              {e.isTeam ? 'Members and settings' : 'Settings'}
            </ButtonLink>
          )}
        </div>
        {asked.isError && <Failed what="The projects could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        <div className={e?.isTeam ? css.two : undefined}>
          <Card title="Projects" head={<><span className="grow" /><Search label="Filter projects" placeholder="Filter" slash value={filter} onValue={setFilter} /></>}>
            {asked.isPending ? <Waiting /> : shown.length ? <ProjectList projects={shown} /> : <Empty>{filter ? 'No project has this in its name.' : 'No project yet.'}</Empty>}
          </Card>
          {e?.isTeam && (
            <Card title="Members">
              <ul className={css.people}>
                {e.members.map((m) => (
                  <li key={m.id ?? m.name}>
                    <Avatar name={m.name} small />
                    <span className="cut">{m.username ?? m.name}</span>
                    <span className={css.role}>{m.accountType === 'SERVICE' ? 'service account' : m.role}</span>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </div>
      </div>
    </div>
  );
}
