// The charts of one run: the workspace's board with a single run.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { colourOf } from '../chart/colour';
import { Toolbar } from '../chart/Toolbar';
import { View } from '../chart/view';
import { Board, columnsFor } from '../panel/Board';
import { cascade } from '../panel/document';
import { useBoard } from '../panel/useBoard';
import { useKeys } from '../keys';
import { queryClient } from '../data/cache';
import { listen } from '../data/live';
import { catalogueQuery, type RunDetail } from '../data/run';
import { Failed, Waiting } from '../parts/surface';
import { useWidth } from '../parts/width';

const CATALOGUE_EVERY = 3000; // ms between two looks for new keys

/** Looks for new keys while the run logs. */
function useFreshCatalogue(project: string, run: string): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: catalogueQuery(project, [run]).queryKey });
      }, CATALOGUE_EVERY);
    };
    const stop = listen(project, (s) => (s.kind === 'reset' || s.change.runs.some((r) => r.run === run)) && look());
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [project, run]);
}

export function Charts({ project, run }: { project: string; run: RunDetail }) {
  const view = useMemo(() => new View(project), [project]);
  const { data, error, refetch } = useQuery(catalogueQuery(project, [run.name]));
  useFreshCatalogue(project, run.name);
  const [search, setSearch] = useState('');
  const width = useWidth();
  const [chosen, setCols] = useState<number | null>(null);
  const cols = width <= 760 ? 1 : (chosen ?? columnsFor(width));
  const board = useBoard(data, search, 'history');
  const settings = useMemo(() => cascade(board.doc), [board.doc]);
  useKeys({ 'panel.undo': board.undo, 'panel.redo': board.redo });
  useEffect(() => {
    view.setRuns([{ name: run.name, display: run.displayName || run.name, state: run.state, stroke: { colour: colourOf(run.ordinal), dash: 0 }, steps: 0, branches: run.branches }]);
  }, [view, run.name, run.displayName, run.state, run.ordinal, run.branches]);
  const metrics = useMemo(() => (data?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).map((k) => k.key), [data]);

  if (error && !data) return <div className="page"><Failed what="The list of metrics could not be read." error={error} retry={() => void refetch()} /></div>;
  if (!data) return <div className="page"><Waiting rows={8} label="Reading the list of metrics" /></div>;
  return (
    <>
      <Toolbar view={view} settings={settings} onSettings={(change) => board.edit({ do: 'settings', change })} search={search} onSearch={setSearch} cols={cols} onCols={setCols} metrics={metrics} />
      <Board view={view} board={board} search={search} onSearch={setSearch} cols={cols} editable onOpen={nothing} />
    </>
  );
}

const nothing = () => undefined;
