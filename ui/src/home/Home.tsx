// Home: what runs, what failed since the last visit, pinned and recent projects; the first steps while there are none.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ago } from '../data/format';
import { homeQuery, seenFailures, visitHome } from '../data/home';
import { useUser } from '../data/session';
import { Button } from '../parts/button';
import { FirstRun } from '../parts/FirstRun';
import { Card, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { toast } from '../parts/toast';
import { ProjectList } from './ProjectList';
import { FailedList, RunningList } from './RunLists';
import css from './home.module.css';

export function Home() {
  useTitle('Home');
  const user = useUser();
  const navigate = useNavigate();
  const [none, setNone] = useState(false);
  const { data, error, refetch } = useQuery({ ...homeQuery, enabled: user !== null, refetchInterval: none ? 2000 : 10_000 });
  const known = user !== null; // for a moment nobody is, on the way to signing in
  useEffect(() => {
    if (known) visitHome();
  }, [known]);
  const first = data?.projects[0];
  const empty = data !== undefined && !first;
  useEffect(() => {
    // The first steps turn into the workspace as soon as their run makes a project.
    if (none && first) void navigate({ to: '/$entity/$project/workspace', params: { entity: first.entityName, project: first.name }, replace: true });
    setNone(empty);
  }, [empty, none, first, navigate]);
  if (empty) return <FirstRun project="first-steps" entity={user?.entity ?? ''} waiting />;
  const pinned = data?.projects.filter((p) => p.pinned) ?? [], recent = data?.projects.filter((p) => !p.pinned) ?? [];
  const mine = data?.running.filter((r) => r.mine) ?? [], others = data?.running.filter((r) => !r.mine) ?? [];
  return (
    <div className="page">
      <div className={css.home}>
        <h1>Home</h1>
        {error && <Failed what="The start page could not be read." error={error} retry={() => void refetch()} />}
        {!data ? (
          !error && <Waiting rows={8} label="Reading what runs" />
        ) : (
          <>
            <Card title="Your running runs" head={<Left shown={data.running.length} total={data.total} />}>
              <RunningList runs={mine} none={data.total ? 'None of your runs is running.' : 'Nothing is running.'} />
            </Card>
            {data.failed.length > 0 && (
              <Card title="Failed since your last visit" head={<><span className="dim small">{ago(Date.parse(data.since), Date.now())}</span><span className="grow" /><Button small kind="ghost" onClick={() => void seenFailures().catch((e: Error) => toast('It was not noted: ' + e.message, undefined, true))}>Mark as seen</Button></>}>
                <FailedList runs={data.failed} />
              </Card>
            )}
            {pinned.length > 0 && <Card title="Pinned"><ProjectList projects={pinned} owner pins /></Card>}
            {others.length > 0 && <Card title="Also running in your teams"><RunningList runs={others} /></Card>}
            {recent.length > 0 && <Card title="Recent projects"><ProjectList projects={recent} owner pins /></Card>}
          </>
        )}
      </div>
    </div>
  );
}

const Left = ({ shown, total }: { shown: number; total: number }) => (total > shown ? <span className="dim small num">{shown} of {total} running are listed</span> : null);
