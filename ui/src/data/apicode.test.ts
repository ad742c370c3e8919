import { expect, it } from 'vitest';
import { apiCode, python } from './apicode';

it('writes values as Python reads them', () => {
  expect(python({ $and: [{ a: true }, { b: null }, { 'c"d': [1, -0.5, 'x\n'] }] })).toBe('{"$and": [{"a": True}, {"b": None}, {"c\\"d": [1, -0.5, "x\\n"]}]}');
});

it('has the whole question: filter, every key of the order, columns, groups', () => {
  const code = apiCode({ project: 'mira/big', filter: { state: 'finished' }, order: ['-summary_metrics.val/top1', '+config.lr'], columns: ['state', 'config.optim.lr', 'summary_metrics.a\\.b', 'gaps'], groups: ['config.opt', 'tags'] });
  expect(code).toContain('filters={"state": "finished"}');
  expect(code).toContain('order="-summary_metrics.val/top1,+config.lr"');
  expect(code).toContain('"config.optim.lr": at(run.config, "optim", "lr")');
  expect(code).toContain('at(run.summary_metrics, "a.b")');
  expect(code).toContain('# The package has no gaps.');
  expect(code).toContain('by = ["config.opt", "tags"]');
  expect(code).toContain('table.explode("tags").groupby(by, dropna=False)[numbers]');
});

it('is short for a plain list', () => {
  const code = apiCode({ project: 'a/b', filter: {}, order: [], columns: ['state'], groups: [] });
  expect(code).not.toMatch(/def at|groupby|\n{4}/);
  expect(code).toContain('order="-created_at"');
});
