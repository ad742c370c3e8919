// A team's settings: who is in it, who is invited, and whether public links are allowed.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ago, bytes, day, int } from '../data/format';
import { projectsQuery, type Member } from '../data/project';
import { useUser } from '../data/session';
import { invite, invitesQuery, removeMember, ROLES, setMember, setSharing, storageQuery, takeInviteBack, teamQuery, type Invite } from '../data/team';
import { Button, Segment } from '../parts/button';
import { Icon } from '../parts/icon';
import { Confirm, Dialog, Menu, MenuChoice } from '../parts/menu';
import { NotFound } from '../parts/missing';
import { Avatar, Card, Chip, Code, Empty, Facts, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { toast } from '../parts/toast';
import { ServiceAccounts } from './ServiceAccounts';
import css from './settings.module.css';

const LIVES = [{ value: 1, label: 'A day' }, { value: 7, label: '7 days' }, { value: 30, label: '30 days' }];
const WHAT: Record<string, string> = { viewer: 'reads', member: 'reads and logs runs', admin: 'also manages people and settings' };
const said = (what: string) => (e: Error) => toast(`${what} ${e.message}`, undefined, true);

function NewInvite({ team, onClose }: { team: string; onClose: () => void }) {
  const [role, setRole] = useState<string>('member');
  const [days, setDays] = useState(7);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [url, setUrl] = useState('');
  const make = () => {
    setBusy(true);
    invite(team, role, days).then((i) => setUrl(i.url ?? ''), setError).finally(() => setBusy(false));
  };
  if (url)
    return (
      <Dialog open onClose={onClose} title={`Invitation to ${team}`} foot={<Button kind="primary" onClick={onClose}>Done</Button>}>
        <div className={css.secret}>
          <p className="mid">Send this link to one person: it works once. It is not stored and cannot be shown again.</p>
          <Code text={url} label="The invitation" />
        </div>
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title={`Invite to ${team}`} foot={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" busy={busy} onClick={make}>Make link</Button></>}>
      <div className={css.form}>
        {error !== null && <Failed what="No link was made." error={error} />}
        <div><div className="mid small">Role</div><Segment label="Role" value={role} options={ROLES.map((r) => ({ value: r as string, label: r }))} onChange={setRole} /> <span className="dim small">{WHAT[role]}</span></div>
        <div><div className="mid small">Works for</div><Segment label="Works for" value={days} options={LIVES} onChange={setDays} /></div>
      </div>
    </Dialog>
  );
}

function MemberRow({ team, m, me, admin, onRemove }: { team: string; m: Member; me: boolean; admin: boolean; onRemove: () => void }) {
  const name = m.username ?? m.name, service = m.accountType === 'SERVICE';
  return (
    <tr>
      <td title={name}><span className="row"><Avatar name={m.name} small /><span className="cut">{name}</span>{me && <Chip>you</Chip>}{service && <Chip>service account</Chip>}</span></td>
      <td className={css.wide}>{WHAT[m.role ?? ''] ?? ''}</td>
      <td>
        {admin && !service ? (
          <Menu trigger={<Button small aria-label={`Role of ${name}: ${m.role}`}>{m.role}<Icon name="down" small /></Button>}>
            <MenuChoice value={m.role ?? ''} options={ROLES.map((r) => ({ value: r as string, label: r, end: WHAT[r] }))} onValue={(r) => r !== m.role && void setMember(team, name, r).then(() => toast(`${name} is ${r} now.`), said('The role was not changed.'))} />
          </Menu>
        ) : (
          m.role
        )}
      </td>
      <td>{admin && <Button small kind="danger-ghost" aria-label={`Remove ${name}`} onClick={onRemove}>Remove</Button>}</td>
    </tr>
  );
}

function Members({ team, members, admin }: { team: string; members: Member[]; admin: boolean }) {
  const user = useUser();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [busy, setBusy] = useState(false);
  const gone = leaving?.username ?? leaving?.name ?? '';
  const remove = () => {
    setBusy(true);
    removeMember(team, gone).then(() => toast(`${gone} was removed.`), said('Nobody was removed.')).finally(() => (setBusy(false), setLeaving(null)));
  };
  return (
    <Card title="Members" head={<span className="dim small num">{int(members.length)}</span>}>
      <div className={css.wrap} tabIndex={0} role="region" aria-label="Members">
        <table className={css.table}>
          <thead><tr><th scope="col">Name</th><th scope="col" className={css.wide}>May</th><th scope="col">Role</th><th scope="col"><span className="sr">Acts</span></th></tr></thead>
          <tbody>{members.map((m) => <MemberRow key={m.id ?? m.name} team={team} m={m} me={m.username === user?.name} admin={admin} onRemove={() => setLeaving(m)} />)}</tbody>
        </table>
      </div>
      <Confirm open={leaving !== null} onClose={() => setLeaving(null)} title={`Remove ${gone}?`} act="Remove" busy={busy} onAct={remove}>
        {leaving?.accountType === 'SERVICE' ? 'The service account is deleted with its keys. Scripts that use them stop logging.' : `${gone} no longer sees what ${team} has. Runs stay.`}
      </Confirm>
    </Card>
  );
}

const InviteRow = ({ team, i }: { team: string; i: Invite }) => (
  <tr>
    <td>{i.role}</td>
    <td className={css.wide}>{i.creator || 'somebody who left'}</td>
    <td className={css.wide}>{ago(Date.parse(i.created), Date.now())}</td>
    <td>{day(i.expires)}</td>
    <td><Button small kind="danger-ghost" aria-label={`Take back the invitation as ${i.role}`} onClick={() => void takeInviteBack(team, i.id).then(() => toast('Taken back.'), said('It was not taken back.'))}>Take back</Button></td>
  </tr>
);

function Invites({ team }: { team: string }) {
  const { data, error, refetch } = useQuery(invitesQuery(team));
  const [making, setMaking] = useState(false);
  return (
    <Card title="Invitations" head={<><span className="grow" /><Button kind="primary" small onClick={() => setMaking(true)}><Icon name="plus" small />Invite</Button></>}>
      {error && !data ? <Failed what="The invitations could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={2} /> : data.length === 0 ? (
        <Empty>Nobody is invited. A link makes whoever opens it first a member.</Empty>
      ) : (
        <div className={css.wrap} tabIndex={0} role="region" aria-label="Invitations">
          <table className={css.table}>
            <thead><tr><th scope="col">As</th><th scope="col" className={css.wide}>By</th><th scope="col" className={css.wide}>Made</th><th scope="col">Ends</th><th scope="col"><span className="sr">Acts</span></th></tr></thead>
            <tbody>{data.map((i) => <InviteRow key={i.id} team={team} i={i} />)}</tbody>
          </table>
        </div>
      )}
      {making && <NewInvite team={team} onClose={() => setMaking(false)} />}
    </Card>
  );
}

function Sharing({ team, admin }: { team: string; admin: boolean }) {
  const { data, error, refetch } = useQuery(teamQuery(team));
  const set = (on: boolean) => void setSharing(team, on).then(() => toast(on ? 'Members may make public links now.' : 'Public links are off: those that exist show nothing.'), said('It was not changed.'));
  return (
    <Card title="Public links">
      <div className={css.facts}>
        {error && !data ? <Failed what="The settings could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={1} /> : (
          <div className={css.row}>
            <span>Links that anybody can read</span>
            {admin ? <Segment label="Public links" value={data.sharing ? 'on' : 'off'} options={[{ value: 'off', label: 'Off' }, { value: 'on', label: 'On' }]} onChange={(v) => set(v === 'on')} /> : <span>{data.sharing ? 'on' : 'off'}</span>}
            <span className="dim small">For a run, a view or a project, read only, without an account. Off ends all of them at once.</span>
          </div>
        )}
      </div>
    </Card>
  );
}

function Storage({ entity }: { entity: string }) {
  const { data, error, refetch } = useQuery(storageQuery(entity));
  return (
    <Card title="Storage">
      <div className={css.facts}>
        {error && data === undefined ? <Failed what="The figure could not be read." error={error} retry={() => void refetch()} /> : data === undefined ? <Waiting rows={1} /> : (
          <Facts rows={[['In use', <span key="b" className="num">{bytes(data ?? 0)}</span>], ['That is', 'metrics, console lines, files and artifacts of all projects, each content of an artifact once. What was deleted counts until it is removed for good.']]} />
        )}
      </div>
    </Card>
  );
}

export function TeamSettings() {
  const { entity } = useParams({ strict: false }) as { entity: string };
  useTitle('Settings', entity);
  const asked = useQuery(projectsQuery(entity));
  const e = asked.data;
  if (e === null) return <NotFound what={entity} />;
  const admin = e?.viewerRole === 'admin' || (!!e && !e.isTeam);
  return (
    <div className="page">
      <div className={css.page}>
        <h1>Settings of {entity}</h1>
        {asked.isError && <Failed what="The team could not be read." error={asked.error} retry={() => void asked.refetch()} />}
        {!e ? <Waiting rows={6} /> : (
          <>
            {e.isTeam && !admin && <Card><div className={css.facts}><Facts rows={[['You are', e.viewerRole ?? 'no member'], ['Changes', 'are made by an admin of the team']]} /></div></Card>}
            {e.isTeam && <Members team={e.name} members={e.members} admin={admin} />}
            {e.isTeam && admin && <Invites team={e.name} />}
            {e.isTeam && admin && <ServiceAccounts team={e.name} members={e.members} />}
            <Storage entity={e.name} />
            <Sharing team={e.name} admin={admin} />
          </>
        )}
      </div>
    </div>
  );
}
