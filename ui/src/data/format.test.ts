import { describe, expect, it } from 'vitest';
import { ago, bytes, foldName, midcut, num, sharedPrefixes, short, span, ticks, value } from './format';

describe('num', () => {
  it.each([
    [0, '0'], [1, '1'], [-1.5, '−1.5'], [2.00067, '2.001'], [0.0023456, '0.002346'], [0.0008, '8e−4'], [1234567, '1.23e6'], [12345.6, '12,346'], [999.96, '1000'],
    [NaN, 'NaN'], [Infinity, '+Inf'], [-Infinity, '−Inf'], [null, '–'], [undefined, '–'], [-1e-9, '−1e−9'], [1e21, '1e21'],
  ])('%s is %s', (v, want) => expect(num(v)).toBe(want));
});
describe('short', () => {
  it.each([[0, '0'], [1600000, '1.6M'], [184200, '184k'], [300000, '300k'], [0.0002, '2e−4'], [-2500, '−2.5k'], [0.25, '0.25'], [2e18, '2e18']])('%s is %s', (v, want) => expect(short(v)).toBe(want));
});
it('labels of an axis differ', () => {
  expect(ticks([0, 0.5, 1])).toEqual(['0', '0.5', '1']);
  expect(ticks([16.55, 16.6, 16.65, null])).toEqual(['16.55', '16.6', '16.65', '']);
  expect(ticks([1e-4, 2e-4])).toEqual(['1e−4', '2e−4']);
  expect(ticks([1600000, 1600500])).toEqual(['1.6M', '1.6005M']);
});
it('writes spans, ages, sizes', () => {
  expect([0, 8, 184, 51742, 200000].map(span)).toEqual(['0s', '8s', '3m 04s', '14h 22m', '2d 7h']);
  expect([500, 4000, 200_000, 7200_000, 500_000_000].map((d) => ago(0, d))).toEqual(['just now', '4 s ago', '3 min ago', '2 h ago', '5 d ago']);
  expect(ago(5000, 0)).toBe('just now');
  expect([0, 1023, 1536, 40 * 1024 * 1024].map(bytes)).toEqual(['0 B', '1023 B', '1.50 KiB', '40.0 MiB']);
});
it('cuts long names in the middle and folds what siblings share', () => {
  expect(midcut('vit-l16-adamw-lr3e-4-wd0.1-ema-s17', 20)).toHaveLength(20);
  const names = ['vit-l16-a-s1', 'vit-l16-b-s2', 'vit-l16-c-s3', 'pale-comet-9'];
  expect(foldName(names[0]!, sharedPrefixes(names), names.length)).toEqual(['…', 'a-s1']);
  expect(foldName(names[3]!, sharedPrefixes(names), names.length)).toEqual(['', 'pale-comet-9']);
});
it('writes values of config and summary', () => {
  expect([null, 224, 0.0003, 'x', NaN, [0.9, 0.95], true].map(value)).toEqual(['null', '224', '3e−4', 'x', 'NaN', '[0.9,0.95]', 'true']);
});
