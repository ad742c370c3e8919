// The code of a run: what the SDK saved of it (save_code, log_code), its changes against the commit, and how its
// packages and settings were.
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { natural } from '../chart/sections';
import { artifactFilesQuery, runArtifactsQuery } from '../data/artifact';
import { machineQuery } from '../data/machine';
import { filesQuery, type RunFile } from '../data/run';
import { Empty, Failed, Waiting } from '../parts/surface';
import { Tree } from '../file/Tree';

const OWN = /^(diff(_[0-9a-f]+)?\.patch|requirements\.txt|conda-environment\.yaml|config\.yaml|wandb-metadata\.json)$/;
const KIND = 'code';

/** The files that tell a run's code: patches first, then code, then what describes its surroundings. */
export function codeFiles(files: RunFile[], saved: RunFile[]): RunFile[] {
  const rank = (n: string) => (/\.patch$/.test(n) && OWN.test(n) ? 0 : OWN.test(n) ? 2 : 1);
  const names = new Set(saved.map((f) => f.name));
  return [...saved, ...files.filter((f) => (f.name.startsWith('code/') || OWN.test(f.name)) && f.updatedAt && !names.has(f.name))].sort((a, b) => rank(a.name) - rank(b.name) || natural(a.name, b.name));
}

export function Code({ entity, project, run, live, file, onFile }: { entity: string; project: string; run: string; live: boolean; file?: string | undefined; onFile: (name: string | undefined) => void }) {
  const list = useQuery({ ...filesQuery(entity, project, run), refetchInterval: live ? 15_000 : false });
  const artifacts = useQuery(runArtifactsQuery(entity, project, run));
  const machine = useQuery(machineQuery(entity, project, run)).data;
  const code = useMemo(() => (artifacts.data?.made ?? []).filter((v) => v.type === KIND).slice(0, 3), [artifacts.data]);
  const saved = useQueries({ queries: code.map((v) => artifactFilesQuery(v.id)) });
  const files = useMemo(() => codeFiles(list.data ?? [], saved.flatMap((s, i) => (s.data ?? []).map((f) => ({ ...f, name: `${code[i]!.collection}:${code[i]!.version}/${f.name}` })))), [list.data, saved, code]);
  const failed = list.error ?? artifacts.error ?? saved.find((s) => s.error)?.error;
  if (failed && files.length === 0) return <div className="page"><Failed what="The saved code could not be listed." error={failed} retry={() => void (list.refetch(), artifacts.refetch(), saved.map((s) => s.refetch()))} /></div>;
  if (list.data === undefined || artifacts.isPending || saved.some((s) => s.isPending)) return <div className="page"><Waiting rows={10} label="Reading the saved code" /></div>;
  if (files.length === 0)
    return <div className="page"><Empty tall>This run saved no code. <code>wandb.init(save_code=True)</code> keeps the script and what was changed since the commit, <code>run.log_code()</code> a whole folder.</Empty></div>;
  // What was started is what people look for.
  const main = machine?.codePath ?? machine?.program?.split('/').pop();
  const first = files.find((f) => main && f.name.endsWith(main)) ?? files[0];
  return <Tree label="Saved code" files={files} file={file ?? first?.name} onFile={onFile} />;
}
