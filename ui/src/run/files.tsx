// The files of a run: a tree with sizes, a preview of what can be shown, download of one.
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { bytes, int, when } from '../data/format';
import { filesQuery, type RunFile } from '../data/run';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Empty, Failed, Waiting } from '../parts/surface';
import css from './files.module.css';
import { fileRows, previewOf } from './tree';

const ROW = 32;

function Shown({ file }: { file: RunFile }) {
  const kind = previewOf(file);
  const text = useQuery({
    queryKey: ['file-text', file.id, file.updatedAt],
    enabled: kind === 'text' || kind === 'json',
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const res = await fetch(file.directUrl, { signal });
      if (!res.ok) throw new Error(`The store answered ${res.status}.`);
      const t = await res.text();
      if (kind !== 'json') return t;
      try { return JSON.stringify(JSON.parse(t), null, 2); } catch { return t; } // NaN or JSON lines: as it is
    },
  });
  if (kind === 'image') return <img src={file.directUrl} alt={file.name} />;
  if (kind === 'audio') return <audio controls src={file.directUrl} aria-label={file.name} />;
  if (kind === 'video') return <video controls src={file.directUrl} aria-label={file.name} />;
  if (kind === 'none') return <Empty>No preview for this kind of file{file.sizeBytes > 2 << 20 ? ' and size' : ''}. Download it to open it.</Empty>;
  if (text.error) return <Failed what="The file could not be read." error={text.error} retry={() => void text.refetch()} />;
  if (text.data === undefined) return <Waiting rows={8} />;
  if (text.data === '') return <Empty>The file is empty.</Empty>;
  return <pre className={css.text}>{text.data}</pre>;
}

export function Files({ entity, project, run, live, file, onFile }: { entity: string; project: string; run: string; live: boolean; file?: string | undefined; onFile: (name: string | undefined) => void }) {
  const { data, error, refetch } = useQuery({ ...filesQuery(entity, project, run), refetchInterval: live ? 15_000 : false });
  const [filter, setFilter] = useState('');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => fileRows(data ?? [], folded, filter), [data, folded, filter]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => list.current, estimateSize: () => ROW, overscan: 10 });
  const open = data?.find((f) => f.name === file);
  const total = useMemo(() => (data ?? []).reduce((n, f) => n + f.sizeBytes, 0), [data]);
  const press = (path: string, folder: boolean) => {
    if (!folder) return onFile(path);
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };

  if (error && !data) return <div className="page"><Failed what="The list of files could not be read." error={error} retry={() => void refetch()} /></div>;
  if (data === undefined) return <div className="page"><Waiting rows={10} label="Reading the list of files" /></div>;
  if (!data || data.length === 0)
    return <div className="page"><Empty>{live ? 'No files yet. They show here when the run uploads them: run.save("model.pt"), media, and its own at the end.' : 'This run has no files.'}</Empty></div>;

  return (
    <div className={`${css.files} ${open ? css.open : ''}`}>
      <div className={css.list}>
        <div className={css.bar}>
          <Search label="Filter files" className={css.find ?? ''} slash value={filter} onValue={setFilter} placeholder="Filter files" />
        </div>
        <div ref={list} className={css.rows} role="group" aria-label="Files">
          {rows.length === 0 && <Empty action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}>No file’s name holds “{filter}”.</Empty>}
          <div className={css.sizer} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((it) => {
              const r = rows[it.index]!;
              return (
                <button key={r.path} type="button" className={css.row} style={{ transform: `translateY(${it.start}px)`, ['--depth' as string]: r.depth }} aria-current={r.path === file ? 'true' : undefined} aria-expanded={r.folder ? !folded.has(r.path) : undefined} title={r.path} onClick={() => press(r.path, r.folder)}>
                  <Icon name={r.folder ? (folded.has(r.path) ? 'right' : 'folder') : 'file'} small />
                  <span className="cut">{r.name}</span>
                  <span className={`${css.size} num`}>{r.folder ? `${int(r.files)} · ` : ''}{bytes(r.bytes)}</span>
                </button>
              );
            })}
          </div>
        </div>
        <div className={`${css.foot} num`}>{int(data.length)} {data.length === 1 ? 'file' : 'files'}, {bytes(total)}</div>
      </div>
      <div className={css.show}>
        {open ? (
          <>
            <div className={css.head}>
              <Button kind="ghost" icon className={css.back ?? ''} aria-label="Back to the list" onClick={() => onFile(undefined)}><Icon name="left" /></Button>
              <h2 className="cut mono" title={open.name}>{open.name}</h2>
              <span className="dim small num">{bytes(open.sizeBytes)}{open.updatedAt ? `, ${when(open.updatedAt)}` : ''}</span>
              <a href={open.directUrl} download={open.name.split('/').pop()} aria-label={`Download ${open.name}`} title="Download"><Icon name="dl" /></a>
            </div>
            <div className={css.body} tabIndex={0} role="region" aria-label={`Contents of ${open.name}`}><Shown file={open} /></div>
          </>
        ) : (
          <Empty>Choose a file to look into it.</Empty>
        )}
      </div>
    </div>
  );
}
