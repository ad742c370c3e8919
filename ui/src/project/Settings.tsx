// A project's settings: its name, who sees it, its end. The description is on the overview.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { deleteProject, projectQuery, renameProject } from '../data/project';
import { useUser } from '../data/session';
import { Button, ButtonLink } from '../parts/button';
import { Field } from '../parts/field';
import { Dialog } from '../parts/menu';
import { NotFound } from '../parts/missing';
import { ShareDialog } from '../parts/ShareDialog';
import { Card, Facts, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { toast } from '../parts/toast';
import css from './project.module.css';

export function ProjectSettings() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  useTitle('Settings', project);
  const asked = useQuery(projectQuery(entity, project));
  const user = useUser();
  const [sharing, setSharing] = useState(false);
  const [ending, setEnding] = useState(false);
  const p = asked.data;
  if (p === null) return <NotFound what={`${entity}/${project}`} />;
  const role = entity === user?.entity ? 'admin' : user?.teams.find((t) => t.name === entity)?.role;
  return (
    <div className="page">
      <div className={css.page}>
        <h1>Settings of {project}</h1>
        {asked.isError && <Failed what="The project could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        {!p ? <Waiting rows={4} /> : (
          <>
            <Card title="Name">{role === 'admin' ? <Rename key={project} entity={entity} project={project} /> : <div className={css.about}><Facts rows={[['Name', project], ['Changes', 'are made by an admin of ' + entity]]} /></div>}</Card>
            <Card title="Who sees it">
              <div className={css.about}>
                <Facts rows={[['Members of ' + entity, 'by their role: viewers read, members log runs and edit, admins also delete']]} />
                <div className={`row wrap ${css.acts}`}>
                  {entity !== user?.entity && <ButtonLink to="/$entity/settings" params={{ entity }}>Members of {entity}</ButtonLink>}
                  {!p.readOnly && <Button onClick={() => setSharing(true)}>Public links…</Button>}
                </div>
              </div>
            </Card>
            {role === 'admin' && (
              <Card title="Delete">
                <div className={css.about}>
                  <p className="mid">All runs of the project go with it.</p>
                  <Button kind="danger" onClick={() => setEnding(true)}>Delete {project}…</Button>
                </div>
              </Card>
            )}
          </>
        )}
      </div>
      {sharing && <ShareDialog entity={entity} project={project} onClose={() => setSharing(false)} />}
      {ending && p && <Ending id={p.id} entity={entity} project={project} onClose={() => setEnding(false)} />}
    </div>
  );
}

function Rename({ entity, project }: { entity: string; project: string }) {
  const navigate = useNavigate();
  const [name, setName] = useState(project);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const rename = (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    const to = name.trim();
    renameProject(entity, project, to)
      .then(() => (toast(`${project} is ${to} now. The old name leads here.`), navigate({ to: '/$entity/$project/settings', params: { entity, project: to }, replace: true })), (err: Error) => setError(err.message))
      .finally(() => setBusy(false));
  };
  return (
    <form className={css.edit} onSubmit={rename}>
      <Field label="Name" value={name} autoComplete="off" maxLength={128} onChange={(e) => setName(e.target.value)} error={error} hint="Scripts and links that use the old name are led to the new one." />
      <div><Button type="submit" busy={busy} disabled={name.trim() === '' || name.trim() === project}>Rename</Button></div>
    </form>
  );
}

/** Asks for the name, since this cannot be undone here. */
function Ending({ id, entity, project, onClose }: { id: string; entity: string; project: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = () => {
    setBusy(true);
    deleteProject(id).then(() => (toast(`${project} was deleted.`), navigate({ to: '/$entity', params: { entity } })), setError).finally(() => setBusy(false));
  };
  return (
    <Dialog open onClose={onClose} title={`Delete ${project}?`} foot={<><Button onClick={onClose}>Cancel</Button><Button kind="danger" busy={busy} disabled={typed !== project} onClick={end}>Delete project</Button></>}>
      <div className={css.edit}>
        {error !== null && <Failed what="The project was not deleted." error={error} />}
        <Field label={`Type ${project} to delete it with its runs`} autoFocus autoComplete="off" value={typed} onChange={(e) => setTyped(e.target.value)} />
      </div>
    </Dialog>
  );
}
