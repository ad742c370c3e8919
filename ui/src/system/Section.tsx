// One section of the settings: its fields, its test, and the act that puts a change on trial.
import { useState, type FormEvent } from 'react';
import { updateSettings, type Section, type Setting, type Values } from '../data/system';
import { Button } from '../parts/button';
import { Field } from '../parts/field';
import { Card, Failed } from '../parts/surface';
import { changed, shown } from './changes';
import { Test } from './Test';
import css from './system.module.css';

const LABELS: Record<string, string> = {
  bucket: 'File storage bucket',
  'bucket-region': 'File storage region',
  'bucket-queue': 'Notification subscription',
  'bucket-kms-key': 'KMS key',
  url: 'Host URL',
  'frame-ancestors': 'Pages that may show the screens in a frame',
  'session-lifetime': 'Session length',
  redis: 'Redis',
  'cache-bytes': 'Memory for results',
  smtp: 'Mail server',
  'email-from': 'Sender of mail',
  'rate-limit': 'Requests a second for each key',
  'body-limit': 'Largest stream request',
  'ingest-inflight-bytes': 'Streams being taken in at once',
  'merge-rate': 'Merging of history, a second',
  'undelete-window': 'What was deleted can be brought back for',
  'crash-after': 'A silent run counts as crashed after',
};
const EXAMPLES: Record<string, string> = { bucket: 's3://bucket/prefix', 'bucket-region': 'eu-central-1', 'bucket-queue': 'sqs://queue', redis: 'rediss://:password@host:6379/0' };
const TESTED = ['storage', 'redis'];

export function SectionCard({ section, revision, trial }: { section: Section; revision: number; trial: boolean }) {
  const bucket = section.settings.find((s) => s.name === 'bucket');
  const [typed, setTyped] = useState<Values>({});
  const [wants, setExternal] = useState<boolean>();
  const external = wants ?? (!bucket || shown(bucket) !== '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const values = changed(section, typed, external);
  const some = Object.keys(values).length > 0;
  const update = (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(null);
    updateSettings(revision, values).then(() => (setTyped({}), setExternal(undefined)), setError).finally(() => setBusy(false));
  };
  return (
    <Card title={section.title}>
      <form className={css.form} onSubmit={update} aria-label={section.title}>
        {bucket && (
          <label className={css.check}>
            <input type="checkbox" checked={external} disabled={bucket.locked} onChange={(e) => setExternal(e.target.checked)} />
            Use an external file storage backend
          </label>
        )}
        {bucket && !external ? <p className="dim small">Files, artifacts and history are in the data folder of this server.</p> : section.settings.map((s) => <One key={s.name} s={s} value={typed[s.name] ?? shown(s)} onValue={(v) => setTyped({ ...typed, [s.name]: v })} />)}
        {error !== null && <Failed what="Nothing was changed." error={error} />}
        <div className={css.acts}>
          <Button kind="primary" type="submit" busy={busy} disabled={!some || trial}>Update settings</Button>
          {some && <Button kind="ghost" onClick={() => (setTyped({}), setExternal(undefined), setError(null))}>Discard</Button>}
        </div>
        {TESTED.includes(section.name) && <Test title={section.title} part={section.name} values={values} disabled={!!bucket && !external} />}
      </form>
    </Card>
  );
}

function One({ s, value, onValue }: { s: Setting; value: string; onValue: (v: string) => void }) {
  const from = s.locked ? `Given by ${s.source}, which wins over this page. ` : s.source === 'default' ? (s.default ? `By default ${s.default}. ` : 'Not set. ') : `From ${s.source}. `;
  return (
    <div className={css.one}>
      <Field label={LABELS[s.name] ?? s.name} value={value} readOnly={s.locked} placeholder={EXAMPLES[s.name] ?? s.default} spellCheck={false} autoComplete="off" onChange={(e) => onValue(e.target.value)} hint={<><b>{from}</b>{s.help[0]?.toUpperCase() + s.help.slice(1)}.</>} />
    </div>
  );
}
