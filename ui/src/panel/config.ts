// The documents of panels: what a view stores of each, one type per kind. Field names of a config are those of the
// stored form (docs/design/081), so that what we do not know passes through untouched.
import type { Settings } from '../chart/view';

/** Lines over x of one or more metrics. System metrics have the stream "events". */
export type LineConfig = { metrics: string[]; stream?: 'history' | 'events'; step?: string | null };

/** The config of each kind of panel. A new kind adds its row here and its entry in kinds.ts. */
export interface PanelConfigs {
  line: LineConfig;
}
export type KindId = keyof PanelConfigs;

/** A place on the grid: columns of 24, rows of a sixth of a usual panel's height. */
export type Size = { w: number; h: number };
type Common = {
  id: string; // "h:key" and "e:key" for what an automatic panel became; otherwise random
  title?: string; // by hand; otherwise the kind makes one
  size?: Size; // by hand; otherwise one column of the section
  settings?: Partial<Settings>; // what differs from the section
  rest?: Record<string, unknown>; // stored fields of the panel that we do not know
};
/** One panel of a view. `unknown` is of a kind that this version cannot draw: it is kept and said. */
export type PanelDoc = { [K in KindId]: Common & { kind: K; config: PanelConfigs[K] & { [more: string]: unknown } } }[KindId] | (Common & { kind: 'unknown'; viewType: string; config: Record<string, unknown> });
export type PanelOf<K extends KindId> = Extract<PanelDoc, { kind: K }>;
