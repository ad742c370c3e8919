// The files of a run: a tree with sizes, a preview of what can be shown, download of one, of a folder, or of all.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { filesQuery } from '../data/run';
import { Empty, Failed, Waiting } from '../parts/surface';
import { Tree } from '../file/Tree';

export function Files({ entity, project, run, live, file, onFile }: { entity: string; project: string; run: string; live: boolean; file?: string | undefined; onFile: (name: string | undefined) => void }) {
  const { data, error, refetch } = useQuery({ ...filesQuery(entity, project, run), refetchInterval: live ? 15_000 : false });
  const home = useMemo(() => ({ project: `${entity}/${project}`, run }), [entity, project, run]);
  if (error && !data) return <div className="page"><Failed what="The list of files could not be read." error={error} retry={() => void refetch()} /></div>;
  if (data === undefined) return <div className="page"><Waiting rows={10} label="Reading the list of files" /></div>;
  if (!data || data.length === 0)
    return <div className="page"><Empty>{live ? 'No files yet. They show here when the run uploads them: run.save("model.pt"), media, and its own at the end.' : 'This run has no files.'}</Empty></div>;
  return <Tree label="Files" files={data} file={file} onFile={onFile} home={home} zip={'/api/files/' + [entity, project, run].map(encodeURIComponent).join('/') + '/zip'} />;
}
