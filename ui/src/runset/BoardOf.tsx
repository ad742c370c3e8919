// A board to look at: the panels of a document over the runs that its list finds, live, with nothing to edit. Reports
// and public links show one.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Toolbar } from '../chart/Toolbar';
import { View } from '../chart/view';
import { catalogueQuery } from '../data/run';
import { Board, columnsFor } from '../panel/Board';
import { cascade, type ViewDoc } from '../panel/document';
import { useBoard } from '../panel/useBoard';
import { Empty, Failed, Notice, Waiting } from '../parts/surface';
import { useTheme } from '../parts/usetheme';
import { useWidth } from '../parts/width';
import { useFreshRuns } from './runs';
import { useRunSet, type RunSet } from './useRunSet';

type Props = {
  project: string; // entity/project
  doc: ViewDoc;
  tools?: boolean; // search, smoothing, axis
  cols?: number;
  onOpen?: (run: string) => void;
  children?: (set: RunSet) => React.ReactNode; // below the panels
};
const nothing = () => undefined;

export function BoardOf({ project, doc, tools, cols: wanted, onOpen = nothing, children }: Props) {
  const [view] = useState(() => new View(project));
  const set = useRunSet(project, doc.runs, null);
  const { runs, drawn, drawnGroups } = set;
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    view.setRuns(drawn);
    view.setGroups(drawnGroups);
    const next = drawn.map((r) => r.name).sort();
    setNames((old) => (old.join() === next.join() ? old : next));
  }, [view, drawn, drawnGroups]);
  const theme = useTheme();
  useEffect(() => view.tell('theme'), [view, theme]);
  useFreshRuns(project, useCallback(() => undefined, []));
  const { data, error, refetch } = useQuery({ ...catalogueQuery(project, names), enabled: names.length > 0, placeholderData: keepPreviousData });
  const [search, setSearch] = useState('');
  const board = useBoard(data, search, undefined, doc);
  const settings = useMemo(() => cascade(board.doc), [board.doc]);
  const metrics = useMemo(() => (data?.history ?? []).filter((k) => k.type === 'number' && !k.key.startsWith('_')).map((k) => k.key), [data]);
  const width = useWidth();
  const [chosen, setCols] = useState<number | null>(null);
  const cols = width <= 760 ? 1 : (chosen ?? doc.cols ?? wanted ?? columnsFor(width));
  if (runs.error) return <Failed what="The runs could not be read." error={runs.error} retry={runs.retry} />;
  if (!runs.pending && drawn.length === 0) return <Empty>{runs.found ? 'None of the runs is shown.' : doc.runs.query || doc.runs.filters !== undefined ? 'No run matches the filter.' : 'No run yet.'}</Empty>;
  if (error && !data) return <Failed what="The list of metrics could not be read." error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting rows={6} label="Reading the list of metrics" />;
  return (
    <>
      {set.left > 0 && <Notice>{set.left === 1 ? 'One condition' : `${set.left} conditions`} of the filter cannot be asked here and are left out.</Notice>}
      {tools && <Toolbar view={view} settings={settings} onSettings={(change) => board.edit({ do: 'settings', change })} search={search} onSearch={setSearch} cols={cols} onCols={setCols} metrics={metrics} />}
      <Board view={view} board={board} search={search} onSearch={setSearch} cols={cols} editable={false} onOpen={onOpen} />
      {children?.(set)}
    </>
  );
}
