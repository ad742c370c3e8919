// Text fields: one line with a label and its error, and the filter box of a page.
import { useId, type ComponentProps, type ReactNode, type Ref } from 'react';
import { Icon } from './icon';
import css from './field.module.css';

/** A labelled field; the error stands below and is tied to it. */
export function Field({ label, error, hint, ...rest }: { label: string; error?: string | undefined; hint?: ReactNode } & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className={css.label}>
      <label htmlFor={id}>
        <span>{label}</span>
      </label>
      <div className={[css.field, css.big, error && css.bad].filter(Boolean).join(' ')}>
        <input id={id} aria-invalid={error ? true : undefined} aria-describedby={error || hint ? id + 'd' : undefined} {...rest} />
      </div>
      {error ? (
        <span id={id + 'd'} className={css.error} role="alert">
          {error}
        </span>
      ) : hint ? (
        <span id={id + 'd'} className={css.hint}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

/** The filter of a page or card. `slash` makes it the one that the key / goes to. */
export function Search({ label, value, onValue, slash, mono, className, children, inputRef, ...rest }: { label: string; value: string; onValue: (v: string) => void; slash?: boolean; mono?: boolean; children?: ReactNode; inputRef?: Ref<HTMLInputElement> } & Omit<ComponentProps<'input'>, 'value' | 'onChange'>) {
  return (
    <div className={[css.field, css.quiet, className].filter(Boolean).join(' ')}>
      <Icon name="search" small />
      <input ref={inputRef} type="text" className={mono ? 'mono' : undefined} aria-label={label} value={value} onChange={(e) => onValue(e.target.value)} spellCheck={false} autoComplete="off" data-slash={slash ? '' : undefined} {...rest} />
      {children}
      {slash && <kbd className={css.kbd}>/</kbd>}
    </div>
  );
}

/** A slider whose filled part is the accent. */
export function Slider({ label, value, min, max, step, onValue }: { label: string; value: number; min: number; max: number; step: number; onValue: (v: number) => void }) {
  const part = ((value - min) / (max - min)) * 100;
  return <input type="range" className={css.range} aria-label={label} min={min} max={max} step={step} value={value} style={{ ['--v' as string]: part + '%' }} onChange={(e) => onValue(Number(e.target.value))} />;
}

/** One key of the keyboard. */
export const Kbd = ({ children }: { children: ReactNode }) => <kbd className={css.kbd}>{children}</kbd>;
