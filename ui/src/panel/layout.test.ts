import { describe, expect, it } from 'vitest';
import { matcher } from '../chart/sections';
import { FRESH, type ViewDoc } from './document';
import { Automatics, layOut } from './layout';

const key = (key: string, type = 'number', more = {}) => ({ key, type, runs: 1, step: null, hidden: false, ...more });
const c = {
  history: [key('train/loss'), key('val/acc'), key('train/layer10/w'), key('train/layer2/w'), key('lr'), key('_step'), key('_runtime'), key('odd', 'list'), key('secret', 'number', { hidden: true }), key('note', 'dict')],
  events: [key('system.gpu.0.gpu'), key('_timestamp'), key('system.cpu')],
};
const lay = (doc: ViewDoc = FRESH, search = '') => layOut(doc, c, matcher(search), new Automatics());
const titles = (l: ReturnType<typeof lay>) => l.sections.map((s) => s.title);

describe('layOut', () => {
  it('makes a section of each first prefix, keys without one in Charts, system last', () => {
    const b = lay();
    expect(b.sections.map((s) => [s.title, s.all])).toEqual([
      ['train', ['h:train/layer2/w', 'h:train/layer10/w', 'h:train/loss']],
      ['val', ['h:val/acc']],
      ['Charts', ['h:lr']],
      ['system', ['e:system.cpu', 'e:system.gpu.0.gpu']],
    ]);
    expect(b.total).toBe(7);
    expect(b.other.map((o) => o.type)).toEqual(['list', 'dict']);
  });
  it('by the last prefix on request; searched by expression; nothing by itself when that is off', () => {
    expect(titles(lay({ ...FRESH, by: 'last' }))).toEqual(['train', 'train/layer2', 'train/layer10', 'val', 'Charts', 'system']);
    expect(lay(FRESH, 'layer\\d+').total).toBe(2);
    expect(lay({ ...FRESH, auto: false }).sections).toEqual([]);
  });
  it('keeps the same panel for the same key', () => {
    const a = new Automatics(), one = layOut(FRESH, c, null, a), two = layOut(FRESH, { ...c, history: [...c.history] }, null, a);
    expect(two.sections[0]!.panels[0]).toBe(one.sections[0]!.panels[0]);
    const third = layOut(FRESH, { ...c, history: c.history.map((k) => ({ ...k, step: 'epoch' })) }, null, a);
    expect(third.sections[0]!.panels[0]).not.toBe(one.sections[0]!.panels[0]);
  });
});
