// Between a view's stored form, the one that wandb-workspaces reads and writes, and our document (docs/design/081).
// What we do not know stays in `rest` and is written back as it was; what the form has no place for stands in a
// field "ballast" beside it, and is taken from there when nobody else stored the view meanwhile.
import type { PanelDoc } from './config';
import { FRESH, FRESH_RUNS, freshId, type SectionDoc, type ViewDoc } from './document';
import { PAGE_MOST } from './grid';
import { kindOf, kindOfViewType } from './kinds';
import { runsFrom, runsTo } from './specruns';
import { settingsFrom, settingsTo, lineSettingsFrom, lineSettingsTo } from './specsettings';

export type Wire = Record<string, unknown>;
/** Where the view lives: ids of runs name their project. */
export type Place = { entity: string; project: string };

export const obj = (v: unknown): Wire => (v && typeof v === 'object' && !Array.isArray(v) ? (v as Wire) : {});
export const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : []);
export const str = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined);
export const bool = (v: unknown): boolean | undefined => (typeof v === 'boolean' ? v : undefined);
export const num = (v: unknown): number | undefined => (typeof v === 'number' && Number.isFinite(v) ? v : undefined);
/** An object without some of its fields. */
export const omit = (o: Wire, ...fields: string[]): Wire => Object.fromEntries(Object.entries(o).filter(([k]) => !fields.includes(k)));
const strings = (v: unknown): string[] => list(v).filter((x): x is string => typeof x === 'string');

const USUAL_COLS = 3; // what the package writes when nobody chose
const USUAL_ROWS = 2;
const USUAL_SIZE = { w: 8, h: 6 };
const SYSTEM = /^system[./](cpu|gpu|memory|disk|network|proc|tpu|trn|apple|powerWatts)/;

/** The document of a stored spec. Whatever it holds makes a document: parts of a wrong type are left out. */
export function fromSpec(text: string, place: Place): ViewDoc {
  let spec: Wire;
  try {
    spec = obj(JSON.parse(text));
  } catch {
    spec = {};
  }
  const section = obj(spec.section), bank = obj(section.panelBankConfig), own = obj(section.ballast), settings = obj(section.settings);
  const modern = obj(section.workspaceSettings).shouldAutoGeneratePanels;
  const auto = bool(modern) ?? bool(settings.shouldAutoGeneratePanels) ?? true;
  const sections = list(bank.sections).map((s) => sectionFrom(obj(s), auto));
  const ids = sections.map((s) => s.id);
  const cols = num(own.cols);
  return {
    settings: settingsFrom(settings),
    by: obj(bank.settings).autoOrganizePrefix === 2 ? 'last' : 'first',
    auto,
    cols: cols && cols >= 1 && cols <= 6 ? Math.round(cols) : null,
    order: 'order' in own ? (own.order === null ? null : strings(own.order)) : ids.length ? ids : null,
    sections,
    removed: strings(own.removed),
    runs: runsFrom(section, place),
    rest: spec,
  };
}

function sectionFrom(s: Wire, auto: boolean): SectionDoc {
  const own = obj(s.ballast), flow = obj(s.flowConfig), title = str(s.name) ?? 'Section';
  const collects = 'collects' in own ? (str(own.collects) ?? null) : auto && s.isPanelsAuto === true ? prefixOf(str(s.defaultName) ?? title) : null;
  const settings = settingsFrom(obj(s.localPanelSettings), true);
  const cols = num(own.cols) ?? unusual(flow.columnsPerPage, USUAL_COLS), rows = num(own.rows) ?? unusual(flow.rowsPerPage, USUAL_ROWS);
  const open = bool(s.isOpen);
  return {
    id: str(s.__id__) || freshId(),
    title,
    collects,
    ...(open !== undefined && own.open !== null ? { open } : {}),
    ...(s.pinned === true ? { pinned: true } : {}),
    ...(cols && cols >= 1 && cols <= 6 ? { cols: Math.round(cols) } : {}),
    ...(rows && rows >= 1 ? { rows: Math.min(PAGE_MOST, Math.round(rows)) } : {}),
    ...(Object.keys(settings).length ? { settings } : {}),
    ...(own.order ? { order: strings(own.order) } : {}),
    panels: list(s.panels).map((p) => panelFrom(obj(p))),
    rest: s,
  };
}
/** A number that somebody chose: the package writes its usual one where nobody did. */
const unusual = (v: unknown, usual: number): number | undefined => (num(v) === usual ? undefined : num(v));
/** The prefix that a section collects which another client made by itself. */
const prefixOf = (name: string): string => (name === 'System' || name === 'system' ? 'e:' : name === 'Charts' ? 'p:' : name === 'Media' || name === 'Tables' ? 'k:' + name : 'p:' + name);

function panelFrom(p: Wire): PanelDoc {
  const viewType = str(p.viewType) ?? '', kind = kindOfViewType(viewType), raw = obj(p.config), layout = obj(p.layout);
  const w = num(layout.w), h = num(layout.h);
  const size = w !== undefined && h !== undefined && (w !== USUAL_SIZE.w || h !== USUAL_SIZE.h) ? { size: { w: Math.max(1, Math.min(24, Math.round(w))), h: Math.max(1, Math.min(40, Math.round(h))) } } : {};
  const base = { id: str(p.__id__) || freshId(), ...size, rest: p };
  if (!kind) return { ...base, kind: 'unknown', viewType, config: raw };
  const { chartTitle, ballast, ...config } = raw;
  const title = str(chartTitle) ? { title: str(chartTitle)! } : {};
  const settings = kind.kind === 'line' ? lineSettingsFrom(raw) : settingsFrom(obj(obj(ballast).settings), true);
  const more = Object.keys(settings).length ? { settings } : {};
  if (kind.kind !== 'line') return { ...base, ...title, ...more, kind: kind.kind, config: { ...kind.defaults([]), ...config } } as PanelDoc;
  const metrics = strings(config.metrics), system = config.stream === undefined && metrics.length > 0 && metrics.every((m) => SYSTEM.test(m));
  return { ...base, ...title, ...more, kind: 'line', config: { ...config, metrics: system ? metrics.map((m) => m.replace(/^system\//, 'system.')) : metrics, ...(system ? { stream: 'events' as const } : {}) } };
}

/** The spec to store. */
export function toSpec(doc: ViewDoc, place: Place): string {
  const spec = obj(doc.rest), section = obj(spec.section), bank = obj(section.panelBankConfig);
  const order = new Map(doc.order?.map((id, i) => [id, i]));
  const sections = [...doc.sections].sort((a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size));
  const settings = { ...settingsTo(obj(section.settings), doc.settings), shouldAutoGeneratePanels: doc.auto };
  const { workspaceSettings, ...others } = section; // where it stands it would win over what we say
  const modern = obj(workspaceSettings);
  return JSON.stringify({
    vizExpanded: false,
    libraryExpanded: true,
    ...spec,
    section: {
      ...PLAIN,
      ...others,
      ...(workspaceSettings === undefined ? {} : { workspaceSettings: Object.keys(modern).some((k) => k !== 'ref') ? { ...modern, shouldAutoGeneratePanels: doc.auto } : modern }),
      ...runsTo(section, doc.runs, place),
      panelBankConfig: {
        state: 1,
        ...bank,
        settings: { showEmptySections: false, sortAlphabetically: false, ...obj(bank.settings), autoOrganizePrefix: doc.by === 'last' ? 2 : 1 },
        sections: sections.map(sectionTo),
      },
      settings,
      ballast: { version: 1, cols: doc.cols, order: doc.order, removed: doc.removed, runs: doc.runs },
    },
  });
}
const FLOW = { snapToColumns: true, columnsPerPage: USUAL_COLS, rowsPerPage: USUAL_ROWS, gutterWidth: 16, boxWidth: 460, boxHeight: 300 };
const PLAIN = { panelBankSectionConfig: { name: 'Report Panels', isOpen: false, panels: [], type: 'grid', flowConfig: FLOW, sorted: 0, localPanelSettings: {}, pinned: false }, name: '', openRunSet: 0, openViz: true };

function sectionTo(s: SectionDoc): Wire {
  const was = obj(s.rest), rest = omit(was, 'ballast');
  return {
    type: 'flow',
    sorted: 0,
    ...rest,
    __id__: s.id,
    name: s.title,
    isOpen: s.open ?? true,
    pinned: s.pinned ?? false,
    flowConfig: { ...FLOW, ...obj(was.flowConfig), columnsPerPage: s.cols ?? USUAL_COLS, rowsPerPage: s.rows ?? USUAL_ROWS },
    localPanelSettings: settingsTo(obj(was.localPanelSettings), s.settings ?? {}, true),
    panels: s.panels.map(panelTo),
    ballast: { collects: s.collects, ...(s.open === undefined ? { open: null } : {}), ...(s.order ? { order: s.order } : {}), ...(s.cols ? { cols: s.cols } : {}), ...(s.rows ? { rows: s.rows } : {}) },
  };
}

function panelTo(p: PanelDoc): Wire {
  const was = obj(p.rest), layout = { x: 0, y: 0, ...USUAL_SIZE, ...obj(was.layout), ...(p.size ?? USUAL_SIZE) };
  if (p.kind === 'unknown') return { ...was, __id__: p.id, viewType: p.viewType, config: p.config, layout };
  const kind = kindOf(p.kind)!;
  const viewType = str(was.viewType) !== undefined && (kind.viewTypes as string[]).includes(str(was.viewType)!) ? str(was.viewType)! : kind.viewTypes[0];
  const known = omit(obj(p.config), 'chartTitle', 'ballast');
  const title = p.title === undefined ? {} : { chartTitle: p.title };
  if (p.kind === 'line') return { ...was, __id__: p.id, viewType, layout, isAuto: false, config: { ...lineSettingsTo(known, p.settings ?? {}), ...title } };
  return { ...was, __id__: p.id, viewType, layout, isAuto: false, config: { ...known, ...title, ...(p.settings ? { ballast: { settings: settingsTo({}, p.settings, true) } } : {}) } };
}

/** A new view's document: as an empty one, but for what the caller changes. */
export const freshDoc = (change: Partial<ViewDoc> = {}): ViewDoc => ({ ...FRESH, runs: FRESH_RUNS, ...change });
