// A run's page: one of its tabs. The address decides which.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { queryClient } from '../data/cache';
import { listen } from '../data/live';
import { paced } from '../data/pace';
import { alive, runQuery } from '../data/run';
import { NotFound } from '../parts/missing';
import { Failed, Unready, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { Charts } from './charts';
import { Files } from './files';
import { Logs } from './logs';
import { Overview } from './overview';
import { System } from './system';

// Screens that fewer people open come when they are asked for.
const Code = lazy(() => import('./code').then((m) => ({ default: m.Code })));
const Diff = lazy(() => import('./diff').then((m) => ({ default: m.Diff })));
const Artifacts = lazy(() => import('./artifacts').then((m) => ({ default: m.Artifacts })));

const NAMES = { overview: 'Overview', workspace: 'Charts', system: 'System metrics', logs: 'Log', files: 'Files', artifacts: 'Artifacts', code: 'Code', diff: 'Config diff' } as const;

export type RunTab = keyof typeof NAMES;
type Props = { entity: string; project: string; run: string; tab: RunTab; line?: number | undefined; file?: string | undefined; onFile: (name: string | undefined) => void; other?: string | undefined; onOther: (run: string) => void };

/** Reads the run again when something of it changed, at most every two seconds. */
function useFreshRun(entity: string, project: string, run: string): void {
  useEffect(() => {
    const read = paced(() => void queryClient.invalidateQueries({ queryKey: runQuery(entity, project, run).queryKey }), () => 2000);
    const leave = listen(`${entity}/${project}`, (s) => (s.kind === 'reset' || s.change.runs.some((r) => r.run === run)) && read.call());
    return () => {
      leave();
      read.stop();
    };
  }, [entity, project, run]);
}

export function Run({ entity, project, run, tab, line, file, onFile, other, onOther }: Props) {
  const { data, error, refetch } = useQuery(runQuery(entity, project, run));
  useFreshRun(entity, project, run);
  useTitle(NAMES[tab], data?.displayName || run, project);
  if (error && !data) return <Unready title={run}><Failed what="The run could not be read." error={error} retry={() => void refetch()} /></Unready>;
  if (data === undefined) return <Unready title={run}><Waiting rows={10} label="Reading the run" /></Unready>;
  if (data === null) return <NotFound what={`Run ${run}`} />;
  const live = alive(data.state);
  return (
    <>
      {tab !== 'overview' && <h1 className="sr">{`${NAMES[tab]} of ${data.displayName || run}`}</h1>}
      {tab === 'workspace' ? (
        <Charts key={data.id} project={`${entity}/${project}`} run={data} />
      ) : tab === 'system' ? (
        <System key={data.id} project={`${entity}/${project}`} run={data} />
      ) : tab === 'logs' ? (
        <Logs key={data.id} entity={entity} project={project} run={run} live={live} line={line} />
      ) : tab === 'files' ? (
        <Files key={data.id} entity={entity} project={project} run={run} live={live} file={file} onFile={onFile} />
      ) : tab === 'code' ? (
        <Suspense fallback={null}><Code key={data.id} entity={entity} project={project} run={run} live={live} file={file} onFile={onFile} /></Suspense>
      ) : tab === 'diff' ? (
        <Suspense fallback={null}><Diff key={data.id} entity={entity} project={project} run={data} other={other} onOther={onOther} /></Suspense>
      ) : tab === 'artifacts' ? (
        <Suspense fallback={null}><Artifacts key={data.id} entity={entity} project={project} run={run} live={live} /></Suspense>
      ) : (
        <Overview key={data.id} entity={entity} project={project} run={data} />
      )}
    </>
  );
}
