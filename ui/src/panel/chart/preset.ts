// The charts of wandb.plot by the names that the SDK logs (PRODUCT 2.6), as Vega-Lite specs of our own. Data is the
// table "wandb": the columns of the logged tables, with the run's name and id in each row.

export type Spec = { [k: string]: unknown };
export type Fields = Record<string, string | null | undefined>;
export type Strings = Record<string, string | null | undefined>;
export type PresetRuns = { names: string[]; colours: string[] };
export type Preset = { title: string; fields: string[]; strings: string[]; spec: (f: Fields, s: Strings, runs: PresetRuns) => Spec };

/** A column's name as Vega-Lite wants it: dots and brackets are part of the name. */
export const fieldName = (name: string): string => name.replace(/[\\.[\]]/g, (c) => '\\' + c);

const q = (name: string, title?: string) => ({ field: fieldName(name), type: 'quantitative', title: title || name, scale: { zero: false } });
const n = (name: string, title?: string) => ({ field: fieldName(name), type: 'nominal', title: title ?? name });
const byRun = (r: PresetRuns) => ({ field: 'run_name', type: 'nominal', title: null, scale: { domain: r.names, range: r.colours }, legend: r.names.length > 1 ? { orient: 'bottom' } : null });
const many = (r: PresetRuns) => r.names.length > 1;
const base = (s: Strings): Spec => ({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', data: { name: 'wandb' }, ...(s.title ? { title: s.title } : {}), width: 'container', height: 'container' });
const tip = (...names: string[]) => names.filter(Boolean).map((f) => ({ field: fieldName(f) }));

export const PRESETS: Record<string, Preset> = {
  'wandb/line/v0': {
    title: 'Line',
    fields: ['x', 'y', 'stroke'],
    strings: ['title'],
    spec: (f, s, r) => ({
      ...base(s),
      mark: { type: 'line', tooltip: true },
      encoding: { x: q(f.x ?? 'x'), y: q(f.y ?? 'y'), order: { field: fieldName(f.x ?? 'x'), type: 'quantitative' }, color: f.stroke ? n(f.stroke) : byRun(r), detail: [{ field: 'run_id' }], ...(f.stroke && many(r) ? { strokeDash: { field: 'run_name', type: 'nominal', title: null } } : {}), tooltip: tip('run_name', f.x ?? 'x', f.y ?? 'y', f.stroke ?? '') },
    }),
  },
  'wandb/lineseries/v0': {
    title: 'Lines of one table',
    fields: ['step', 'lineKey', 'lineVal'],
    strings: ['title', 'xname'],
    spec: (f, s, r) => ({
      ...base(s),
      mark: { type: 'line', tooltip: true },
      encoding: { x: q(f.step ?? 'step', s.xname ?? undefined), y: q(f.lineVal ?? 'lineVal', ''), color: n(f.lineKey ?? 'lineKey', ''), detail: [{ field: 'run_id' }], ...(many(r) ? { strokeDash: { field: 'run_name', type: 'nominal', title: null } } : {}), tooltip: tip('run_name', f.step ?? 'step', f.lineKey ?? 'lineKey', f.lineVal ?? 'lineVal') },
    }),
  },
  'wandb/scatter/v0': {
    title: 'Scatter',
    fields: ['x', 'y'],
    strings: ['title'],
    spec: (f, s, r) => ({ ...base(s), mark: { type: 'point', filled: true, size: 36, opacity: 0.75 }, encoding: { x: q(f.x ?? 'x'), y: q(f.y ?? 'y'), color: byRun(r), tooltip: tip('run_name', f.x ?? 'x', f.y ?? 'y') } }),
  },
  'wandb/bar/v0': {
    title: 'Bars',
    fields: ['label', 'value'],
    strings: ['title'],
    spec: (f, s, r) => ({
      ...base(s),
      mark: { type: 'bar' },
      encoding: { y: { ...n(f.label ?? 'label', ''), sort: null }, x: { field: fieldName(f.value ?? 'value'), type: 'quantitative', title: f.value ?? 'value' }, ...(many(r) ? { yOffset: { field: 'run_name' } } : {}), color: byRun(r), tooltip: tip('run_name', f.label ?? 'label', f.value ?? 'value') },
    }),
  },
  'wandb/histogram/v0': {
    title: 'Histogram',
    fields: ['value'],
    strings: ['title'],
    spec: (f, s, r) => ({ ...base(s), mark: { type: 'bar', opacity: many(r) ? 0.6 : 1 }, encoding: { x: { field: fieldName(f.value ?? 'value'), bin: { maxbins: 30 }, type: 'quantitative', title: f.value ?? 'value' }, y: { aggregate: 'count', stack: null, title: 'count' }, color: byRun(r), tooltip: [{ field: 'run_name' }, { aggregate: 'count', title: 'count' }] } }),
  },
  'wandb/area-under-curve/v0': {
    title: 'Curve by class (ROC, precision and recall)',
    fields: ['x', 'y', 'class'],
    strings: ['title', 'x-axis-title', 'y-axis-title'],
    spec: (f, s, r) => ({
      ...base(s),
      mark: { type: 'line', tooltip: true },
      encoding: { x: { ...q(f.x ?? 'x', s['x-axis-title'] ?? undefined), scale: { domain: [0, 1] } }, y: { ...q(f.y ?? 'y', s['y-axis-title'] ?? undefined), scale: { domain: [0, 1] } }, order: { field: fieldName(f.x ?? 'x'), type: 'quantitative' }, color: n(f.class ?? 'class', ''), detail: [{ field: 'run_id' }], ...(many(r) ? { strokeDash: { field: 'run_name', type: 'nominal', title: null } } : {}), tooltip: tip('run_name', f.class ?? 'class', f.x ?? 'x', f.y ?? 'y') },
    }),
  },
  'wandb/confusion_matrix/v1': {
    title: 'Confusion matrix',
    fields: ['Actual', 'Predicted', 'nPredictions'],
    strings: ['title'],
    spec: (f, s, r) => {
      const xy = { x: { ...n(f.Predicted ?? 'Predicted', 'Predicted'), sort: null }, y: { ...n(f.Actual ?? 'Actual', 'Actual'), sort: null } };
      const count = fieldName(f.nPredictions ?? 'nPredictions');
      const inside = {
        transform: [{ joinaggregate: [{ op: 'max', field: count, as: 'most' }], groupby: ['run_id'] }],
        encoding: xy,
        layer: [
          { mark: { type: 'rect' }, encoding: { color: { field: count, type: 'quantitative', title: null, scale: { scheme: 'blues' }, legend: null }, tooltip: tip('run_name', f.Actual ?? 'Actual', f.Predicted ?? 'Predicted', f.nPredictions ?? 'nPredictions') } },
          { mark: { type: 'text', fontWeight: 600 }, encoding: { text: { field: count, type: 'quantitative' }, color: { condition: { test: `datum['${(f.nPredictions ?? 'nPredictions').replace(/['\\]/g, '\\$&')}'] > datum.most * 0.55`, value: '#ffffff' }, value: '#0d0f12' } } },
        ],
      };
      const { $schema, data, title, width, height } = base(s);
      if (!many(r)) return { $schema, data, ...(title ? { title } : {}), width, height, ...inside };
      return { $schema, data, ...(title ? { title } : {}), facet: { column: { field: 'run_name', type: 'nominal', title: null } }, spec: { width: 130, height: 130, ...inside } };
    },
  },
};

/**
 * Fills ${field:name:default} and ${string:name:default} in the texts of a spec. A text that is nothing but a field
 * names a column, so dots in it are escaped.
 */
export function fill(spec: unknown, fields: Fields, strings: Strings): unknown {
  if (typeof spec === 'string') {
    const whole = /^\$\{field:([^:}]+)(?::([^}]*))?\}$/.exec(spec);
    if (whole) return fieldName(fields[whole[1]!] ?? whole[2] ?? whole[1]!);
    return spec.replace(/\$\{(field|string):([^:}]+)(?::([^}]*))?\}/g, (_m, kind: string, name: string, or: string | undefined) => (kind === 'field' ? (fields[name] ?? or ?? name) : (strings[name] ?? or ?? '')));
  }
  if (Array.isArray(spec)) return spec.map((s) => fill(s, fields, strings));
  if (spec && typeof spec === 'object') return Object.fromEntries(Object.entries(spec).map(([k, v]) => [k, fill(v, fields, strings)]));
  return spec;
}

/** The names that a spec asks to be filled. */
export function holes(spec: unknown): { fields: string[]; strings: string[] } {
  const out = { fields: new Set<string>(), strings: new Set<string>() };
  for (const m of JSON.stringify(spec ?? null).matchAll(/\$\{(field|string):([^:}"]+)/g)) out[m[1] === 'field' ? 'fields' : 'strings'].add(m[2]!);
  return { fields: [...out.fields], strings: [...out.strings] };
}

/** Whether a spec is Vega-Lite: by its schema, else by its parts. */
export function isLite(spec: Spec): boolean {
  const schema = String(spec.$schema ?? '');
  if (/\/vega-lite\//.test(schema)) return true;
  if (/\/vega\//.test(schema)) return false;
  return ['mark', 'layer', 'encoding', 'facet', 'concat', 'hconcat', 'vconcat', 'repeat', 'spec'].some((k) => k in spec);
}

/** Where a text stops being JSON; -1 when it is JSON. Browsers say it in their own ways, or not at all. */
export function faultAt(s: string): number {
  let i = 0;
  const blank = () => {
    while (i < s.length && ' \t\r\n'.includes(s[i]!)) i++;
  };
  const match = (re: RegExp): boolean => {
    re.lastIndex = i;
    const m = re.exec(s);
    if (m) i += m[0].length;
    return m !== null;
  };
  const word = () => match(/true|false|null/y) || match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y) || text();
  const text = () => match(/"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y);
  const take = (c: string) => {
    blank();
    if (s[i] !== c) return false;
    i++;
    return true;
  };
  const value = (depth: number): boolean => {
    blank();
    if (depth > 200) return false;
    if (take('{')) {
      if (take('}')) return true;
      do {
        blank();
        if (!text() || !take(':') || !value(depth + 1)) return false;
      } while (take(','));
      return take('}');
    }
    if (take('[')) {
      if (take(']')) return true;
      do if (!value(depth + 1)) return false;
      while (take(','));
      return take(']');
    }
    return word();
  };
  if (!value(0)) return i;
  blank();
  return i < s.length ? i : -1;
}

/** A spec from text, or what is wrong with it and where. */
export function readSpec(text: string): { spec: Spec } | { error: string } {
  const at = faultAt(text);
  if (at >= 0) {
    const before = text.slice(0, at).split('\n');
    const what = at >= text.length ? 'the text ends too early' : `${JSON.stringify(text.slice(at, at + 12).split('\n')[0])} is not expected here`;
    return { error: `Line ${before.length}, column ${before[before.length - 1]!.length + 1}: ${what}.` };
  }
  const spec: unknown = JSON.parse(text);
  if (!spec || typeof spec !== 'object' || Array.isArray(spec)) return { error: 'A spec is a JSON object.' };
  return { spec: spec as Spec };
}
