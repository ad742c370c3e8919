import { expect, test } from 'vitest';
import type { RunDoc } from '../../data/runset';
import { compare, visible } from './rows';

const doc = (name: string, config: RunDoc['config'], summary: RunDoc['summary']): RunDoc => ({ name, display: name, state: 'finished', user: 'mira', created: '2026-01-01T00:00:00Z', duration: 5, group: '', jobType: '', tags: [], notes: '', host: '', commit: '', program: '', python: '3.11', os: '', gpu: '', config, summary, raw: '' });

test('rows of everything, with what differs', () => {
  const rows = compare([doc('a', { lr: 0.1, net: { depth: 2, 'a.b': 1 } }, { loss: 1, _wandb: { x: 1 } }), doc('b', { lr: 0.1, net: { depth: 3 } }, { loss: 1, layer10: 1, layer2: 1 })]);
  const by = Object.fromEntries(rows.map((r) => [`${r.part} ${r.key}`, r]));
  expect(by['Config lr']).toMatchObject({ values: ['0.1', '0.1'], differs: false });
  expect(by['Config net.depth']).toMatchObject({ values: ['2', '3'], differs: true });
  expect(by['Config net.a.b']).toMatchObject({ values: ['1', null], differs: true });
  expect(Object.keys(by).filter((k) => k.includes('_wandb'))).toEqual([]);
  expect(rows.filter((r) => r.key.startsWith('layer')).map((r) => r.key)).toEqual(['layer2', 'layer10']);
  expect(rows.some((r) => r.key === 'GPU')).toBe(false);
  expect(visible(rows, { diffOnly: true, text: '' }).map((r) => r.key)).toEqual(['net.a.b', 'net.depth', 'layer2', 'layer10']);
  expect(visible(rows, { diffOnly: false, text: 'DEPTH' }).map((r) => r.key)).toEqual(['net.depth']);
  expect(visible(compare([doc('a', { lr: 1 }, {})]), { diffOnly: true, text: 'lr' })).toHaveLength(1);
});
