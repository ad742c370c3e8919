// A project's overview: what it is, what it adds up to, who makes runs in it, and what was deleted lately.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ago, int, midcut, span, when } from '../data/format';
import { pinProject, totalsQuery, type Totals } from '../data/home';
import { projectQuery } from '../data/project';
import { runPageQuery } from '../data/run';
import { Button, ButtonLink } from '../parts/button';
import { Icon } from '../parts/icon';
import { NotFound } from '../parts/missing';
import { ShareDialog } from '../parts/ShareDialog';
import { State } from '../parts/state';
import { Card, Copy, Empty, Facts, Failed, Waiting } from '../parts/surface';
import { toast } from '../parts/toast';
import { useTitle } from '../parts/title';
import { Deleted } from './Deleted';
import { Description } from './Description';
import { Activity, People, Sums } from './Totals';
import css from './project.module.css';

export function Overview() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  useTitle('Overview', project);
  const asked = useQuery(projectQuery(entity, project));
  const totals = useQuery({ ...totalsQuery(entity, project), enabled: !!asked.data });
  const p = asked.data, t = totals.data;
  const [sharing, setSharing] = useState(false);
  if (p === null) return <NotFound what={`${entity}/${project}`} />;
  const readOnly = p?.readOnly ?? true;
  return (
    <div className="page">
      <div className={css.page}>
        <div className="row wrap">
          <h1>{project}</h1>
          <span className="grow" />
          {t && <PinButton project={`${entity}/${project}`} on={t.pinned} />}
          {!readOnly && <Button onClick={() => setSharing(true)}>Share</Button>}
          <ButtonLink to="/$entity/$project/settings" params={{ entity, project }}>Settings</ButtonLink>
          <ButtonLink kind="primary" to="/$entity/$project/workspace" params={{ entity, project }}>
            Open workspace
          </ButtonLink>
        </div>
        {asked.isError && <Failed what="The project could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        <div className={css.two}>
          <div className={css.col}>
            <Description entity={entity} project={project} text={p?.description ?? ''} readOnly={readOnly} loading={!p} />
            <Latest entity={entity} project={project} ready={!!p} />
            {t && t.deleted.length > 0 && <Deleted entity={entity} project={project} runs={t.deleted} readOnly={readOnly} />}
          </div>
          <div className={css.col}>
            <Card title="About">
              <div className={css.about}>
                {p ? (
                  <Facts
                    rows={[
                      ['Path', <Copy key="p" text={`${entity}/${project}`} />],
                      ['Made', `${when(p.createdAt)}${p.user?.username ? ` by ${p.user.username}` : ''}`],
                      ['Last active', p.lastActive ? when(p.lastActive) : 'never'],
                      ['Visible to', p.access === 'TEAM' || !p.access ? 'members of ' + entity : p.access.toLowerCase()],
                    ]}
                  />
                ) : (
                  <Waiting rows={4} />
                )}
              </div>
            </Card>
            {totals.isError && !t ? (
              <Failed what="The totals could not be read." error={totals.error} retry={() => void totals.refetch()} />
            ) : (
              <Added t={t} />
            )}
          </div>
        </div>
      </div>
      {sharing && <ShareDialog entity={entity} project={project} onClose={() => setSharing(false)} />}
    </div>
  );
}

const Added = ({ t }: { t: Totals | undefined }) => (
  <>
    <Card title="Totals">{t ? <Sums t={t} /> : <Waiting rows={5} />}</Card>
    <Card title="Activity">{t ? <Activity t={t} /> : <Waiting rows={2} />}</Card>
    <Card title="People">{t ? <People t={t} /> : <Waiting rows={2} />}</Card>
  </>
);

function PinButton({ project, on }: { project: string; on: boolean }) {
  const set = () => void pinProject(project, !on).then(() => toast(on ? 'Not pinned any more.' : 'Pinned: it stands first on your start page.'), (e: Error) => toast('The pin was not changed: ' + e.message, undefined, true));
  return (
    <Button aria-pressed={on} onClick={set}>
      <Icon name="pin" small />
      {on ? 'Pinned' : 'Pin'}
    </Button>
  );
}

function Latest({ entity, project, ready }: { entity: string; project: string; ready: boolean }) {
  const recent = useQuery({ ...runPageQuery({ project: `${entity}/${project}`, q: '', order: ['-heartbeat_at'], columns: [] }, 0), refetchInterval: 15_000, enabled: ready });
  const rows = recent.data?.rows.slice(0, 12) ?? [];
  const now = Date.now();
  return (
    <Card title="Latest runs" head={recent.data && <span className="dim small num">{rows.length < recent.data.total ? `${int(rows.length)} of ${int(recent.data.total)}` : int(recent.data.total)}</span>}>
      {recent.isPending ? (
        <Waiting />
      ) : recent.isError && !recent.data ? (
        <Failed what="The runs could not be read." error={recent.error} retry={() => void recent.refetch()} />
      ) : rows.length === 0 ? (
        <Empty>No run yet.</Empty>
      ) : (
        <ul className={css.runs}>
          {rows.map((r) => (
            <li key={r.name}>
              <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: r.name }} className="">
                <State state={r.state} bare />
                <span className="cut" title={r.display || r.name}>
                  {midcut(r.display || r.name, 64)}
                </span>
                <span className="dim num">{span(r.runtime)}</span>
                <span className="dim num">{ago(Date.parse(r.heartbeat || r.created), now)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
