import { expect, test } from 'vitest';
import { snippet } from './snippet';

test('code for the keys and runs in view', () => {
  expect(snippet('mira/a b', ['r1'], ['val/loss', 'a"b'])).toBe('import wandb\n\nfor run in wandb.Api().runs("mira/a b", filters={"name": {"$in": ["r1"]}}):\n    print(run.name, run.history(keys=["val/loss", "a\\"b"]))\n');
  expect(snippet('m/p', Array.from({ length: 60 }, (_, i) => `r${i}`), ['x'])).toContain('# 10 more runs are in view');
});
