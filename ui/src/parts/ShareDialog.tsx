// Public read-only links to a project or a run: those there are, and a new one.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { day } from '../data/format';
import { share, sharesQuery, takeShareBack } from '../data/team';
import { Button, Segment } from './button';
import { copyText } from './copy';
import { Dialog } from './menu';
import { Code, Failed, Waiting } from './surface';
import { toast } from './toast';
import css from './share.module.css';

const LIVES = [{ value: 7, label: '7 days' }, { value: 30, label: '30 days' }, { value: 365, label: 'A year' }, { value: 0, label: 'No end' }];

/** For a run, a saved view (`view` names it), or the whole project. */
export function ShareDialog({ entity, project, run = '', view, onClose }: { entity: string; project: string; run?: string; view?: { name: string; title: string }; onClose: () => void }) {
  const links = useQuery(sharesQuery(entity, project));
  const [days, setDays] = useState(30);
  const [busy, setBusy] = useState(false);
  const [url, setUrl] = useState('');
  const [error, setError] = useState<unknown>(null);
  const what = run ? 'this run' : view ? `${view.title}, with all runs of the project` : 'this project with all its runs';
  const make = () => {
    setBusy(true);
    setError(null);
    share(`${entity}/${project}`, run ? { run } : view ? { view: view.name } : {}, days).then((s) => setUrl(s.url ?? ''), setError).finally(() => setBusy(false));
  };
  const mine = (links.data ?? []).filter((l) => l.run === run && l.view === (view?.name ?? ''));
  return (
    <Dialog open onClose={onClose} title={run ? 'Share this run' : `Share ${view?.title ?? project}`} foot={<Button onClick={onClose}>Close</Button>}>
      <div className={css.share}>
        <div className="row wrap">
          <span className="grow">Members open the address of this page as it is.</span>
          <Button small onClick={() => copyText(location.href)}>Copy address</Button>
        </div>
        <h3>For anybody, read only</h3>
        <p className="mid">Whoever has the link sees the charts and the configuration of {what}, without an account, and nothing else.</p>
        {error !== null && <Failed what="No link was made." error={error} />}
        {url ? (
          <>
            <Code text={url} label="The public link" />
            <span className="dim small">It is not stored and cannot be shown again.</span>
          </>
        ) : (
          <div className="row wrap">
            <Segment label="Works for" value={days} options={LIVES} onChange={setDays} />
            <Button kind="primary" busy={busy} onClick={make}>Make a public link</Button>
          </div>
        )}
        {links.isError ? <Failed what="The links could not be read." error={links.error} retry={() => void links.refetch()} /> : !links.data ? <Waiting rows={1} /> : mine.length > 0 && (
          <ul className={css.links} aria-label="Links that work now">
            {mine.map((l) => (
              <li key={l.id}>
                <span className="grow">By {l.creator || 'somebody who left'}, {day(l.created)}; {l.expires ? `ends ${day(l.expires)}` : 'no end'}</span>
                <Button small kind="danger-ghost" onClick={() => void takeShareBack(entity, project, l.id).then(() => toast('Taken back: the link shows nothing now.'), (e: Error) => toast('Not taken back: ' + e.message, undefined, true))}>Take back</Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}
