// Files as a tree with sizes, and beside it a preview of the one that is open.
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { fileUrl, type TableOrder } from '../data/media';
import { bytes, int, when } from '../data/format';
import type { RunFile } from '../data/run';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Chip, Empty, Failed, Waiting } from '../parts/surface';
import { CodeText } from './CodeText';
import css from './tree.module.css';
import { fileRows, previewOf, PREVIEW_MOST } from './rows';

const ROW = 32;
const TableRows = lazy(() => import('../panel/table/Table').then((m) => ({ default: m.Table })));

/** Where a run's tables are read from; null for files that are not of a run. */
export type TableHome = { project: string; run: string } | null;

function TableShown({ file, home }: { file: RunFile; home: NonNullable<TableHome> }) {
  const [sort, setSort] = useState<TableOrder[]>([]);
  return (
    <div className={css.table}>
      <Suspense fallback={<Waiting rows={6} />}>
        <TableRows ask={{ project: home.project, table: { run: home.run, path: file.name, artifact: '' }, sort, text: '', where: [] }} label={file.name} url={(path) => fileUrl(home.project, home.run, path)} hiddenColumns={[]} onSort={setSort} onClear={() => setSort([])} />
      </Suspense>
    </div>
  );
}

function Shown({ file, home, line }: { file: RunFile; home: TableHome; line?: number | undefined }) {
  const kind = previewOf(file, home !== null);
  const [broken, setBroken] = useState<string | null>(null);
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
  const bad = () => setBroken(file.id);
  if (broken === file.id) return <Empty>The browser cannot show this file: it is broken, or of a form that it does not know. Download it to open it.</Empty>;
  if (kind === 'table' && home) return <TableShown key={file.id} file={file} home={home} />;
  if (kind === 'text' || kind === 'json') {
    if (text.error) return <div className={css.body}><Failed what="The file could not be read." error={text.error} retry={() => void text.refetch()} /></div>;
    if (text.data === undefined) return <Waiting rows={8} />;
    if (text.data === '') return <Empty>The file is empty.</Empty>;
    return <CodeText name={file.name} text={text.data} line={line} />;
  }
  return (
    <div className={css.body} tabIndex={0} role="region" aria-label={`Contents of ${file.name}`}>
      {kind === 'image' ? <img src={file.directUrl} alt={file.name} onError={bad} />
        : kind === 'audio' ? <audio controls src={file.directUrl} aria-label={file.name} onError={bad} />
        : kind === 'video' ? <video controls src={file.directUrl} aria-label={file.name} onError={bad} />
        : <Empty>No preview for this kind of file{file.sizeBytes > PREVIEW_MOST ? ' and size' : ''}. Download it to open it.</Empty>}
    </div>
  );
}

/** A word beside a file. */
export type Remark = { text: string; tone: 'ok' | 'warn' | 'bad' };
type Props = { remarks?: ReadonlyMap<string, Remark> | undefined; label: string; files: RunFile[]; file: string | undefined; onFile: (name: string | undefined) => void; home?: TableHome; zip?: string; line?: number | undefined };

/** `zip` is the address of an archive of all; with ?under= of one folder. */
export function Tree({ label, files, file, onFile, home = null, zip, line, remarks }: Props) {
  const [filter, setFilter] = useState('');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => fileRows(files, folded, filter), [files, folded, filter]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => list.current, estimateSize: () => ROW, overscan: 10 });
  const open = files.find((f) => f.name === file);
  const total = useMemo(() => files.reduce((n, f) => n + f.sizeBytes, 0), [files]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current || !open) return;
    first.current = false;
    const at = rows.findIndex((r) => r.path === file);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [open, rows, file, virtual]);
  const fold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };
  const walk = (e: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[e.key];
    if (!by || e.metaKey || e.ctrlKey || e.altKey) return;
    const at = rows.findIndex((r) => r.path === (document.activeElement as HTMLElement | null)?.dataset['path']);
    const to = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!to) return;
    e.preventDefault();
    virtual.scrollToIndex(rows.indexOf(to), { align: 'auto' });
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(to.path)}"]`)?.focus({ preventScroll: true }));
  };
  return (
    <div className={`${css.files} ${open ? css.open : ''}`}>
      <div className={css.list}>
        <div className={css.bar}>
          <Search label="Filter files" className={css.find ?? ''} slash value={filter} onValue={setFilter} placeholder="Filter files" />
          {zip && <a className={css.all} href={zip} download title={`All files in one zip, ${bytes(total)}`}><Icon name="dl" small />Download all</a>}
        </div>
        <div ref={list} className={css.rows} role="group" aria-label={label} onKeyDown={walk}>
          {rows.length === 0 && <Empty action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}>No file’s name holds “{filter}”.</Empty>}
          <div className={css.sizer} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((it) => {
              const r = rows[it.index]!;
              return (
                <div key={r.path} className={css.row} style={{ transform: `translateY(${it.start}px)`, ['--depth' as string]: r.depth }} data-on={r.path === file ? '' : undefined}>
                  <button type="button" data-path={r.path} aria-current={r.path === file ? 'true' : undefined} aria-expanded={r.folder ? !folded.has(r.path) : undefined} title={r.path} onClick={() => (r.folder ? fold(r.path) : onFile(r.path))}>
                    <Icon name={r.folder ? (folded.has(r.path) ? 'right' : 'folder') : 'file'} small />
                    <span className="cut">{r.name}</span>
                    {remarks?.has(r.path) && <Chip tone={remarks.get(r.path)!.tone}>{remarks.get(r.path)!.text}</Chip>}
                    <span className={`${css.size} num`}>{r.folder ? `${int(r.files)} · ` : ''}{bytes(r.bytes)}</span>
                  </button>
                  {zip && r.folder && <a href={`${zip}?under=${encodeURIComponent(r.path)}`} download aria-label={`Download the folder ${r.path}`} title="Download the folder"><Icon name="dl" small /></a>}
                </div>
              );
            })}
          </div>
        </div>
        <div className={`${css.foot} num`}>{int(files.length)} {files.length === 1 ? 'file' : 'files'}, {bytes(total)}</div>
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
            <Shown key={open.id} file={open} home={home} line={line} />
          </>
        ) : (
          <Empty>{file ? `There is no file ${file}.` : 'Choose a file to look into it.'}</Empty>
        )}
      </div>
    </div>
  );
}
