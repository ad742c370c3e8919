// What a line panel shows: its metrics, or expressions over metrics. Axes, smoothing and groups are settings, which the
// drawer edits for all kinds.
import { useId, useState } from 'react';
import { Button } from '../../parts/button';
import { Icon } from '../../parts/icon';
import { EditRow } from '../inside/Inside';
import type { PanelEditorProps } from '../kind';
import { KeyPicker } from '../KeyPicker';
import { faultWords, isFault, readFormula } from './formula';
import { isNumber } from './takes';
import css from './line.module.css';

export function LineEditor({ config, catalogue, onConfig }: PanelEditorProps<'line'>) {
  const keys = (config.stream === 'events' ? catalogue.events : [...catalogue.history, ...catalogue.events]).filter((k) => isNumber(k.type)), known = keys.map((k) => k.key);
  const expressions = config.expressions ?? [];
  const set = (all: string[]) => onConfig({ expressions: all.length ? all : undefined });
  return (
    <>
      <KeyPicker label="Metrics" keys={keys} chosen={config.metrics} onChosen={(metrics) => onConfig({ metrics, ...(config.step && metrics.length !== 1 ? { step: null } : {}) })} />
      <EditRow label="Expressions">
        {expressions.map((e, i) => (
          <span key={`${i} of ${expressions.length}`} className="row">
            <FormulaField label={`Expression ${i + 1}`} value={e} known={known} onValue={(v) => set(expressions.map((o, k) => (k === i ? v : o)))} />
            <Button kind="ghost" icon small aria-label={`Remove expression ${i + 1}`} onClick={() => set(expressions.filter((_, k) => k !== i))}><Icon name="x" small /></Button>
          </span>
        ))}
        <Button small onClick={() => set([...expressions, config.metrics[0] ?? ''])}>
          <Icon name="plus" small />
          Expression
        </Button>
      </EditRow>
      <EditRow label="x">
        <FormulaField label="Expression for x" value={config.xExpression ?? ''} known={known} placeholder="by the settings" onValue={(v) => onConfig({ xExpression: v || undefined })} />
      </EditRow>
    </>
  );
}

/** A field for an expression, which is kept with its names marked; a fault is said below it and its place shown. */
function FormulaField({ label, value, known, placeholder, onValue }: { label: string; value: string; known: string[]; placeholder?: string; onValue: (v: string) => void }) {
  const [text, setText] = useState(value);
  const id = useId(), read = text.trim() === '' ? null : readFormula(text, known), fault = read && isFault(read) ? read : null;
  const strange = read && !isFault(read) ? read.names.filter((n) => !known.includes(n)) : [];
  const write = (t: string) => {
    setText(t);
    const f = readFormula(t, known);
    onValue(isFault(f) ? t.trim() : f.text);
  };
  return (
    <span className={css.field}>
      <input type="text" aria-label={label} value={text} placeholder={placeholder ?? 'loss * 100'} spellCheck={false} dir="ltr" aria-invalid={fault ? true : undefined} aria-describedby={id} onChange={(e) => write(e.target.value)} />
      <span id={id} className={css.under} role={fault ? 'alert' : undefined}>
        {fault && (
          <>
            <code>{text.slice(0, fault.at)}<mark>{text.slice(fault.at, fault.at + 1) || '␣'}</mark>{text.slice(fault.at + 1)}</code> {faultWords(fault)}
          </>
        )}
        {strange.length > 0 && <>No run in view logged <code>{strange.join(', ')}</code>.</>}
      </span>
    </span>
  );
}
