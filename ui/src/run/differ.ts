// Two runs as rows: what each was set to, where it ran, with which packages, from which code, by which command.
import { natural } from '../chart/sections';
import { bytes, value } from '../data/format';
import { configOf } from '../data/json';
import type { Environment } from '../data/environment';
import type { RunDetail } from '../data/run';
import { leaves } from '../data/runset';

export const PARTS = ['Config', 'Environment', 'Packages', 'Git', 'Command'] as const;
export type Part = (typeof PARTS)[number];
export type Side = Record<Part, Map<string, string>>;
export type DiffRow = { part: Part; key: string; left: string | null; right: string | null; differs: boolean };

/** Arguments of a command by flag; what is no flag is counted by place. "--lr 3e-4", "--lr=3e-4", "optim.lr=3e-4" and "--fast" alike. */
export function argsOf(args: string[]): Map<string, string> {
  const out = new Map<string, string>();
  let place = 0;
  for (let i = 0; i < args.length; i++) {
    const a = args[i]!;
    const m = /^(--?[A-Za-z][^=\s]*|\+{0,2}[A-Za-z_][\w.@/]*(?==))(?:=([\s\S]*))?$/.exec(a);
    if (!m) out.set(`argument ${++place}`, a);
    else if (m[2] !== undefined) put(out, m[1]!, m[2]);
    else if (i + 1 < args.length && !/^--?[A-Za-z]/.test(args[i + 1]!)) put(out, m[1]!, args[++i]!);
    else put(out, m[1]!, 'set');
  }
  return out;
}
/** A flag that comes again keeps all its values. */
const put = (to: Map<string, string>, key: string, v: string) => to.set(key, to.has(key) ? `${to.get(key)!} ${v}` : v);

/** Counts of a patch in words; "" for none. */
export function patchWords(patch: string | null, size: number): string {
  if (size === 0) return '';
  if (patch === null) return `a patch of ${bytes(size)}`;
  const files = patch.match(/^diff --git /gm)?.length ?? 0;
  const plus = patch.match(/^\+(?!\+\+ )/gm)?.length ?? 0, minus = patch.match(/^-(?!-- )/gm)?.length ?? 0;
  return `${files} ${files === 1 ? 'file' : 'files'}, +${plus} −${minus} lines`;
}

const named = (pairs: [string, string | number | null | undefined][]): Map<string, string> => new Map(pairs.flatMap(([k, v]) => (v === null || v === undefined || v === '' ? [] : [[k, String(v)] as const])));

/** One run's side. */
export function sideOf(run: RunDetail, env: Environment | undefined): Side {
  const m = env?.machine;
  const memory = Number(m?.memory?.total);
  return {
    Config: new Map(leaves(configOf(run.config)).map(([k, v]) => [k.replaceAll('\\.', '.'), value(v)])),
    Environment: named([
      ['Operating system', m?.os ?? run.runInfo?.os], ['Python', m?.python ?? run.runInfo?.python], ['Executable', m?.executable ?? run.runInfo?.executable], ['Host', m?.host ?? run.host],
      ['CPUs', m?.cpu_count ?? run.runInfo?.cpuCount], ['Memory', memory > 0 ? bytes(memory) : null], ['GPU', m?.gpu ?? run.runInfo?.gpu], ['GPUs', m?.gpu_count ?? run.runInfo?.gpuCount], ['CUDA', m?.cudaVersion], ['User', run.user?.username],
    ]),
    Packages: env?.packages ?? new Map(),
    Git: named([['Remote', m?.git?.remote ?? run.runInfo?.git?.remote ?? run.repo], ['Commit', m?.git?.commit ?? run.commit ?? run.runInfo?.git?.commit], ['Changes not committed', env ? patchWords(env.patch, env.patchBytes) : '']]),
    Command: new Map([...named([['Program', m?.codePath ?? m?.program ?? run.program ?? run.runInfo?.program]]), ...argsOf(m?.args ?? run.runInfo?.args ?? [])]),
  };
}

/** Rows of everything that either has, part by part, keys in order. */
export function differ(left: Side, right: Side): DiffRow[] {
  return PARTS.flatMap((part) => {
    const keys = [...new Set([...left[part].keys(), ...right[part].keys()])];
    if (part === 'Config' || part === 'Packages') keys.sort(natural);
    return keys.map((key): DiffRow => {
      const l = left[part].get(key) ?? null, r = right[part].get(key) ?? null;
      return { part, key, left: l, right: r, differs: l !== r };
    });
  });
}

/** Rows to show and, where only differences are, how many alike each part hides. */
export function shownRows(rows: DiffRow[], only: boolean, text: string): { rows: DiffRow[]; alike: Record<Part, number> } {
  const t = text.trim().toLowerCase();
  const alike = Object.fromEntries(PARTS.map((p) => [p, rows.filter((r) => r.part === p && !r.differs).length])) as Record<Part, number>;
  return { rows: rows.filter((r) => (!only || r.differs) && (!t || r.key.toLowerCase().includes(t) || r.left?.toLowerCase().includes(t) || r.right?.toLowerCase().includes(t))), alike };
}
