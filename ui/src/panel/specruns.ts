// The list of runs in the stored form: query, filters, groups, order, columns, colours, pins.
import { FRESH_RUNS, type RunSetDoc } from './document';
import { list, num, obj, omit, str, type Place, type Wire } from './spec';

// Columns of a run as the stored form calls them.
const RUN: Record<string, string> = { createdAt: 'created_at', displayName: 'display_name', heartbeatAt: 'heartbeat_at', jobType: 'job_type', username: 'username', user: 'username', name: 'name', state: 'state', group: 'group', tags: 'tags', notes: 'notes', host: 'host', duration: 'duration', runtime: 'duration', sweep: 'sweep' };
const WIRE = Object.fromEntries(Object.entries(RUN).map(([w, c]) => [c, w]).reverse());

/** A key {section, name} as one of our columns; null for what has none. */
export function columnOf(key: Wire): string | null {
  const name = str(key.name);
  if (!name) return null;
  switch (key.section) {
    case 'config':
      return 'config.' + name.replace(/\.value(?=\.|$)/, '');
    case 'summary':
      return 'summary_metrics.' + name;
    case 'run':
      return RUN[name] ?? null;
    case 'tags':
      return 'tags.' + name;
  }
  return null;
}
export function keyOf(column: string): { section: string; name: string } {
  if (column.startsWith('config.')) {
    const [head, ...more] = column.slice(7).split('.');
    return { section: 'config', name: [head, 'value', ...more].join('.') };
  }
  if (column.startsWith('summary_metrics.')) return { section: 'summary', name: column.slice(16) };
  if (column.startsWith('tags.')) return { section: 'tags', name: column.slice(5) };
  return { section: 'run', name: WIRE[column] ?? column };
}
const columnText = (c: string): string => {
  const k = keyOf(c);
  return `${k.section}:${k.name}`;
};
const fromText = (t: string): string | null => {
  const i = t.indexOf(':');
  return i < 0 ? null : columnOf({ section: t.slice(0, i), name: t.slice(i + 1) });
};

/** A run's id as the stored form has it, and its name; null for a run of another project. */
export const gid = (run: string, p: Place): string => btoa(String.fromCharCode(...new TextEncoder().encode(`Run:v1:${run}:${p.project}:${p.entity}`)));
export function runOf(id: unknown, p: Place): string | null {
  const text = str(id);
  if (!text) return null;
  try {
    const parts = new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))).split(':');
    if (parts.length < 5 || parts[1] !== 'v1') return text;
    return parts.at(-2) === p.project && parts.at(-1) === p.entity ? parts.slice(2, -2).join(':') : null;
  } catch {
    return text; // an older form: the run's name itself
  }
}

const names = (all: (string | null)[]): string[] => all.filter((x): x is string => x !== null);

export function runsFrom(section: Wire, p: Place): RunSetDoc {
  const set = obj(list(section.runSets)[0]);
  const own = obj(obj(section.ballast).runs);
  const colours = Object.fromEntries(Object.entries(obj(section.customRunColors)).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== ''));
  const tree = list(obj(set.selections).tree).flatMap((n) => (typeof n === 'string' ? [n] : list(obj(n).children))).filter((n): n is string => typeof n === 'string');
  const some = obj(set.selections).root === 0;
  const pinned = obj(obj(set.runFeed).columnPinned);
  const wire: RunSetDoc = {
    ...FRESH_RUNS,
    query: str(obj(set.search).query) ?? '',
    group: names(list(set.grouping).map((k) => columnOf(obj(k)))),
    order: names(list(obj(set.sort).keys).map((k) => { const c = columnOf(obj(obj(k).key)); return c && (obj(k).ascending === true ? '+' : '-') + c; })),
    columns: names(Object.keys(pinned).filter((k) => pinned[k] === true && k !== 'run:displayName').map(fromText)),
    pinned: names(list(set.pinnedRunIds).map((id) => runOf(id, p))),
    baseline: runOf(set.baselineRunId, p),
    colours,
    visible: { base: some ? 'none' : 'first', over: Object.fromEntries(tree.map((n) => [n, some])) },
  };
  if (wire.order.length === 0) wire.order = FRESH_RUNS.order;
  if (set.filters !== undefined && hasFilters(obj(set.filters))) wire.filters = set.filters;
  // What the form has no place for, where nobody else stored the view since.
  const visible = obj(own.visible), base = visible.base;
  if (base === 'first' || base === 'all' || base === 'none') wire.visible = { base, over: Object.fromEntries(Object.entries(obj(visible.over)).filter((e): e is [string, boolean] => typeof e[1] === 'boolean')), ...(num(visible.first) ? { first: Math.max(1, Math.round(num(visible.first)!)) } : {}) };
  if (str(own.colourBy)) wire.colourBy = str(own.colourBy)!;
  return wire;
}

function hasFilters(f: Wire): boolean {
  const inner = list(f.filters);
  return inner.some((x) => obj(x).key !== undefined || hasFilters(obj(x)));
}

export function runsTo(section: Wire, r: RunSetDoc, p: Place): Wire {
  const sets = list(section.runSets), set = obj(sets[0]), feed = obj(set.runFeed), search = obj(set.search);
  const others = list(set.pinnedRunIds).filter((id) => runOf(id, p) === null);
  const pins = [...r.pinned.map((n) => gid(n, p)), ...others];
  const pinned = r.columns.length ? Object.fromEntries(['run:displayName', ...r.columns.map(columnText)].map((c) => [c, true])) : {};
  const some = r.visible.base === 'none';
  const foreign = set.baselineRunId, rest = omit(set, 'baselineRunId', 'pinnedRunIds');
  const baseline = r.baseline !== null ? gid(r.baseline, p) : runOf(foreign, p) === null && foreign !== undefined ? foreign : undefined;
  return {
    customRunColors: { ...(obj(section.customRunColors).ref === undefined ? {} : { ref: obj(section.customRunColors).ref }), ...r.colours },
    runSets: [
      {
        id: '',
        enabled: true,
        name: 'Run set',
        expandedRowAddresses: [],
        ...rest,
        runFeed: { version: 2, columnWidths: {}, pageSize: 10, onlyShowSelected: false, ...feed, columnVisible: { ...obj(feed.columnVisible), ...pinned }, columnPinned: pinned, columnOrder: Object.keys(pinned) },
        search: { ...search, query: r.query },
        filters: r.filters ?? { filterFormat: 'filterV2', filters: [] },
        grouping: r.group.map(keyOf),
        sort: { keys: r.order.map((o) => ({ key: keyOf(o.replace(/^[+-]/, '')), ascending: o.startsWith('+') })) },
        selections: { root: some ? 0 : 1, bounds: [], tree: Object.keys(r.visible.over).filter((n) => r.visible.over[n] === some) },
        ...(baseline !== undefined ? { baselineRunId: baseline } : {}),
        ...(pins.length ? { pinnedRunIds: pins } : {}),
      },
      ...sets.slice(1),
    ],
  };
}

const OPS: Record<string, string> = { '=': '$eq', '==': '$eq', '!=': '$ne', '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte', IN: '$in', NIN: '$nin' };

/** The view's filters as the run table's; parts that it cannot say are counted in `left`. */
export function filterOf(filters: unknown): { filter: Wire | null; left: number } {
  let left = 0;
  const leaf = (f: Wire): Wire | null => {
    const c = columnOf(obj(f.key)), op = OPS[str(f.op) ?? ''];
    if (f.disabled === true) return null;
    if (c && op && f.value !== undefined) return { [c]: { [op]: f.value } };
    left++;
    return null;
  };
  const walk = (f: Wire): Wire | null => {
    if (f.key !== undefined) return leaf(f);
    const items = list(f.filters).map(obj);
    // The newer form is a flat list with words between, where AND binds tighter; the older one a tree of "op".
    const anyway = /^or$/i.test(str(f.op) ?? '');
    const groups: Wire[][] = [[]];
    items.forEach((x, i) => {
      const part = walk(x);
      const or = x.connector === undefined ? anyway : /^or$/i.test(str(x.connector) ?? '');
      if (i > 0 && or) groups.push([]);
      if (part) groups.at(-1)!.push(part);
    });
    return join('$or', groups.map((g) => join('$and', g)));
  };
  return { filter: walk(obj(filters)), left };
}
function join(op: string, parts: (Wire | null)[]): Wire | null {
  const some = parts.filter((x): x is Wire => x !== null);
  return some.length > 1 ? { [op]: some } : (some[0] ?? null);
}
