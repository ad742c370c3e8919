// A project's overview: what it is, how much is in it, who made it.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { describeProject, projectQuery } from '../data/project';
import { runPageQuery } from '../data/run';
import { ago, int, midcut, span, when } from '../data/format';
import { Button, ButtonLink } from '../parts/button';
import { NotFound } from '../parts/missing';
import { ShareDialog } from '../parts/ShareDialog';
import { State } from '../parts/state';
import { Card, Copy, Empty, Facts, Failed, Waiting } from '../parts/surface';
import { toast } from '../parts/toast';
import { useTitle } from '../parts/title';
import { Link } from '@tanstack/react-router';
import css from './project.module.css';

export function Overview() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  useTitle('Overview', project);
  const asked = useQuery(projectQuery(entity, project));
  const recent = useQuery({ ...runPageQuery({ project: `${entity}/${project}`, q: '', order: ['-heartbeat_at'], columns: [] }, 0), refetchInterval: 15_000, enabled: !!asked.data });
  const p = asked.data;
  const [sharing, setSharing] = useState(false);
  if (p === null) return <NotFound what={`${entity}/${project}`} />;
  const now = Date.now();
  const rows = recent.data?.rows.slice(0, 12) ?? [];
  return (
    <div className="page">
      <div className={css.page}>
        <div className="row wrap">
          <h1>{project}</h1>
          <span className="grow" />
          {p && !p.readOnly && <Button onClick={() => setSharing(true)}>Share</Button>}
          <ButtonLink to="/$entity/$project/settings" params={{ entity, project }}>Settings</ButtonLink>
          <ButtonLink kind="primary" to="/$entity/$project/workspace" params={{ entity, project }}>
            Open workspace
          </ButtonLink>
        </div>
        {asked.isError && <Failed what="The project could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        <div className={css.two}>
          <div className={css.col}>
            <Description entity={entity} project={project} text={p?.description ?? ''} readOnly={p?.readOnly ?? true} loading={!p} />
            <Card title="Latest runs">
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
          </div>
          <Card title="About">
            <div className={css.about}>
              {p ? (
                <Facts
                  rows={[
                    ['Path', <Copy key="p" text={`${entity}/${project}`} />],
                    ['Runs', <span key="r" className="num">{int(p.runCount ?? 0)}</span>],
                    ['Running', <span key="n" className="num">{int(p.running ?? 0)}</span>],
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
        </div>
      </div>
      {sharing && <ShareDialog entity={entity} project={project} onClose={() => setSharing(false)} />}
    </div>
  );
}

function Description({ entity, project, text, readOnly, loading }: { entity: string; project: string; text: string; readOnly: boolean; loading: boolean }) {
  const [draft, setDraft] = useState<string | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = saved ?? text;
  const save = async () => {
    setBusy(true);
    try {
      await describeProject(entity, project, draft ?? '');
      setSaved(draft);
      setDraft(null);
    } catch (e) {
      toast(`The description was not saved. ${(e as Error).message}`, undefined, true);
    }
    setBusy(false);
  };
  return (
    <Card
      title="Description"
      head={
        !readOnly && draft === null && !loading ? (
          <>
            <span className="grow" />
            <Button small kind="ghost" onClick={() => setDraft(shown)}>
              Edit
            </Button>
          </>
        ) : undefined
      }
    >
      {draft !== null ? (
        <div className={css.edit}>
          <textarea aria-label="Description" autoFocus rows={6} value={draft} onChange={(e) => setDraft(e.target.value)} onKeyDown={(e) => e.key === 'Escape' && (setDraft(null), e.stopPropagation())} />
          <div className="row">
            <Button kind="primary" busy={busy} onClick={() => void save()}>
              Save
            </Button>
            <Button onClick={() => setDraft(null)}>Cancel</Button>
          </div>
        </div>
      ) : (
        <div className={css.text}>{loading ? <Waiting rows={2} /> : shown ? shown : <span className="dim">No description.</span>}</div>
      )}
    </Card>
  );
}
