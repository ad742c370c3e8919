import { compile } from 'vega-lite';
import { parse, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { expect, test } from 'vitest';
import { faultAt, fieldName, fill, holes, isLite, PRESETS, readSpec } from './preset';

const ROWS: Record<string, Record<string, unknown>[]> = {
  'wandb/line/v0': [{ x: 1, y: 2 }, { x: 2, y: 3 }],
  'wandb/lineseries/v0': [{ step: 0, lineKey: 'a', lineVal: 1 }, { step: 1, lineKey: 'a', lineVal: 2 }],
  'wandb/scatter/v0': [{ x: 1, y: 2 }],
  'wandb/bar/v0': [{ label: 'a', value: 2 }],
  'wandb/histogram/v0': [{ value: 1 }, { value: 2 }],
  'wandb/area-under-curve/v0': [{ x: 0, y: 0, class: 'a' }, { x: 1, y: 1, class: 'a' }],
  'wandb/confusion_matrix/v1': [{ Actual: 'a', Predicted: 'b', nPredictions: 3 }],
};

for (const [id, preset] of Object.entries(PRESETS))
  for (const names of [['one'], ['one', 'two']])
    test(`${id} of ${names.length} draws by the interpreter alone`, async () => {
      const rows = names.flatMap((n) => ROWS[id]!.map((r) => ({ ...r, run_name: n, run_id: n })));
      const said: string[] = [];
      const spec = { ...preset.spec({}, { title: 'T' }, { names, colours: ['#ff0000', '#00ff00'] }), datasets: { wandb: rows } };
      for (const k of ['width', 'height']) if ((spec as Record<string, unknown>)[k] === 'container') (spec as Record<string, unknown>)[k] = 200;
      const vega = compile(spec as never, { logger: { warn: (...a: unknown[]) => said.push(String(a)), level: () => 0, error: (...a: unknown[]) => said.push(String(a)), info: () => 0, debug: () => 0 } as never }).spec;
      const view = new View(parse(vega, undefined, { ast: true } as never), { expr: expressionInterpreter } as never);
      await view.runAsync();
      const svg = await view.toSVG();
      expect(svg).toContain('mark-');
      expect(said).toEqual([]);
    });

test('columns with dots and brackets are names, not paths', () => {
  expect(fieldName('a.b[0]')).toBe('a\\.b\\[0\\]');
  expect(fill({ field: '${field:x}', test: "datum['${field:x}'] > 1", title: 'of ${string:t:nothing}', y: '${field:y:else}' }, { x: 'a.b' }, {})).toEqual({ field: 'a\\.b', test: "datum['a.b'] > 1", title: 'of nothing', y: 'else' });
  expect(holes({ a: '${field:x} ${string:title:T}', b: ['${field:y:d}'] })).toEqual({ fields: ['x', 'y'], strings: ['title'] });
});

test('which language a spec is in', () => {
  expect([{ $schema: 'https://vega.github.io/schema/vega/v5.json', mark: 1 }, { $schema: 'https://vega.github.io/schema/vega-lite/v4.json' }, { mark: 'bar' }, { marks: [] }].map(isLite)).toEqual([false, true, true, false]);
});

test('a text that is no spec: where and what', () => {
  expect(readSpec('{"a":1}')).toEqual({ spec: { a: 1 } });
  expect(readSpec('[1]')).toEqual({ error: 'A spec is a JSON object.' });
  expect((readSpec('{\n  "a": tru\n}') as { error: string }).error).toBe('Line 2, column 8: "tru" is not expected here.');
  expect((readSpec('{"a":') as { error: string }).error).toBe('Line 1, column 6: the text ends too early.');
});

test('a fault is found exactly where JSON.parse fails', () => {
  for (const good of ['{}', ' [1, -2.5e3, "a\\n\\u00e9", true, null, {"k": []}] ', '"x"', '0']) expect([faultAt(good), JSON.parse(good) !== undefined]).toEqual([-1, true]);
  for (const bad of ['', '{', '[1,]', '{"a":1,}', '01', '"\\x"', '{"a" 1}', "{'a':1}", '[1] 2', 'nul']) {
    expect(faultAt(bad)).toBeGreaterThanOrEqual(0);
    expect(() => JSON.parse(bad) as unknown).toThrow();
  }
});
