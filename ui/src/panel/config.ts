// The documents of panels: what a view stores of each, one type per kind. Field names of a config are those of the
// stored form (docs/design/081), so that what we do not know passes through untouched.
import type { Settings } from '../chart/view';
import type { Fields, Strings } from './chart/preset';
import type { Brush, Column } from './parallel/lines';
import type { UserQuery } from './chart/rows';
import type { TableOrder, TableTest } from '../data/media';

/** Lines over x of one or more metrics. System metrics have the stream "events". Expressions are drawn in place of the metrics, which then are the names that they use. */
export type LineConfig = { metrics: string[]; stream?: 'history' | 'events'; step?: string | null; expressions?: string[] | undefined; xExpression?: string | undefined };

/** Media of one key at a step. `hidden` are layers and classes of overlays ("boxes/pred", "masks/truth/3"); `autoPlay` starts films. */
export type MediaConfig = { mediaKeys: string[]; columnCount?: number | undefined; maxRuns?: number; sync?: boolean; autoPlay?: boolean; hidden?: string[]; score?: number };
/** A stored table: of one run, or those of the runs in view as one, under each other or joined on a column. */
export type TableConfig = { tableKey: string; together?: 'stack' | 'join' | undefined; joinKey?: string | undefined; sort?: TableOrder[]; where?: TableTest[]; hiddenColumns?: string[] };

/** A custom chart: as the runs logged it (`visualize`), a ready-made one, or a spec of its own. */
export type ChartConfig = { visualize?: string; panelDefId?: string; userQuery?: UserQuery | undefined; fieldSettings?: Fields; stringSettings?: Strings; transform?: unknown; spec?: string | undefined };

/** Bars, boxes or violins of the last values of metrics. `groupBy` is an axis as stored panels name it ("config:lr.value"). */
export type BarConfig = { metrics: string[]; groupBy?: string | null; groupAgg?: 'mean' | 'median' | 'min' | 'max'; plotStyle?: 'bar' | 'boxplot' | 'violin'; barLimit?: number };
/** One dot per run. Axes as stored panels name them. */
export type ScatterConfig = { xAxis: string; yAxis: string; zAxis?: string | null; xAxisLogScale?: boolean; yAxisLogScale?: boolean; showLinearRegression?: boolean; frontier?: 'min' | 'max' | null };
/** Parallel coordinates; brushes by accessor, in parts of the height. */
export type ParallelConfig = { columns: Column[]; brushes?: Record<string, Brush> };
export type ImportanceConfig = { targetKey: string };
export type ScalarConfig = { metrics: string[]; groupAgg?: 'mean' | 'median' | 'min' | 'max' };
export type ComparerConfig = { diffOnly?: 'split' | boolean | null };
export type MarkdownConfig = { value: string };
/** Saved code: `right` is '' for no comparison. */
export type CodeConfig = { diff?: 'split' | 'unified'; file?: string; left?: string; right?: string };

/** The config of each kind of panel. A new kind adds its row here and its entry in kinds.ts. */
export interface PanelConfigs {
  line: LineConfig;
  media: MediaConfig;
  table: TableConfig;
  chart: ChartConfig;
  bar: BarConfig;
  scatter: ScatterConfig;
  parallel: ParallelConfig;
  importance: ImportanceConfig;
  scalar: ScalarConfig;
  comparer: ComparerConfig;
  markdown: MarkdownConfig;
  code: CodeConfig;
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
