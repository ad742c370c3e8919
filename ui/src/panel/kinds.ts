// The registry of panels. A kind is a folder here with its own tests; its line in this list is all that others know.
import type { CatalogueKey } from '../data/run';
import type { KindId, PanelDoc } from './config';
import type { PanelKind } from './kind';
import { bar } from './bar/kind';
import { chart } from './chart/kind';
import { code } from './code/kind';
import { comparer } from './comparer/kind';
import { importance } from './importance/kind';
import { line } from './line/kind';
import { markdown } from './markdown/kind';
import { media } from './media/kind';
import { parallel } from './parallel/kind';
import { scalar } from './scalar/kind';
import { scatter } from './scatter/kind';
import { table } from './table/kind';

type AnyKind = { [K in KindId]: PanelKind<K> }[KindId];

/** In the order of the add drawer; the first that takes a key by itself draws it. */
export const KINDS: AnyKind[] = [line, bar, scatter, scalar, parallel, importance, comparer, media, table, chart, markdown, code];

/** The kind of a panel; null for one that this version cannot draw. Typed loosely: a panel's config fits its own kind. */
export const kindOf = (kind: PanelDoc['kind']): PanelKind<never> | null => (KINDS.find((k) => k.kind === kind) as PanelKind<never> | undefined) ?? null;
export const kindOfViewType = (viewType: string): AnyKind | null => KINDS.find((k) => (k.viewTypes as string[]).includes(viewType)) ?? null;
/** Which kind draws a key by itself, if any. */
export const autoKind = (key: CatalogueKey): AnyKind | null => KINDS.find((k) => k.auto?.(key)) ?? null;

/** A panel's title: by hand, or its kind's. */
export const titleOf = (p: PanelDoc): string => p.title ?? (p.kind === 'unknown' ? p.viewType : (kindOf(p.kind)?.name(p.config as never) ?? p.kind));
/** What panel search looks at. */
export const searchText = (p: PanelDoc): string[] => [titleOf(p), ...(p.kind === 'unknown' ? [] : (kindOf(p.kind)?.keys(p.config as never) ?? []))];
