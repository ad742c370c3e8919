// A panel's frame: header with title, overrides and acts, drag and resize, and the panel's kind inside. What is
// inside lives only while the panel is in view, or nearly.
import { memo, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import type { Settings, View } from '../chart/view';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import type { PanelDoc } from './config';
import { overrides, type Edit } from './document';
import { startDrag, startResize } from './drag';
import { keyParts } from '../chart/sections';
import type { PanelHandle, PanelViewProps } from './kind';
import { kindOf, titleOf } from './kinds';
import { PanelMenu } from './PanelMenu';
import { settingText } from './setting';
import css from './panel.module.css';

/** What frames of one board share; stable while the board lives. */
export type BoardActs = {
  view: View;
  editable: boolean;
  edit: (e: Edit) => void;
  onFull: (panel: string) => void;
  onEdit: ((panel: string) => void) | null;
  onOpen: (run: string) => void;
  /** Moves or resizes by keyboard: places along the board, or units of the grid. */
  onStep: (panel: string, key: string, resize: boolean) => void;
  /** Where a panel may go. */
  sections: () => { id: string; title: string }[];
};
type Props = { acts: BoardActs; panel: PanelDoc; section: string; settings: Settings; w: number; height: number; root: HTMLElement | null };

export const Frame = memo(function Frame({ acts, panel, section, settings, w, height, root }: Props) {
  const card = useRef<HTMLElement>(null);
  const handle = useRef<PanelHandle | null>(null);
  const [head, setHead] = useState<HTMLElement | null>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const io = new IntersectionObserver((es) => setNear(es[es.length - 1]!.isIntersecting), { root, rootMargin: '300px' });
    io.observe(card.current!);
    return () => io.disconnect();
  }, [root]);
  const title = titleOf(panel), id = panel.id;
  const keys = (e: React.KeyboardEvent) => {
    if (e.target !== card.current || e.metaKey || e.ctrlKey) return;
    if (e.altKey) {
      if (!acts.editable || !/^Arrow/.test(e.key)) return;
      acts.onStep(id, e.key, e.shiftKey);
      e.stopPropagation();
    } else if (e.key === 'f' || e.key === 'Enter') acts.onFull(id);
    else if (e.key === 'e' && acts.onEdit) acts.onEdit(id);
    else if (e.key === 'Delete' && acts.editable) acts.edit({ do: 'panel.remove', panel: id });
    else if (!handle.current?.key?.(e)) return;
    e.preventDefault();
  };
  return (
    <article ref={card} className={css.panel} style={{ ['--w' as string]: w, ['--h' as string]: height + 'px' }} tabIndex={-1} data-panel={id} aria-label={title} onKeyDown={keys} onBlur={() => handle.current?.leave?.()}>
      <header data-drag={acts.editable ? '' : undefined} onPointerDown={(e) => acts.editable && startDrag(e, card.current!, (to, before) => acts.edit({ do: 'panel.move', panel: id, section: to, before }))}>
        <Title panel={panel} />
        <Overrides panel={panel} acts={acts} />
        <span className={css.head} ref={setHead} />
        <span className={css.acts}>
          <Button kind="ghost" icon small aria-label={`Full screen: ${title}`} title="Full screen  f" onClick={() => acts.onFull(id)}>
            <Icon name="full" small />
          </Button>
          <PanelMenu acts={acts} panel={panel} section={section} handle={handle} />
        </span>
      </header>
      <div className={css.body}>{near && <Inside acts={acts} panel={panel} settings={settings} full={false} head={head} handle={handle} />}</div>
      {acts.editable && <span className={css.corner} data-resize="" aria-hidden="true" title="Drag to resize;  ⌥⇧ arrows" onPointerDown={(e) => startResize(e, card.current!, (size) => acts.edit({ do: 'panel.size', panel: id, size }))} />}
    </article>
  );
});

/** The panel's name; a key's prefix is quiet. */
function Title({ panel }: { panel: PanelDoc }) {
  const title = titleOf(panel);
  const one = panel.kind === 'line' && panel.title === undefined && panel.config.metrics.length === 1;
  const [prefix, name] = one ? keyParts({ key: title, stream: panel.config.stream ?? 'history' }) : ['', title];
  return (
    <h3 className="cut" title={title} dir="auto">
      {prefix && <span>{prefix}</span>}
      {name}
    </h3>
  );
}

/** What this panel sets for itself, each with its way back. */
function Overrides({ panel, acts }: { panel: PanelDoc; acts: BoardActs }) {
  const own = overrides(panel);
  if (own.length === 0) return null;
  if (own.length > 2)
    return (
      <button type="button" className={css.over} title={own.map((k) => settingText(k, panel.settings![k]!)).join(', ') + '\nBack to the section'} aria-label={`Reset ${own.length} settings of ${titleOf(panel)}`} onClick={() => acts.edit({ do: 'settings', panel: panel.id, change: Object.fromEntries(own.map((k) => [k, undefined])) })}>
        {own.length} own
        <Icon name="x" small />
      </button>
    );
  return own.map((k) => {
    const text = settingText(k, panel.settings![k]!);
    return (
      <button key={k} type="button" className={css.over} title="Back to the section's" aria-label={`Reset ${text} of ${titleOf(panel)}`} onClick={() => acts.edit({ do: 'settings', panel: panel.id, change: { [k]: undefined } })}>
        {text}
        <Icon name="x" small />
      </button>
    );
  });
}

type InsideProps = { acts: Pick<BoardActs, 'view' | 'edit' | 'onOpen'>; panel: PanelDoc; settings: Settings; full: boolean; head: HTMLElement | null; handle: React.RefObject<PanelHandle | null> };

/** What the panel's kind draws. */
export function Inside({ acts, panel, settings, full, head, handle }: InsideProps) {
  const { edit, view, onOpen } = acts, id = panel.id;
  const bind = useCallback((h: PanelHandle | null) => void (handle.current = h), [handle]);
  const onConfig = useCallback((change: object) => edit({ do: 'panel.config', panel: id, change: change as Record<string, unknown> }), [edit, id]);
  const onSettings = useCallback((change: object) => edit({ do: 'settings', panel: id, change }), [edit, id]);
  const kind = kindOf(panel.kind);
  if (!kind || panel.kind === 'unknown') return <div className={css.said}>This version cannot draw panels of the kind “{panel.kind === 'unknown' ? panel.viewType : panel.kind}”. The panel is kept as it is.</div>;
  const View = kind.View as unknown as React.ComponentType<PanelViewProps>;
  return (
    <Suspense fallback={<div className={`${css.plot} ${css.ph}`} />}>
      <View view={view} panel={panel as never} title={titleOf(panel)} settings={settings} full={full} head={head} bind={bind} onConfig={onConfig} onSettings={onSettings} onOpen={onOpen} />
    </Suspense>
  );
}
