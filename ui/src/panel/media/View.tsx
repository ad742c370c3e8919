// Media of runs beside each other, at one step that a slider moves.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { int } from '../../data/format';
import { fileUrl, MEDIA_RUNS, mediaQuery, type MediaRun } from '../../data/media';
import { runDocsQuery } from '../../data/runset';
import { parseLoose } from '../../data/json';
import { Button } from '../../parts/button';
import { Slider } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { paint } from '../../chart/colour';
import { Said, SaidFailed, SaidWaiting, useDrawn } from '../inside/Inside';
import inside from '../inside/inside.module.css';
import type { PanelViewProps } from '../kind';
import { choose, entriesOf, MOST_BESIDE, type Entry, type Row } from './gallery';
import { itemsOf, stepsOf, valueAt } from './items';
import { classColour, layerKey, type OverlayChoice } from './Overlay';
import { makeStep, sharedStep, useStep } from './step';
import { Thing } from './Thing';
import { Viewer } from './Viewer';
import css from './media.module.css';

const AT_ONCE = 4; // frames that open by themselves
const HEAVY = new Set(['html', 'plotly', 'object', 'molecule']);

export function MediaView({ view, panel, title, full, head, bind, onConfig }: PanelViewProps<'media'>) {
  const { mediaKeys, columnCount, sync, maxRuns, autoPlay } = panel.config;
  const key = mediaKeys[0] ?? '';
  const { runs, names, left, live } = useDrawn(view, Math.min(MEDIA_RUNS, maxRuns ?? 12));
  const q = useQuery({ ...mediaQuery(view.project, names, key, live), placeholderData: keepPreviousData });
  const [own] = useState(makeStep);
  const [step, setStep] = useStep(sync ? sharedStep(view) : own);
  const found = useMemo(() => (q.data ?? []).filter((r) => !r.missing && names.includes(r.run)), [q.data, names]);
  const steps = useMemo(() => stepsOf(found), [found]);
  const at = step ?? steps[steps.length - 1] ?? 0;
  const index = Math.max(0, steps.findLastIndex((s) => s <= at));
  const go = useCallback((i: number) => setStep(i >= steps.length - 1 ? null : steps[Math.max(0, i)]!), [setStep, steps]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [open, setOpen] = useState<string[]>([]);
  const moved = useRef(go);
  const place = useRef(index);
  const rows = useMemo(() => found.map((r) => shownOf(r, key, at, runs)), [found, key, at, runs]);
  const latest = useRef(rows);
  useEffect(() => {
    moved.current = go;
    place.current = index;
    latest.current = rows;
  });
  useEffect(() => {
    bind({
      key: (e) => {
        if (!e.shiftKey || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return false;
        moved.current(place.current + (e.key === 'ArrowRight' ? 1 : -1));
        e.stopPropagation();
        return true;
      },
      reset: () => moved.current(Infinity),
      table: () => ({ head: ['Run', 'Step', 'Type', 'Caption', 'File'], rows: latest.current.flatMap((r) => r.items.map((i) => [r.name, r.step, i.type || i.kind, i.caption, i.path])) }),
    });
    return () => bind(null);
  }, [bind]);
  const overlays = useOverlays(view.project, key, rows, panel.config.hidden ?? [], panel.config.score ?? 0);
  const thinned = found.reduce((n, r) => n + Math.max(0, r.total - r.values.length), 0);

  if (!key) return <Said>No media was chosen yet.</Said>;
  if (q.error && !q.data) return <SaidFailed what="The media could not be read." error={q.error} retry={() => void q.refetch()} />;
  if (!q.data && names.length) return <SaidWaiting what={`Reading ${title}`} />;
  if (rows.length === 0) return <Said>No run in view logged <code>{key}</code></Said>;
  const entries = entriesOf(rows), columns = columnCount ?? 0;
  const heavy = entries.filter((e) => HEAVY.has(e.item.kind)).map((e) => e.id);
  const thing = (e: Entry, tall: boolean, held: boolean) => <Thing item={e.item} url={(p) => fileUrl(view.project, e.run, p)} label={e.label} choice={overlays.choice} tall={tall} held={held} play={autoPlay ?? false} />;
  const stepBar = steps.length > 1 && <Steps title={title} steps={steps} index={index} onIndex={go} />;
  return (
    <div className={css.media}>
      {head &&
        createPortal(
          <span className={inside.meta}>
            {left > 0 && <span>{int(rows.length)} of {int(rows.length + left)} runs</span>}
            {thinned > 0 && <span title="A thousand values of each run are read, spread evenly over its steps">{int(thinned)} steps left out</span>}
          </span>,
          head,
        )}
      {overlays.list.length > 0 && <Classes overlays={overlays} hidden={panel.config.hidden ?? []} score={panel.config.score ?? 0} onConfig={onConfig} title={title} />}
      {chosen.length > 0 && <Chosen title={title} n={chosen.length} onShow={() => setOpen(chosen)} onClear={() => setChosen([])} />}
      <div className={`${css.items} ${full ? css.wide : ''}`} style={columns ? { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` } : undefined} tabIndex={0} role="group" aria-label={`${title} at step ${int(at)}`}>
        {entries.map((e) => (
          <figure key={`${e.id} ${HEAVY.has(e.item.kind) ? '' : e.item.path}`} className={css.item} data-kind={e.item.kind} onClick={(c) => c.target instanceof HTMLImageElement && setOpen([e.id])}>
            {thing(e, full || entries.length === 1, heavy.indexOf(e.id) >= AT_ONCE)}
            <figcaption title={e.label}>
              <i style={{ background: paint(e.colour) }} />
              <span className="cut" dir="auto">{e.item.caption || e.name}</span>
              {e.step !== at && <span className="dim num">step {int(e.step)}</span>}
              <Tools label={e.label} on={chosen.includes(e.id)} room={chosen.length < MOST_BESIDE} onChoose={() => setChosen(choose(chosen, e.id))} onOpen={() => setOpen([e.id])} />
            </figcaption>
          </figure>
        ))}
        {entries.length === 0 && <p className="dim">Nothing to show at this step.</p>}
      </div>
      {stepBar}
      <Viewer title={title} entries={entries} open={open} onOpen={setOpen} thing={(e) => thing(e, true, false)} steps={stepBar} onStep={(by) => go(index + by)} />
    </div>
  );
}

/** Opens a thing over the whole window, or chooses it for a look side by side. */
function Tools({ label, on, room, onChoose, onOpen }: { label: string; on: boolean; room: boolean; onChoose: () => void; onOpen: () => void }) {
  return (
    <span className={css.tools} data-on={on || undefined}>
      <Button kind="ghost" icon small aria-pressed={on} disabled={!on && !room} aria-label={`Choose ${label}`} title={on || room ? 'Choose for a look side by side' : 'Four are chosen, the most that stand side by side'} onClick={onChoose}>
        <Icon name={on ? 'check' : 'plus'} small />
      </Button>
      <Button kind="ghost" icon small aria-label={`Open ${label}`} title="Over the whole window" onClick={onOpen}>
        <Icon name="full" small />
      </Button>
    </span>
  );
}

function Chosen({ title, n, onShow, onClear }: { title: string; n: number; onShow: () => void; onClear: () => void }) {
  return (
    <div className={css.chosen} role="group" aria-label={`Chosen of ${title}`}>
      <span>{n === 1 ? 'One chosen: choose up to three more' : `${n} chosen`}</span>
      <Button small disabled={n < 2} onClick={onShow}>Side by side</Button>
      <Button kind="ghost" small onClick={onClear}>Clear</Button>
    </div>
  );
}

/** The slider over the steps of all runs. */
function Steps({ title, steps, index, onIndex }: { title: string; steps: number[]; index: number; onIndex: (i: number) => void }) {
  return (
    <div className={css.steps}>
      <Button kind="ghost" icon small aria-label={`Previous step of ${title}`} disabled={index === 0} onClick={() => onIndex(index - 1)}>
        <Icon name="left" small />
      </Button>
      <Slider label={`Step of ${title}`} min={0} max={steps.length - 1} step={1} value={index} onValue={onIndex} />
      <Button kind="ghost" icon small aria-label={`Next step of ${title}`} disabled={index === steps.length - 1} onClick={() => onIndex(index + 1)}>
        <Icon name="right" small />
      </Button>
      <output className="num small">step {int(steps[index] ?? 0)}</output>
    </div>
  );
}

function shownOf(r: MediaRun, key: string, at: number, runs: { name: string; display: string; stroke: { colour: number } }[]): Row {
  const v = valueAt(r.values, at), run = runs.find((d) => d.name === r.run);
  return { run: r.run, name: run?.display ?? r.run, colour: run?.stroke.colour ?? 0, step: v?.step ?? 0, items: v ? itemsOf(v.value, key, v.step) : [] };
}

type Overlays = { choice: OverlayChoice; list: { layer: string; classes: { id: string; name: string }[] }[]; scored: boolean };

/** Classes of the boxes and masks in sight. Their names are in the runs' configs. */
function useOverlays(project: string, key: string, rows: Row[], hidden: string[], score: number): Overlays {
  const [seen, setSeen] = useState<Record<string, string[]>>({});
  const any = rows.some((r) => r.items.some((i) => i.boxes.length || i.masks.length));
  const first = rows.find((r) => r.items.some((i) => i.boxes.length || i.masks.length))?.run;
  const docs = useQuery({ ...runDocsQuery(project, first ? [first] : []), enabled: any });
  const labels = useMemo(() => labelsOf(docs.data?.[0]?.raw, key), [docs.data, key]);
  const onClasses = useCallback((layer: string, classes: string[]) => setSeen((old) => (classes.every((c) => old[layer]?.includes(c)) ? old : { ...old, [layer]: [...new Set([...(old[layer] ?? []), ...classes])].sort((a, b) => Number(a) - Number(b)) })), []);
  const off = hidden.join('\n');
  const choice = useMemo((): OverlayChoice => ({ labels, hidden: new Set(off ? off.split('\n') : []), score, onClasses }), [labels, off, score, onClasses]);
  const names = new Set(rows.flatMap((r) => r.items.flatMap((i) => [...i.masks.map((m) => layerKey('masks', m.name)), ...i.boxes.map((b) => layerKey('boxes', b.name))])));
  const list = [...names].sort().map((layer) => ({ layer, classes: (seen[layer] ?? []).filter((id) => !(layer.startsWith('masks/') && id === '0' && !labels[layer]?.[id])).map((id) => ({ id, name: labels[layer]?.[id] ?? `class ${id}` })) }));
  return { choice, list, scored: [...names].some((n) => n.startsWith('boxes/')) };
}

/** Names of classes, from the part of the config that the SDK writes. */
function labelsOf(raw: string | undefined, key: string): Record<string, Record<string, string>> {
  const sdk = ((parseLoose(raw) as { _wandb?: { value?: Record<string, unknown> } } | undefined)?._wandb?.value ?? {}) as Record<string, Record<string, { value?: Record<string, string> }> | undefined>;
  const out: Record<string, Record<string, string>> = {};
  for (const [part, kind] of [['mask/class_labels', 'masks'], ['bounding_box/class_labels', 'boxes']] as const)
    for (const [k, v] of Object.entries(sdk[part] ?? {})) {
      const [of, name] = k.split('_wandb_delimeter_');
      if (of === key && name) out[layerKey(kind, name)] = v?.value ?? {};
    }
  return out;
}

/** A switch for each class of each layer, and the least score of boxes. */
function Classes({ overlays, hidden, score, onConfig, title }: { overlays: Overlays; hidden: string[]; score: number; onConfig: (c: { hidden?: string[]; score?: number }) => void; title: string }) {
  const toggle = (id: string) => onConfig({ hidden: hidden.includes(id) ? hidden.filter((h) => h !== id) : [...hidden, id] });
  return (
    <div className={css.classes} role="group" aria-label={`Overlays of ${title}`}>
      {overlays.list.map((l) => (
        <span key={l.layer} className={css.layer}>
          <button type="button" className={css.class} aria-pressed={!hidden.includes(l.layer)} onClick={() => toggle(l.layer)}>{l.layer.replace('/', ' ')}</button>
          {l.classes.map((c) => {
            const id = `${l.layer}/${c.id}`, on = !hidden.includes(id) && !hidden.includes(l.layer);
            return (
              <button key={c.id} type="button" className={css.class} aria-pressed={on} disabled={hidden.includes(l.layer)} onClick={() => toggle(id)}>
                <i style={{ background: on ? classColour(Number(c.id)) : 'transparent', borderColor: classColour(Number(c.id)) }} />
                {c.name}
              </button>
            );
          })}
        </span>
      ))}
      {overlays.scored && (
        <span className={css.layer}>
          <span className="dim small">score ≥ {score.toFixed(2)}</span>
          <Slider label={`Least score of boxes of ${title}`} min={0} max={1} step={0.01} value={score} onValue={(v) => onConfig({ score: v })} />
        </span>
      )}
    </div>
  );
}
