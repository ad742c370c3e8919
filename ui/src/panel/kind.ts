// What a kind of panel is: the registry's interface. The frame (Frame.tsx) brings header, menu, full screen, drag and
// resize; a kind brings what is inside, its editor, and its words.
import type { ComponentType, LazyExoticComponent, RefObject } from 'react';
import type { Settings, View } from '../chart/view';
import type { Catalogue, CatalogueKey } from '../data/run';
import type { IconName } from '../parts/icon';
import type { KindId, PanelConfigs, PanelOf } from './config';

/** A panel's content as a table: for reading, for screen readers, for CSV. */
export type PanelTable = { head: string[]; rows: (string | number | null)[][] };

/** What the frame may ask of a panel that is on screen. All of it is optional. */
export type PanelHandle = {
  /** A key pressed while the frame has the focus (not one of the frame's own: f e d x, Enter, Delete, ⌥arrows); true when it was used. */
  key?: (e: React.KeyboardEvent) => boolean;
  /** The focus left the frame. */
  leave?: () => void;
  /** The content as a table; the frame offers "Show as table" and CSV when there is one. */
  table?: () => PanelTable;
  /** The drawn picture, for PNG; an svg element or SVG text serves for SVG too. */
  picture?: () => HTMLCanvasElement | SVGSVGElement | string | null;
  /** SVG text, where the picture is a canvas. */
  vector?: () => string | null;
  /** Back to all of the data. */
  reset?: () => void;
};

export type PanelViewProps<K extends KindId = KindId> = {
  /** Drawn runs with their strokes, the run in focus, zoom, theme. `useView(view)` redraws on changes, `view.on` hears of each. */
  view: View;
  panel: PanelOf<K>;
  title: string;
  /** After the cascade workspace, section, panel. */
  settings: Settings;
  /** Over the whole window: more detail, own zoom. */
  full: boolean;
  /** The middle of the frame's header: portal read-outs, counts, small acts there (createPortal). */
  head: HTMLElement | null;
  /** Hand over the handle once, in an effect; null on the way out. */
  bind: (h: PanelHandle | null) => void;
  /** Edits this panel's config in the view's document: one step of undo. */
  onConfig: (change: Partial<PanelConfigs[K]>) => void;
  /** Edits this panel's settings; a value of undefined resets to the section's. */
  onSettings: (change: Partial<{ [S in keyof Settings]: Settings[S] | undefined }>) => void;
  onOpen: (run: string) => void;
};

export type PanelEditorProps<K extends KindId = KindId> = {
  project: string;
  config: PanelConfigs[K];
  settings: Settings;
  catalogue: Catalogue;
  onConfig: (change: Partial<PanelConfigs[K]>) => void;
};

type Part<P> = ComponentType<P> | LazyExoticComponent<ComponentType<P>>;

/** One kind. `View` and `Editor` are lazy where they bring weight: the first script has 350 KB for everything. */
export type PanelKind<K extends KindId = KindId> = {
  kind: K;
  title: string; // "Line": what the add drawer calls it
  what: string; // one sentence for the add drawer
  icon: IconName;
  /** The name in stored documents ("Run History Line Plot"); the first is written, all are read. */
  viewTypes: [string, ...string[]];
  /** Whether it is offered for keys of this type ("number", "string", "media:image-file", "media:table-file" …); null: needs no key (markdown, run comparer). */
  takes: ((type: string) => boolean) | null;
  /** Whether keys of this type get a panel of this kind by themselves. The first kind of the registry that says yes wins. */
  auto?: (key: CatalogueKey) => boolean;
  /** A section's name for automatic panels when it is not the key's prefix ("Media", "Tables"). */
  section?: string;
  /** Size in 24ths and sixths when it is not one column. */
  size?: { w: number; h: number };
  /** The config of a new panel for these keys. `keys` is empty when it was added without. */
  defaults: (keys: CatalogueKey[]) => PanelConfigs[K];
  /** The title when nobody gave one. */
  name: (c: PanelConfigs[K]) => string;
  /** The keys that it shows: panel search looks at them and at the title. */
  keys: (c: PanelConfigs[K]) => string[];
  View: Part<PanelViewProps<K>>;
  Editor: Part<PanelEditorProps<K>>;
};

/** For handles kept in a ref. */
export type HandleRef = RefObject<PanelHandle | null>;
