import { afterEach, expect, test } from 'vitest';
import { openShare, throughShare } from './share';

afterEach(() => openShare(''));

test('a link leads reading requests to its own addresses, and nothing when none is open', () => {
  expect(throughShare('/api/panel')).toEqual({ path: '/api/panel', headers: {} });
  openShare('abc');
  expect(throughShare('/api/panel')).toEqual({ path: '/api/shared/panel', headers: { 'X-Ballast-Share': 'abc' } });
  expect(throughShare('/api/keys').path).toBe('/api/shared/keys');
  expect(throughShare('/api/shared').path).toBe('/api/shared');
  expect(throughShare('/graphql').path).toBe('/graphql');
});
