import { expect, test } from 'vitest';
import { packagesOf } from '../data/environment';
import { argsOf, differ, patchWords, shownRows, type Side } from './differ';

const side = (o: Partial<Record<keyof Side, Record<string, string>>>): Side => ({ Config: new Map(), Environment: new Map(), Packages: new Map(), Git: new Map(), Command: new Map(), ...Object.fromEntries(Object.entries(o).map(([k, v]) => [k, new Map(Object.entries(v))])) }) as Side;

test('arguments by flag, in each of their forms', () => {
  expect([...argsOf(['train', '--lr', '-0.5', '--fast', '--seed=3', 'optim.name=adamw', '--tag', 'a', '--tag', 'b'])]).toEqual([['argument 1', 'train'], ['--lr', '-0.5'], ['--fast', 'set'], ['--seed', '3'], ['optim.name', 'adamw'], ['--tag', 'a b']]);
});
test('packages as pip writes them', () => {
  expect([...packagesOf('Torch_Vision==0.19.0\n# comment\nours @ file:///x\n\nbroken line\n')]).toEqual([['torch-vision', '0.19.0'], ['ours', 'file:///x']]);
  expect(packagesOf(null).size).toBe(0);
});
test('a patch in words', () => {
  expect(patchWords('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-old\n+new\n+more\n', 90)).toBe('1 file, +2 −1 lines');
  expect(patchWords(null, 0)).toBe('');
  expect(patchWords(null, 9 << 20)).toBe('a patch of 9.00 MiB');
});
test('rows of both, missing ones differ; only differences hide the rest and count it', () => {
  const rows = differ(side({ Config: { lr: '0.1', seed: '1' }, Packages: { torch: '2' } }), side({ Config: { lr: '0.2', seed: '1' }, Git: { Commit: 'c' } }));
  expect(rows.map((r) => [r.part, r.key, r.differs])).toEqual([['Config', 'lr', true], ['Config', 'seed', false], ['Packages', 'torch', true], ['Git', 'Commit', true]]);
  expect(rows[2]!.right).toBeNull();
  const s = shownRows(rows, true, '');
  expect(s.rows).toHaveLength(3);
  expect(s.alike.Config).toBe(1);
  expect(shownRows(rows, false, 'SEED').rows.map((r) => r.key)).toEqual(['seed']);
});
