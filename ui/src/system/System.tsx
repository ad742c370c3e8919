// The settings of the instance: what counts and where it comes from, changes with a trial, tests, who changed what.
import { useQuery } from '@tanstack/react-query';
import { ago, int } from '../data/format';
import { useUser } from '../data/session';
import { systemQuery, type Revision, type Setting, type System as All } from '../data/system';
import { Card, Chip, Empty, Failed, Notice, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { SectionCard } from './Section';
import { TestCard } from './Test';
import css from './system.module.css';

export function System() {
  useTitle('System settings');
  const user = useUser();
  const { data, error, refetch } = useQuery({ ...systemQuery, enabled: !!user?.admin });
  return (
    <div className="page">
      <div className={css.page}>
        <h1>System settings</h1>
        {!user?.admin ? <Notice>These are for admins of the instance. {user ? `${user.name} is none.` : 'Nobody is signed in.'}</Notice> : error && !data ? <Failed what="The settings could not be read." error={error} retry={() => void refetch()} /> : !data ? <Waiting rows={8} /> : <Settings all={data} />}
      </div>
    </div>
  );
}

function Settings({ all }: { all: All }) {
  return (
    <>
      <LastChange last={all.log[0]} />
      {all.sections.map((s) => <SectionCard key={s.name} section={s} revision={all.revision} trial={all.state === 'trial'} />)}
      <TestCard title="Database" part="database" about="Reads, makes a table, writes, alters, drops it, and measures the way there." />
      <Start settings={all.start} />
      <Users users={all.users} />
      <Log log={all.log} />
    </>
  );
}

/** What became of the newest change: said where it is seen, and to those who cannot see. */
function LastChange({ last }: { last: Revision | undefined }) {
  const names = last?.changes.map((c) => c.name).join(', ');
  return (
    <div role="status">
      {last?.state === 'trial' && <Notice tone="info"><b>Being tried.</b> {names}: the server looks whether it works. If it does not within a minute, what was before counts again.</Notice>}
      {last?.state === 'kept' && <Notice tone="info"><b>In effect.</b> {names}, changed by {last.actor} {ago(Date.parse(last.made), Date.now())}.</Notice>}
      {last?.state === 'reverted' && <Notice><b>Taken back.</b> {names} did not work, so what was before counts again. {last.reason}</Notice>}
    </div>
  );
}

function Start({ settings }: { settings: Setting[] }) {
  return (
    <Card title="Read at the start only" head={<span className="dim small">from flags, the environment or the file of each server</span>}>
      <div className={css.wrap} tabIndex={0} role="region" aria-label="Settings that only the start reads">
        <table className={css.table}>
          <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
          <tbody>{settings.map((s) => <tr key={s.name} title={s.help}><td>{s.name}</td><td className="mono">{s.value || <span className="dim">none</span>}</td><td>{s.source}</td></tr>)}</tbody>
        </table>
      </div>
    </Card>
  );
}

function Users({ users }: { users: All['users'] }) {
  return (
    <Card title="Users" head={<span className="dim small num">{int(users.length)}</span>}>
      <div className={css.wrap} tabIndex={0} role="region" aria-label="Users">
        <table className={css.table}>
          <thead><tr><th scope="col">Name</th><th scope="col">Email</th><th scope="col">Is</th></tr></thead>
          <tbody>{users.map((u) => <tr key={u.name}><td>{u.name}</td><td>{u.email}</td><td>{u.admin ? <Chip tone="accent">admin</Chip> : ''}</td></tr>)}</tbody>
        </table>
      </div>
    </Card>
  );
}

const TONE = { trial: 'run', kept: 'ok', reverted: 'warn' } as const;
const WORD = { trial: 'being tried', kept: 'in effect', reverted: 'taken back' };

function Log({ log }: { log: Revision[] }) {
  return (
    <Card title="Changes" head={<span className="dim small">the last of them; secrets are not kept here</span>}>
      {log.length === 0 ? <Empty>Nothing was changed here yet.</Empty> : (
        <div className={css.wrap} tabIndex={0} role="region" aria-label="Changes">
          <table className={css.table}>
            <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Became of it</th></tr></thead>
            <tbody>
              {log.map((r) => (
                <tr key={r.id}>
                  <td>{ago(Date.parse(r.made), Date.now())}</td>
                  <td>{r.actor}</td>
                  <td>{r.changes.map((c) => <div key={c.name} className={css.change}>{c.name}: <span className="mono">{c.was || 'none'} → {c.now || 'none'}</span></div>)}</td>
                  <td title={r.reason}><Chip tone={TONE[r.state]}>{WORD[r.state]}</Chip></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
