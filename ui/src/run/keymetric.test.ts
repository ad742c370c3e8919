import { expect, test } from 'vitest';
import type { CatalogueKey } from '../data/run';
import { keyMetrics, sparkPaths } from './keymetric';

const key = (k: string, type = 'number', hidden = false): CatalogueKey => ({ key: k, type, runs: 1, step: null, hidden });

test('validation first, then losses and scores, then the rest; no hidden, no internal ones', () => {
  const keys = [key('lr'), key('train/loss'), key('val/top1'), key('val/extra'), key('_step'), key('secret', 'number', true), key('image', 'media:image-file'), key('grad_norm')];
  expect(keyMetrics(keys)).toEqual(['val/top1', 'val/extra', 'train/loss', 'grad_norm', 'lr']);
});

test('a spark keeps the spike in its band', () => {
  const p = sparkPaths({ x: Float64Array.of(0, 1), last: Float32Array.of(0, 0), min: Float32Array.of(0, 0), max: Float32Array.of(0, 10) });
  expect(p.line).toBe('M0.0 43.0L240.0 43.0');
  expect(p.band).toBe('M0.0 43.0L240.0 3.0L240.0 43.0L0.0 43.0Z');
});
test('a constant is a line in the middle', () => {
  expect(sparkPaths({ x: Float64Array.of(0, 1), last: Float32Array.of(5, 5), min: Float32Array.of(5, 5), max: Float32Array.of(5, 5) }).line).toBe('M0.0 23.0L240.0 23.0');
});
