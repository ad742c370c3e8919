// An owner's page: projects, the pinned ones first, and for a team its members.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { homeQuery } from '../data/home';
import { projectsQuery, type Member } from '../data/project';
import { useUser } from '../data/session';
import { ButtonLink } from '../parts/button';
import { Search } from '../parts/field';
import { FirstRun } from '../parts/FirstRun';
import { NotFound } from '../parts/missing';
import { Avatar, Card, Chip, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { ProjectList } from './ProjectList';
import css from './home.module.css';

export function Entity() {
  const { entity } = useParams({ strict: false }) as { entity: string };
  useTitle(entity);
  const user = useUser();
  const asked = useQuery({ ...projectsQuery(entity), refetchInterval: 20_000 });
  const pins = new Set(useQuery(homeQuery).data?.projects.filter((p) => p.pinned).map((p) => `${p.entityName}/${p.name}`));
  const [filter, setFilter] = useState('');
  const e = asked.data;
  if (e === null) return <NotFound what={entity} />;
  const mine = e?.name === user?.entity;
  if (e && e.projects.length === 0 && (mine || e.viewerRole)) return <FirstRun project="first-steps" entity={e.name} waiting />;
  const found = e?.projects.filter((p) => p.name.toLowerCase().includes(filter.toLowerCase())).map((p) => ({ ...p, pinned: pins.has(`${p.entityName}/${p.name}`) })) ?? [];
  const shown = [...found.filter((p) => p.pinned), ...found.filter((p) => !p.pinned)];
  return (
    <div className="page">
      <div className={css.home}>
        <div className="row wrap">
          <h1>{entity}</h1>
          {e?.isTeam && <Chip>team</Chip>}
          {e?.viewerRole && e.isTeam && <Chip>you are {e.viewerRole}</Chip>}
          <span className="grow" />
          {e && (e.isTeam || mine) && (
            <ButtonLink small to="/$entity/settings" params={{ entity }}>
              {e.isTeam ? 'Members and settings' : 'Settings'}
            </ButtonLink>
          )}
        </div>
        {asked.isError && <Failed what="The projects could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        <div className={e?.isTeam ? css.two : undefined}>
          <Card title="Projects" head={<><span className="grow" /><Search label="Filter projects" placeholder="Filter" slash value={filter} onValue={setFilter} /></>}>
            {asked.isPending ? <Waiting /> : shown.length ? <ProjectList projects={shown} pins /> : <Empty>{filter ? 'No project has this in its name.' : 'No project yet.'}</Empty>}
          </Card>
          {e?.isTeam && <Members members={e.members} />}
        </div>
      </div>
    </div>
  );
}

const Members = ({ members }: { members: Member[] }) => (
  <Card title="Members">
    <ul className={css.people}>
      {members.map((m) => (
        <li key={m.id ?? m.name}>
          <Avatar name={m.name} small />
          <span className="cut">{m.username ?? m.name}</span>
          <span className={css.role}>{m.accountType === 'SERVICE' ? 'service account' : m.role}</span>
        </li>
      ))}
    </ul>
  </Card>
);
