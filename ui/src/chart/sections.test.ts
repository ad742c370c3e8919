import { describe, expect, it } from 'vitest';
import { keyParts, matcher } from './sections';

describe('keys', () => {
  it('searches by expression, or by text where it is none yet', () => {
    expect(['layer2', 'layer'].filter(matcher('layer\\d+')!)).toEqual(['layer2']);
    expect(['layer[', 'layer'].filter(matcher('layer[')!)).toEqual(['layer[']);
    expect(matcher('  ')).toBe(null);
  });
  it('writes keys', () => {
    expect(keyParts({ key: 'train/a/loss', stream: 'history' })).toEqual(['train/a/', 'loss']);
    expect(keyParts({ key: 'system.gpu.0.gpu', stream: 'events' })).toEqual(['', 'gpu.0.gpu']);
    expect(keyParts({ key: 'a\\.b', stream: 'history' })).toEqual(['', 'a.b']);
  });
});
