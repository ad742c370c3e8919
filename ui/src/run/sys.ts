// System metrics by the device they measure: what the names of keys say (PRODUCT 3.9), and the board made of it.
import { natural } from '../chart/sections';
import type { CatalogueKey } from '../data/run';
import { FRESH, type ViewDoc } from '../panel/document';

/** `family` orders devices, `device` names one ("GPU 3"), `node` is the process of a shared run or "". */
export type SysKey = { key: string; node: string; family: number; device: string; metric: string; accelerator: boolean };

const WORDS: Record<string, string> = {
  gpu: 'Utilization, %', memory: 'Memory access, %', memoryAllocated: 'Memory in use, %', memoryAllocatedBytes: 'Memory in use, bytes', memoryReadWriteActivity: 'Memory activity, %', memoryUsed: 'Memory used', memoryTotal: 'Memory total', memoryFree: 'Memory free',
  temp: 'Temperature, °C', memoryTemp: 'Memory temperature, °C', powerWatts: 'Power, W', powerPercent: 'Power, % of limit', enforcedPowerLimitWatts: 'Power limit, W', smClock: 'SM clock, MHz', memoryClock: 'Memory clock, MHz', graphicsClock: 'Graphics clock, MHz',
  fanSpeed: 'Fan, %', encoderUtilization: 'Encoder, %', smActive: 'SM active, %', smOccupancy: 'SM occupancy, %', pipeTensorActive: 'Tensor cores active, %', dramActive: 'DRAM active, %', correctedMemoryErrors: 'Corrected memory errors', uncorrectedMemoryErrors: 'Uncorrected memory errors',
  dutyCycle: 'Duty cycle, %', hbmMemoryUsage: 'Memory in use, %', neuroncore_utilization: 'Utilization, %', cpu: 'CPU, %', cpu_percent: 'CPU, %', memory_percent: 'Memory in use, %',
  'cpu.threads': 'Threads', 'memory.rssMB': 'Resident memory, MB', 'memory.percent': 'Memory of the process, %', 'memory.availableMB': 'Memory available, MB', usagePercent: 'Used, %', usageGB: 'Used, GB', in: 'Read, MB', out: 'Written, MB', sent: 'Sent, bytes', recv: 'Received, bytes',
};
const FAMILIES = ['Accelerator', 'CPU', 'Memory', 'Process', 'Network', 'Disk', 'Other'];
const OTHER = FAMILIES.length - 1;

const RULES: [RegExp, (m: RegExpExecArray) => { family: number; device: string; metric: string; accelerator?: boolean }][] = [
  [/^gpu\.process\.(\d+)\.(.+)$/, (m) => ({ family: 0, device: `GPU ${m[1]}, this process`, metric: m[2]! })],
  [/^(gpu|tpu)\.(\d+)\.(.+)$/, (m) => ({ family: 0, device: `${m[1]!.toUpperCase()} ${m[2]}`, metric: m[3]!, accelerator: true })],
  [/^trn\.(\d+)\.(.+)$/, (m) => ({ family: 0, device: `Neuron core ${m[1]}`, metric: m[2]!, accelerator: true })],
  [/^cpu\.(\d+)\.(.+)$/, (m) => ({ family: 1, device: `CPU ${m[1]}`, metric: m[2]! })],
  [/^cpu(?:\.(.+))?$/, (m) => ({ family: 1, device: 'CPU', metric: m[1] ?? 'cpu' })],
  [/^memory(_percent|\..+)$/, (m) => ({ family: 2, device: 'Memory', metric: 'memory' + m[1]! })],
  [/^proc\.(.+)$/, (m) => ({ family: 3, device: 'Process', metric: m[1]! })],
  [/^network\.(.+)$/, (m) => ({ family: 4, device: 'Network', metric: m[1]! })],
  [/^disk\.(in|out)$/, (m) => ({ family: 5, device: 'Disk', metric: m[1]! })],
  [/^disk\.(.+)\.(usagePercent|usageGB|in|out)$/, (m) => ({ family: 5, device: `Disk ${m[1]}`, metric: m[2]! })],
];

/** What a key of the stream of events measures; null for the stream's own keys. */
export function sysKey(key: string): SysKey | null {
  const plain = key.replaceAll('\\.', '.');
  const cut = plain.indexOf('/l:');
  const name = (cut < 0 ? plain : plain.slice(0, cut)).replace(/^system[./]/, '');
  if (name.startsWith('_')) return null;
  const node = cut < 0 ? '' : plain.slice(cut + 3);
  for (const [rule, of] of RULES) {
    const m = rule.exec(name);
    if (m) return { key, node, accelerator: false, ...of(m) };
  }
  return { key, node, family: OTHER, device: FAMILIES[OTHER]!, metric: name, accelerator: false };
}

/** The name of a metric as people read it. */
export const metricWords = (metric: string): string => WORDS[metric] ?? metric;

export const sysKeys = (keys: CatalogueKey[]): SysKey[] => keys.flatMap((k) => (k.type === 'number' ? (sysKey(k.key) ?? []) : []));
export const nodesOf = (keys: SysKey[]): string[] => [...new Set(keys.map((k) => k.node))].sort(natural);

export type SysBy = 'device' | 'metric';
/** The board: one section a device, with its metrics, or one section a metric, with the devices that have it. */
export function sysDoc(keys: SysKey[], by: SysBy, node: string | null): ViewDoc {
  const shown = keys.filter((k) => node === null || k.node === node), many = nodesOf(shown).length > 1;
  const at = (k: SysKey) => (many && k.node ? `${k.node}, ` : '');
  const group = (k: SysKey) => (by === 'device' ? at(k) + k.device : kindOf(k) + metricWords(k.metric));
  const name = (k: SysKey) => (by === 'device' ? metricWords(k.metric) : at(k) + k.device);
  const groups = new Map<string, SysKey[]>();
  for (const k of [...shown].sort((a, b) => a.family - b.family || natural(a.node, b.node) || natural(a.device, b.device) || rank(a) - rank(b) || natural(a.metric, b.metric))) {
    const g = group(k), list = groups.get(g);
    if (list) list.push(k);
    else groups.set(g, [k]);
  }
  return {
    ...FRESH,
    settings: { x: '_runtime' },
    auto: false,
    sections: [...groups].map(([title, list]) => ({
      id: 'sys:' + title, title, collects: null, open: true,
      panels: list.map((k) => ({ id: 'e:' + k.key, kind: 'line' as const, title: name(k), config: { metrics: [k.key], stream: 'events' as const } })),
    })),
  };
}

const FIRST = Object.keys(WORDS);
const rank = (k: SysKey): number => (FIRST.indexOf(k.metric) + FIRST.length + 1) % (FIRST.length + 1);
const kindOf = (k: SysKey): string => (k.family === OTHER ? '' : k.device.replace(/[ ,].*$/, '') + ': ');

/** What the strip can show: metrics in percent or degrees that more than no accelerator has, utilization first. */
export function stripMetrics(keys: SysKey[]): string[] {
  const all = new Set(keys.filter((k) => k.accelerator).map((k) => k.metric));
  return ['gpu', 'dutyCycle', 'neuroncore_utilization', 'memoryAllocated', 'hbmMemoryUsage', 'powerPercent', 'temp'].filter((m) => all.has(m));
}
