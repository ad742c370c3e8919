// A run's page: one of its tabs. The address decides which.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { queryClient } from '../data/cache';
import { useLive, type Signal } from '../data/live';
import { runQuery } from '../data/run';
import { NotFound } from '../parts/missing';
import { Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { Charts } from './charts';
import { Files } from './files';
import { Logs } from './logs';
import { Overview } from './overview';

const NAMES = { overview: 'Overview', workspace: 'Charts', system: 'System metrics', logs: 'Log', files: 'Files' } as const;

export type RunTab = 'overview' | 'workspace' | 'system' | 'logs' | 'files';
type Props = { entity: string; project: string; run: string; tab: RunTab; line?: number | undefined; file?: string | undefined; onFile: (name: string | undefined) => void };

/** Reads the run again when its own fields changed, and at most every two seconds while it logs. */
function useFreshRun(entity: string, project: string, run: string): void {
  const last = useRef(0);
  useLive(`${entity}/${project}`, useCallback((s: Signal) => {
    const changed = s.kind === 'reset' || s.change.runs.some((r) => r.run === run);
    if (!changed || Date.now() - last.current < 2000) return;
    last.current = Date.now();
    void queryClient.invalidateQueries({ queryKey: runQuery(entity, project, run).queryKey });
  }, [entity, project, run]));
}

export function Run({ entity, project, run, tab, line, file, onFile }: Props) {
  const { data, error, refetch } = useQuery(runQuery(entity, project, run));
  useFreshRun(entity, project, run);
  useTitle(NAMES[tab], data?.displayName || run, project);
  if (error && !data) return <div className="page"><Failed what="The run could not be read." error={error} retry={() => void refetch()} /></div>;
  if (data === undefined) return <div className="page"><Waiting rows={10} label="Reading the run" /></div>;
  if (data === null) return <NotFound what={`Run ${run}`} />;
  const live = data.state === 'running' || data.state === 'preempting';
  return (
    <>
      {tab !== 'overview' && <h1 className="sr">{`${NAMES[tab]} of ${data.displayName || run}`}</h1>}
      {tab === 'workspace' || tab === 'system' ? (
        <Charts key={data.id + tab} project={`${entity}/${project}`} run={data} only={tab === 'system' ? 'events' : 'history'} />
      ) : tab === 'logs' ? (
        <Logs key={data.id} entity={entity} project={project} run={run} live={live} line={line} />
      ) : tab === 'files' ? (
        <Files key={data.id} entity={entity} project={project} run={run} live={live} file={file} onFile={onFile} />
      ) : (
        <Overview key={data.id} entity={entity} project={project} run={data} />
      )}
    </>
  );
}
