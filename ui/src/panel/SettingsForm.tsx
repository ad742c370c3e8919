// The form of settings: what is in force, where it comes from, and the way back to it.
import { useState } from 'react';
import { X_NAMES, xName } from '../chart/axes';
import { SMOOTHINGS } from '../chart/smooth';
import { DEFAULTS, MOST_RUNS, type Settings } from '../chart/view';
import { Button } from '../parts/button';
import { Slider } from '../parts/field';
import { Icon } from '../parts/icon';
import { Dialog } from '../parts/menu';
import { AGGS, AREAS } from './setting';
import css from './settings.module.css';

type Change = { [K in keyof Settings]?: Settings[K] | undefined };
type Props = { base: Partial<Settings>; own: Partial<Settings>; metrics?: string[]; onChange: (c: Change) => void };

export function SettingsDialog({ open, onClose, title, ...form }: Props & { open: boolean; onClose: () => void; title: string }) {
  return (
    <Dialog open={open} onClose={onClose} title={title} width={560}>
      <SettingsForm {...form} />
    </Dialog>
  );
}

/** `base` is what stands above in the cascade, `own` what this element sets. */
export function SettingsForm({ base, own, metrics = [], onChange }: Props) {
  const now: Settings = { ...DEFAULTS, ...base, ...own };
  const xs = [...new Set([...Object.keys(X_NAMES), now.x, ...metrics])];
  const row = (label: string, keys: (keyof Settings)[], control: React.ReactNode) => <Row key={label} label={label} set={keys.some((k) => k in own)} onReset={() => onChange(Object.fromEntries(keys.map((k) => [k, undefined])))}>{control}</Row>;
  return (
    <div className={css.form}>
      {row('Horizontal axis', ['x'], <Choice label="Horizontal axis" value={now.x} onValue={(x) => onChange({ x })} options={xs.map((x) => ({ value: x, label: xName(x) }))} />)}
      {row('x from, to', ['xMin', 'xMax'], <Pair name="x" low={now.xMin} high={now.xMax} onLow={(xMin) => onChange({ xMin })} onHigh={(xMax) => onChange({ xMax })} />)}
      {row('y from, to', ['yMin', 'yMax'], <Pair name="y" low={now.yMin} high={now.yMax} onLow={(yMin) => onChange({ yMin })} onHigh={(yMax) => onChange({ yMax })} />)}
      {row('Logarithmic', ['logX', 'logY'], <><Check label="x" on={now.logX} onChange={(logX) => onChange({ logX })} /><Check label="y" on={now.logY} onChange={(logY) => onChange({ logY })} /></>)}
      {row('Smoothing', ['smoothing', 'smooth'], (
        <>
          <Choice label="Kind of smoothing" value={now.smoothing} onValue={(smoothing) => onChange({ smoothing: smoothing as Settings['smoothing'] })} options={SMOOTHINGS} />
          <Slider label="Amount of smoothing" min={0} max={0.99} step={0.01} value={now.smooth} onValue={(smooth) => onChange({ smooth })} />
          <output className="num small">{now.smooth.toFixed(2)}</output>
        </>
      ))}
      {row('Show', ['band', 'ghost', 'clip'], <><Check label="Least and most of each bucket" on={now.band} onChange={(band) => onChange({ band })} /><Check label="Unsmoothed line" on={now.ghost} onChange={(ghost) => onChange({ ghost })} /><Check label="Clip outliers" on={now.clip} onChange={(clip) => onChange({ clip })} /></>)}
      {row('Legend', ['legend'], <Check label="Names below, with the values at the crosshair" on={now.legend} onChange={(legend) => onChange({ legend })} />)}
      {row('Zoom', ['sync'], <Check label="In all panels over the same axis" on={now.sync} onChange={(sync) => onChange({ sync })} />)}
      {row('Groups', ['grouped', 'agg', 'area'], (
        <>
          <Check label="Draw groups" on={now.grouped} onChange={(grouped) => onChange({ grouped })} />
          <Choice label="Line of a group" value={now.agg} onValue={(agg) => onChange({ agg: agg as Settings['agg'] })} options={AGGS} />
          <Choice label="Band of a group" value={now.area} onValue={(area) => onChange({ area: area as Settings['area'] })} options={AREAS} />
        </>
      ))}
      {row('Runs drawn', ['max'], <Number_ label="Runs drawn at most" value={now.max} onValue={(v) => onChange({ max: v === null ? undefined : Math.max(1, Math.min(MOST_RUNS, Math.round(v))) })} />)}
    </div>
  );
}

function Row({ label, set, onReset, children }: { label: string; set: boolean; onReset: () => void; children: React.ReactNode }) {
  return (
    <div className={css.row} role="group" aria-label={label}>
      <span className={set ? css.set : 'mid'}>{label}</span>
      <span className={css.controls}>{children}</span>
      {set ? (
        <Button kind="ghost" icon small aria-label={`Reset ${label}`} title="Back to what stands above" onClick={onReset}>
          <Icon name="undo" small />
        </Button>
      ) : (
        <span />
      )}
    </div>
  );
}

/** One of a list, as the browser's own control. */
export const Choice = ({ label, value, options, onValue }: { label: string; value: string; options: readonly { value: string; label: string }[]; onValue: (v: string) => void }) => (
  <select className={css.select} aria-label={label} value={value} onChange={(e) => onValue(e.target.value)}>
    {options.map((o) => (
      <option key={o.value} value={o.value}>
        {o.label}
      </option>
    ))}
  </select>
);
export const Check = ({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) => (
  <label className={css.check}>
    <input type="checkbox" checked={on} onChange={(e) => onChange(e.target.checked)} />
    {label}
  </label>
);
const Pair = ({ name, low, high, onLow, onHigh }: { name: string; low: number | null; high: number | null; onLow: (v: number | null) => void; onHigh: (v: number | null) => void }) => (
  <>
    <Number_ label={`${name} from`} value={low} onValue={onLow} />
    <Number_ label={`${name} to`} value={high} onValue={onHigh} />
  </>
);

/** A number that may be empty; takes effect when it is left or Enter is pressed. */
function Number_({ label, value, onValue }: { label: string; value: number | null; onValue: (v: number | null) => void }) {
  const [text, setText] = useState<string | null>(null);
  const bad = text !== null && text.trim() !== '' && !Number.isFinite(Number(text));
  const done = () => {
    if (text !== null && !bad) onValue(text.trim() === '' ? null : Number(text));
    if (!bad) setText(null);
  };
  return <input className={css.number} type="text" inputMode="decimal" aria-label={label} aria-invalid={bad || undefined} placeholder="auto" value={text ?? (value === null ? '' : String(value))} onChange={(e) => setText(e.target.value)} onBlur={done} onKeyDown={(e) => e.key === 'Enter' && done()} />;
}
