import { expect, test } from 'vitest';
import { nodesOf, stripMetrics, sysDoc, sysKey, sysKeys } from './sys';

const key = (k: string) => ({ key: k, type: 'number', runs: 1, step: null, hidden: false });
const keys = sysKeys(['_runtime', 'system.cpu', 'system\\.gpu\\.0\\.gpu', 'system.gpu.0.temp', 'system.gpu.10.gpu', 'system.gpu.2.gpu', 'system.disk./mnt/a.b.usageGB', 'system.memory_percent', 'system.proc.memory.rssMB', 'system.strange.thing'].map(key));

test('names of keys say what they measure', () => {
  expect(sysKey('system.gpu.3.memoryAllocated/l:rank 1')).toMatchObject({ node: 'rank 1', device: 'GPU 3', metric: 'memoryAllocated', accelerator: true });
  expect(sysKey('system\\.gpu\\.process\\.0\\.gpu')).toMatchObject({ device: 'GPU 0, this process', accelerator: false });
  expect(sysKey('system.cpu')).toMatchObject({ device: 'CPU', metric: 'cpu', node: '' });
  expect(sysKey('system.disk./mnt/a.b.usageGB')).toMatchObject({ device: 'Disk /mnt/a.b', metric: 'usageGB' });
  expect(sysKey('_timestamp')).toBeNull();
  expect(sysKey('system.new.thing')).toMatchObject({ device: 'Other', metric: 'new.thing' });
});
test('one section a device, accelerators first and by number', () => {
  const doc = sysDoc(keys, 'device', null);
  expect(doc.sections.map((s) => s.title)).toEqual(['GPU 0', 'GPU 2', 'GPU 10', 'CPU', 'Memory', 'Process', 'Disk /mnt/a.b', 'Other']);
  expect(doc.sections[0]!.panels.map((p) => p.title)).toEqual(['Utilization, %', 'Temperature, °C']);
});
test('one section a metric holds all devices that have it', () => {
  const s = sysDoc(keys, 'metric', null).sections[0]!;
  expect(s.title).toBe('GPU: Utilization, %');
  expect(s.panels.map((p) => p.title)).toEqual(['GPU 0', 'GPU 2', 'GPU 10']);
});
test('nodes are told apart and filtered', () => {
  const two = sysKeys(['system.gpu.0.gpu/l:a', 'system.gpu.0.gpu/l:b'].map(key));
  expect(nodesOf(two)).toEqual(['a', 'b']);
  expect(sysDoc(two, 'device', null).sections.map((s) => s.title)).toEqual(['a, GPU 0', 'b, GPU 0']);
  expect(sysDoc(two, 'device', 'b').sections.map((s) => s.title)).toEqual(['GPU 0']);
});
test('the strip shows utilization first, and nothing without accelerators', () => {
  expect(stripMetrics(keys)).toEqual(['gpu', 'temp']);
  expect(stripMetrics(sysKeys([key('system.cpu')]))).toEqual([]);
});
