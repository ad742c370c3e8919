// A person's teams, and a new one.
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { createTeam } from '../data/team';
import { Button } from '../parts/button';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { Avatar, Card, Empty } from '../parts/surface';
import css from './settings.module.css';

export function Teams({ teams }: { teams: { name: string; role: string }[] }) {
  const [making, setMaking] = useState(false);
  return (
    <Card title="Teams" head={<><span className="grow" /><Button small onClick={() => setMaking(true)}><Icon name="plus" small />New team</Button></>}>
      {teams.length === 0 ? (
        <Empty>You are in no team. A team shares its projects with its members.</Empty>
      ) : (
        <ul className={css.teams}>
          {teams.map((t) => (
            <li key={t.name}>
              <Avatar name={t.name} small />
              <Link className="cut" to="/$entity" params={{ entity: t.name }}>{t.name}</Link>
              <span className="dim">{t.role}</span>
              <Link className="small" to="/$entity/settings" params={{ entity: t.name }} aria-label={`Members and settings of ${t.name}`}>Members and settings</Link>
            </li>
          ))}
        </ul>
      )}
      {making && <NewTeam onClose={() => setMaking(false)} />}
    </Card>
  );
}

function NewTeam({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const make = (e: FormEvent) => {
    e.preventDefault();
    const team = name.trim();
    if (!team) return setError('Give the team a name.');
    setBusy(true);
    createTeam(team).then(() => navigate({ to: '/$entity/settings', params: { entity: team } }), (err: Error) => setError(err.message)).finally(() => setBusy(false));
  };
  return (
    <Dialog open onClose={onClose} title="New team" foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} type="submit" form="new-team">Make team</Button></>}>
      <form id="new-team" className={css.form} onSubmit={make}>
        <Field label="Name" autoFocus autoComplete="off" maxLength={128} value={name} onChange={(e) => setName(e.target.value)} error={error} hint="The first part of its projects' addresses. You become its admin and invite the others." />
      </form>
    </Dialog>
  );
}
