import { expect, test } from 'vitest';
import type { Setting } from '../data/system';
import { changed, shown } from './changes';

const setting = (name: string, value: string, source = 'system settings'): Setting => ({ name, value, source, env: '', type: 'text', help: '', default: '', locked: source.startsWith('BALLAST'), secret: false });
const section = { name: 'storage', title: 'File storage', settings: [setting('bucket', 's3://a,s3://old'), setting('bucket-region', '', 'default'), setting('bucket-queue', 'sqs://q', 'BALLAST_BUCKET_QUEUE')] };

test('a field shows what was set, not what counts by default', () => {
  expect(shown(setting('url', 'http://x', 'default'))).toBe('');
  expect(shown(section.settings[0]!)).toBe('s3://a');
  expect(shown(setting('bucket', 'folder,s3://old'))).toBe('');
});

test('only what differs is sent, and nothing that is locked', () => {
  expect(changed(section, {}, true)).toEqual({});
  expect(changed(section, { bucket: ' s3://a ', 'bucket-region': 'eu-west-1', 'bucket-queue': 'sqs://other' }, true)).toEqual({ 'bucket-region': 'eu-west-1' });
  expect(changed(section, { bucket: 's3://b' }, true)).toEqual({ bucket: 's3://b' });
});

test('without an external backend the bucket goes', () => {
  expect(changed(section, { bucket: 's3://b' }, false)).toEqual({ bucket: '' });
});
