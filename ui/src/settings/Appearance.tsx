// How the screens look and behave on this machine.
import { useState } from 'react';
import { lettersOn, setLettersOn } from '../keys';
import { Segment } from '../parts/button';
import { look, setLook, type LookOf } from '../parts/look';
import { Card } from '../parts/surface';
import { toggleTheme } from '../parts/theme';
import { useTheme } from '../parts/usetheme';
import css from './settings.module.css';

type Row<T extends string> = { label: string; value: T; options: { value: T; label: string }[]; onChange: (v: T) => void; note?: string };

function Choice<T extends string>({ label, value, options, onChange, note }: Row<T>) {
  return (
    <div className={css.row}>
      <span>{label}</span>
      <Segment label={label} value={value} options={options} onChange={onChange} />
      {note && <span className="dim small">{note}</span>}
    </div>
  );
}

const ON_OFF: { value: 'on' | 'off'; label: string }[] = [{ value: 'on', label: 'On' }, { value: 'off', label: 'Off' }];
const DENSITY: { value: LookOf<'density'>; label: string }[] = [{ value: 'low', label: 'Compact' }, { value: 'normal', label: 'Normal' }, { value: 'tall', label: 'Roomy' }];
const DASHES: { value: LookOf<'dashes'>; label: string }[] = [{ value: 'shared', label: 'When a colour repeats' }, { value: 'all', label: 'From the first run' }];

export function Appearance() {
  const theme = useTheme();
  const [density, setDensity] = useState(() => look('density'));
  const [dashes, setDashes] = useState(() => look('dashes'));
  return (
    <Card title="Appearance" head={<span className="dim small">on this machine</span>}>
      <div className={css.facts}>
        <Choice label="Theme" value={theme} options={[{ value: 'dark', label: 'Dark' }, { value: 'light', label: 'Light' }]} onChange={(t) => t !== theme && toggleTheme()} />
        <Choice label="Rows of tables" value={density} options={DENSITY} onChange={(v) => (setLook('density', v), setDensity(v))} />
        <Choice label="Dashes of runs" value={dashes} options={DASHES} onChange={(v) => (setLook('dashes', v), setDashes(v))} note="From the first run: neighbours differ in their dashes too, not in colour alone." />
      </div>
    </Card>
  );
}

export function Keyboard() {
  const [letters, setLetters] = useState(lettersOn);
  return (
    <Card title="Keyboard" head={<span className="dim small">on this machine</span>}>
      <div className={css.facts}>
        <Choice label="Shortcuts of a single letter" value={letters ? 'on' : 'off'} options={ON_OFF} onChange={(v) => (setLettersOn(v === 'on'), setLetters(v === 'on'))} />
      </div>
    </Card>
  );
}

/** What this server tells a person, and where. It sends no mail. */
export const News = () => (
  <Card title="Notifications">
    <div className={css.facts}>
      <p className="mid">Your runs that failed since your last visit, and those that run, stand on your start page. Alerts that a script sends stand on its run. This server sends no mail.</p>
    </div>
  </Card>
);
