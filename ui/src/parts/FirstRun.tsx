// The first steps of an empty project: what to paste, and whether this browser reaches the server.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { span } from '../data/format';
import { makeDemo } from '../data/demo';
import { createKey } from '../data/key';
import { useLiveState } from '../data/live';
import { useBase, useUser } from '../data/session';
import { Button, Segment } from './button';
import { Icon } from './icon';
import { useNow } from './now';
import { Coloured, FRAMEWORKS, snippet, type Framework } from './snippet';
import { State } from './state';
import { Card, Code, Failed } from './surface';
import css from './firstrun.module.css';

/** `project` is the one to log to; the page that shows this turns into the workspace with the first run. */
export function FirstRun({ project, entity, waiting }: { project: string; entity: string; waiting: boolean }) {
  const user = useUser();
  const base = useBase();
  const [key, setKey] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [framework, setFramework] = useState<Framework>('Python');
  const make = () => {
    setBusy(true);
    setError(null);
    createKey('first steps', null).then(setKey, setError).finally(() => setBusy(false));
  };
  const env = `pip install wandb\nexport WANDB_BASE_URL=${base}\nexport WANDB_API_KEY=${key ?? 'your-key'}`;
  const code = snippet(framework, project, entity === user?.entity ? null : entity);
  return (
    <div className="page">
      <div className={css.fr}>
        <div className={css.top}>
          <h1>Log the first run to {project}</h1>
          <p>
            The <code>wandb</code> package you already use talks to this server. Point it here, and your scripts work unchanged.
          </p>
        </div>
        <div>
          <section className={`${css.st} ${css.ok}`}>
            <span className={css.no}>
              <Icon name="check" small />
            </span>
            <div>
              <h2>Server and account are ready</h2>
              <div className={`${css.bd} mid`}>
                Signed in as {user?.name}{user?.admin ? ', administrator' : ''} of {base}.
              </div>
            </div>
          </section>
          <section className={css.st}>
            <span className={css.no}>2</span>
            <div>
              <h2>In the shell that trains</h2>
              <div className={css.bd}>
                <Code text={env} label="Environment">
                  <Coloured text={env} />
                </Code>
                {error !== null && <Failed what="No key was made." error={error} />}
                {key ? (
                  <span className="small dim">This key was made for you now and is shown once. It can do what you can do.</span>
                ) : (
                  <div className="row wrap">
                    <Button kind="primary" busy={busy} onClick={make}>
                      <Icon name="key" small />
                      Make a key for me
                    </Button>
                    <span className="small dim">Or use one that you have, or <code>wandb login</code>.</span>
                  </div>
                )}
              </div>
            </div>
          </section>
          <section className={css.st}>
            <span className={css.no}>3</span>
            <div>
              <h2>Run this, or your own script</h2>
              <div className={css.bd}>
                <div className={css.segs}>
                  <Segment label="Framework" value={framework} onChange={setFramework} options={FRAMEWORKS.map((f) => ({ value: f, label: f }))} />
                </div>
                <Code text={code} label={framework}>
                  <Coloured text={code} />
                </Code>
              </div>
            </div>
          </section>
        </div>
        <aside className={css.side}>
          {waiting && <Wait />}
          <Checks />
          <Sample entity={entity} />
        </aside>
      </div>
    </div>
  );
}

function Wait() {
  const [since] = useState(() => Date.now());
  const now = useNow(1000);
  return (
    <Card aria-label="Waiting for the first run">
      <div className={css.wait}>
        <div className="row">
          <State state="running" bare />
          <b role="status">Waiting for the first run</b>
          <span className="dim num" style={{ marginLeft: 'auto' }}>{span((now - since) / 1000)}</span>
        </div>
        <div className={css.pulse} aria-hidden="true">
          <svg viewBox="0 0 308 84" preserveAspectRatio="none">
            <path d="M8 12C30 40 40 52 64 56s30 8 52 9 20-7 44-1 40 6 70 5 44-3 70-1" />
          </svg>
        </div>
        <span className="small dim">This page turns into the workspace with the first run. Nothing to reload.</span>
      </div>
    </Card>
  );
}

type Check = { ok: boolean; said: string } | null;

/** What this browser can find out by itself. */
function Checks() {
  const live = useLiveState();
  const [api, setApi] = useState<Check>(null);
  const [clockOff, setClock] = useState<Check>(null);
  useEffect(() => {
    const stop = new AbortController();
    const t0 = performance.now(), at = Date.now();
    fetch('/api/session', { signal: stop.signal })
      .then((res) => {
        setApi({ ok: res.ok, said: res.ok ? `${Math.round(performance.now() - t0)} ms` : `status ${res.status}` });
        const date = Date.parse(res.headers.get('Date') ?? '');
        if (!Number.isNaN(date)) {
          const off = Math.abs(date + 500 - (at + (Date.now() - at) / 2)) / 1000; // the header counts whole seconds
          setClock({ ok: off < 30, said: off < 1 ? 'within 1 s' : `${off.toFixed(0)} s apart` });
        }
      })
      .catch((e: Error) => e.name !== 'AbortError' && setApi({ ok: false, said: 'no answer' }));
    return () => stop.abort();
  }, []);
  const rows: [string, Check][] = [
    ['API answers', api],
    ...(live.kind === 'off' ? [] : [['Live updates arrive', live.kind === 'live' ? { ok: true, said: 'open' } : live.kind === 'connecting' ? null : { ok: false, said: 'asking every 15 s' }] as [string, Check]]),
    ['Clocks agree', clockOff],
  ];
  return (
    <Card title="Checked from this browser">
      <ul className={css.ck}>
        {rows.map(([name, c]) => (
          <li key={name} className={c === null ? css.open : c.ok ? undefined : css.bad}>
            <Icon name={c === null ? 'clock' : c.ok ? 'check' : 'x'} small />
            {name}
            <span className={`${css.m} num`}>{c?.said ?? '…'}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** A look at what it becomes, before anything is trained. */
function Sample({ entity }: { entity: string }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = () => {
    setBusy(true);
    setError(null);
    makeDemo(entity)
      .then((d) => navigate({ to: '/$entity/$project/workspace', params: { entity: d.entity, project: d.project } }), setError)
      .finally(() => setBusy(false));
  };
  return (
    <Card title="Just looking?">
      <div className={css.sample}>
        <p className="mid">A sample project with runs of three kinds: a vision pre-training, a fine-tuned language model, a search over a tabular model. Delete it when you have seen it.</p>
        {error !== null && <Failed what="No sample project was made." error={error} />}
        <Button busy={busy} onClick={make}>
          Make a sample project
        </Button>
      </div>
    </Card>
  );
}
