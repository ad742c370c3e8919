// Things over the whole window: one, with those before and after it by arrow keys, or two to four side by side.
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { paint } from '../../chart/colour';
import { int } from '../../data/format';
import { Button } from '../../parts/button';
import { useGiveBack } from '../../parts/giveback';
import { Icon } from '../../parts/icon';
import { neighbour, type Entry } from './gallery';
import css from './media.module.css';

type Props = { title: string; entries: Entry[]; open: string[]; onOpen: (ids: string[]) => void; thing: (e: Entry) => ReactNode; steps: ReactNode; onStep: (by: number) => void };

/** `open` are ids of entries; empty closes it. `thing` draws one, `steps` is the panel's slider. */
export function Viewer(props: Props) {
  return (
    <Dialog.Root open={props.open.length > 0} onOpenChange={(o) => !o && props.onOpen([])}>
      <Dialog.Portal>
        <Whole {...props} />
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const BY_KEY: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

function Whole({ title, entries, open, onOpen, thing, steps, onStep }: Props) {
  const back = useGiveBack();
  const shown = open.flatMap((id) => entries.find((e) => e.id === id) ?? []), alone = open.length === 1;
  const at = alone ? entries.findIndex((e) => e.id === open[0]) : -1;
  const turn = (by: number) => {
    const to = neighbour(entries, open[0]!, by);
    if (to !== undefined) onOpen([to]);
  };
  const keys = (e: React.KeyboardEvent) => {
    e.stopPropagation(); // the panel behind hears nothing
    const by = BY_KEY[e.key];
    // Sound, film and sliders have uses of their own for these keys.
    if (by === undefined || e.altKey || e.metaKey || e.ctrlKey || e.target instanceof HTMLMediaElement || (e.target as HTMLElement).closest('input, [role=slider]')) return;
    if (e.shiftKey) onStep(by);
    else if (alone) turn(by);
    else return;
    e.preventDefault();
  };
  return (
    <Dialog.Content className={css.viewer} aria-describedby={undefined} onKeyDown={keys} {...back}>
      <header>
        <Dialog.Title asChild>
          <h3 className="cut" dir="auto">{alone ? title : `${title}: ${open.length} side by side`}</h3>
        </Dialog.Title>
        {/* At an end a button keeps the focus: one that were disabled would swallow the keys of the way back. */}
        {alone && (
          <>
            <Button kind="ghost" icon aria-label="Previous" title="Previous  ←" aria-disabled={at <= 0} onClick={() => turn(-1)}>
              <Icon name="left" />
            </Button>
            <output className="num small">{int(at + 1)} of {int(entries.length)}</output>
            <Button kind="ghost" icon aria-label="Next" title="Next  →" aria-disabled={at >= entries.length - 1} onClick={() => turn(1)}>
              <Icon name="right" />
            </Button>
          </>
        )}
        <Button kind="ghost" icon aria-label="Close" title="Esc" onClick={() => onOpen([])}>
          <Icon name="x" />
        </Button>
      </header>
      <div className={css.beside} data-n={open.length}>
        {shown.map((e) => (
          <figure key={`${e.id} ${e.item.path}`} className={css.large}>
            <div>{thing(e)}</div>
            <figcaption>
              <i style={{ background: paint(e.colour) }} />
              <span dir="auto">{e.label}</span>
            </figcaption>
          </figure>
        ))}
        {shown.length < open.length && <p className="dim">{shown.length === 0 ? 'It is' : `${int(open.length - shown.length)} of them are`} not there at this step.</p>}
      </div>
      {steps}
    </Dialog.Content>
  );
}
