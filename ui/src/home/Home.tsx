// Home: your projects and those of your teams, newest activity first; the first steps while there are none.
import { useQueries } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { projectsQuery } from '../data/project';
import { useUser } from '../data/session';
import { FirstRun } from '../parts/FirstRun';
import { Card, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { ProjectList } from './ProjectList';
import { Running } from './Running';
import css from './home.module.css';

export function Home() {
  useTitle('Home');
  const user = useUser();
  const navigate = useNavigate();
  const owners = [...new Set([user?.entity ?? '', ...(user?.teams.map((t) => t.name) ?? [])])].filter(Boolean);
  const [none, setNone] = useState(false);
  const asked = useQueries({ queries: owners.map((o) => ({ ...projectsQuery(o), refetchInterval: none ? 2000 : 15_000 })) });
  const failed = asked.find((q) => q.isError && !q.data);
  const waiting = asked.some((q) => q.isPending);
  const all = asked.flatMap((q) => q.data?.projects ?? []).sort((a, b) => (b.lastActive ?? b.createdAt).localeCompare(a.lastActive ?? a.createdAt));
  const empty = !waiting && !failed && all.length === 0;
  const first = all[0];
  useEffect(() => {
    // The first steps turn into the workspace as soon as their run makes a project.
    if (none && first) void navigate({ to: '/$entity/$project/workspace', params: { entity: first.entityName, project: first.name }, replace: true });
    setNone(empty);
  }, [empty, none, first, navigate]);
  if (empty) return <FirstRun project="first-steps" entity={user?.entity ?? ''} waiting />;
  return (
    <div className="page">
      <div className={css.home}>
        <h1>Home</h1>
        {failed && <Failed what="Some projects could not be read." error={failed.error} retry={() => void failed.refetch()} />}
        <Running projects={all} />
        <Card title="Recent projects">{waiting && all.length === 0 ? <Waiting rows={6} /> : all.length ? <ProjectList projects={all} owner /> : <Empty>No project yet.</Empty>}</Card>
      </div>
    </div>
  );
}
