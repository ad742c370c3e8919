import { describe, expect, it } from 'vitest';
import { buildBoard, keyParts, matcher } from './sections';

const key = (key: string, type = 'number', more = {}) => ({ key, type, runs: 1, step: null, hidden: false, ...more });

describe('buildBoard', () => {
  const c = {
    history: [key('train/loss'), key('val/acc'), key('train/layer10/w'), key('train/layer2/w'), key('lr'), key('_step'), key('_runtime'), key('img', 'media:image-file'), key('secret', 'number', { hidden: true }), key('note', 'string')],
    events: [key('system.gpu.0.gpu'), key('_timestamp'), key('system.cpu')],
  };
  it('makes a section of each first prefix, keys without one in Charts, system last', () => {
    const b = buildBoard(c, null);
    expect(b.sections.map((s) => [s.title, s.panels.map((p) => p.key)])).toEqual([
      ['train', ['train/layer2/w', 'train/layer10/w', 'train/loss']],
      ['val', ['val/acc']],
      ['Charts', ['lr']],
      ['system', ['system.cpu', 'system.gpu.0.gpu']],
    ]);
    expect(b.total).toBe(7);
    expect(b.other.map((o) => o.type)).toEqual(['media:image-file', 'string']);
  });
  it('groups by the last prefix on request, and searches by expression', () => {
    expect(buildBoard(c, null, 'last').sections.map((s) => s.title)).toEqual(['train', 'train/layer2', 'train/layer10', 'val', 'Charts', 'system']);
    expect(buildBoard(c, matcher('layer\\d+')).total).toBe(2);
    expect(buildBoard(c, matcher('layer[')).total).toBe(0); // no expression yet: taken as text
  });
  it('writes keys', () => {
    expect(keyParts({ key: 'train/a/loss', stream: 'history' })).toEqual(['train/a/', 'loss']);
    expect(keyParts({ key: 'system.gpu.0.gpu', stream: 'events' })).toEqual(['', 'gpu.0.gpu']);
    expect(keyParts({ key: 'a\\.b', stream: 'history' })).toEqual(['', 'a.b']);
  });
});
