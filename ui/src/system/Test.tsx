// The test of a section: the real operations, one line each, and for what is refused the statement to paste.
import { useState } from 'react';
import { testSettings, type Step, type Values } from '../data/system';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Card, Code, Failed } from '../parts/surface';
import css from './system.module.css';

const NONE: Values = {};

/** A card that has nothing but a test. */
export const TestCard = ({ title, part, about }: { title: string; part: string; about: string }) => (
  <Card title={title}>
    <div className={css.form}>
      <p className="mid small">{about}</p>
      <Test title={title} part={part} values={NONE} />
    </div>
  </Card>
);

export function Test({ title, part, values, disabled }: { title: string; part: string; values: Values; disabled?: boolean }) {
  const [steps, setSteps] = useState<Step[]>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = () => {
    setBusy(true);
    setError(null);
    setSteps(undefined);
    testSettings(part, values, setSteps).catch(setError).finally(() => setBusy(false));
  };
  const bad = steps?.filter((s) => !s.ok).length ?? 0;
  return (
    <div className={css.test}>
      <div className={css.acts}>
        <Button busy={busy} disabled={disabled} onClick={start} aria-label={`Test ${title}`}>Test</Button>
        <span role="status" className="small mid">{busy ? 'Testing…' : !steps ? 'Tries what is in the fields; nothing is changed.' : bad === 0 ? 'Everything works.' : `${bad} of ${steps.length} steps failed.`}</span>
      </div>
      {error !== null && <Failed what="The test could not be made." error={error} />}
      {steps && steps.length > 0 && <ol className={css.steps} aria-label={`Steps of the test of ${title}`}>{steps.map((s) => <OneStep key={s.name} s={s} />)}</ol>}
    </div>
  );
}

const OneStep = ({ s }: { s: Step }) => (
  <li className={s.ok ? css.ok : css.bad}>
    <div className={css.step}>
      <Icon name={s.ok ? 'check' : 'warn'} small />
      <span>{s.name}<span className="sr">{s.ok ? ': works' : ': failed'}</span></span>
      <span className="dim small num">{s.millis} ms</span>
    </div>
    {s.text && <p className={css.said}>{s.text}</p>}
    {s.fix && <div className={css.fix}><div className="mid small">{s.fix.where}</div><Code text={s.fix.text} label={s.fix.where} /></div>}
  </li>
);
