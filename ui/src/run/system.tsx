// The machines of a run: all accelerators in one strip, then every metric by device or side by side.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { colourOf } from '../chart/colour';
import { View } from '../chart/view';
import { queryClient } from '../data/cache';
import { catalogueQuery, type RunDetail } from '../data/run';
import { listen } from '../data/live';
import { paced } from '../data/pace';
import { int } from '../data/format';
import { Board, columnsFor } from '../panel/Board';
import { useBoard } from '../panel/useBoard';
import { Segment } from '../parts/button';
import { Search } from '../parts/field';
import { Empty, Failed, Waiting } from '../parts/surface';
import { useWidth } from '../parts/width';
import { Strip } from './strip';
import { nodesOf, sysDoc, sysKeys, type SysBy } from './sys';
import css from './system.module.css';

const NONE: never[] = [];

export function System({ project, run }: { project: string; run: RunDetail }) {
  const view = useMemo(() => new View(project), [project]);
  const { data, error, refetch } = useQuery(catalogueQuery(project, [run.name]));
  const [by, setBy] = useState<SysBy>('device');
  const [picked, setNode] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const width = useWidth();
  const keys = useMemo(() => sysKeys(data?.events ?? NONE), [data]);
  const nodes = useMemo(() => nodesOf(keys), [keys]);
  const node = picked !== null && nodes.includes(picked) ? picked : null;
  const doc = useMemo(() => sysDoc(keys, by, node), [keys, by, node]);
  const board = useBoard(data, search, 'events', doc);
  const { replace } = board;
  useEffect(() => replace(doc), [replace, doc]);
  useEffect(() => {
    view.setRuns([{ name: run.name, display: run.displayName || run.name, state: run.state, stroke: { colour: colourOf(run.ordinal), dash: 0 }, steps: 0, branches: run.branches }]);
  }, [view, run.name, run.displayName, run.state, run.ordinal, run.branches]);
  useEffect(() => {
    const read = paced(() => void queryClient.invalidateQueries({ queryKey: catalogueQuery(project, [run.name]).queryKey }), () => 5000);
    const leave = listen(project, (s) => (s.kind === 'reset' || s.change.runs.some((r) => r.run === run.name)) && read.call());
    return () => {
      leave();
      read.stop();
    };
  }, [project, run.name]);

  if (error && !data) return <div className="page"><Failed what="The list of metrics could not be read." error={error} retry={() => void refetch()} /></div>;
  if (!data) return <div className="page"><Waiting rows={8} label="Reading the list of metrics" /></div>;
  if (keys.length === 0) return <div className="page"><Empty>No system metrics yet. The SDK sends them every 15 seconds while the run lives, unless it was told not to.</Empty></div>;
  return (
    <>
      <div className={css.bar}>
        <Search label="Search metrics" className={css.find ?? ''} slash value={search} onValue={setSearch} placeholder={`Search ${int(keys.length)} metrics`} />
        <Segment label="Group metrics" value={by} options={[{ value: 'device', label: 'By device' }, { value: 'metric', label: 'By metric' }]} onChange={setBy} />
        {nodes.length > 1 && (
          <select aria-label="Node" value={node ?? '*'} onChange={(e) => setNode(e.target.value === '*' ? null : e.target.value)}>
            <option value="*">All {int(nodes.length)} nodes</option>
            {nodes.map((n) => <option key={n} value={n}>{n || 'without a name'}</option>)}
          </select>
        )}
      </div>
      <Board view={view} board={board} search={search} onSearch={setSearch} cols={width <= 760 ? 1 : columnsFor(width) + 1} editable={false} allOpen onOpen={nothing} before={<Strip project={project} run={run.name} keys={keys} node={node} />} />
    </>
  );
}
const nothing = () => undefined;
