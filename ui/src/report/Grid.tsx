// A grid of panels in a report: live, over the runs of one of its run sets.
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { LIST_DASH, paint } from '../chart/colour';
import { int } from '../data/format';
import { fromSpec, type Place } from '../panel/spec';
import { Segment } from '../parts/button';
import { Empty, Waiting } from '../parts/surface';
import { BoardOf } from '../runset/BoardOf';
import type { RunSet } from '../runset/useRunSet';
import { gridSpec, type GridDoc } from './document';
import css from './report.module.css';

const NAMED = 24; // runs that are named below the panels

export function Grid({ grid, place }: { grid: GridDoc; place: Place }) {
  const [at, setAt] = useState(grid.first);
  const [box, near] = useNear();
  const set = grid.sets[at];
  if (!set) return <Empty>These panels have no run set, so there is nothing to draw.</Empty>;
  return (
    <div ref={box} className={css.grid}>
      {grid.sets.length > 1 && <Segment label="Run set" value={at} onChange={setAt} options={grid.sets.map((s, i) => ({ value: i, label: s.name }))} />}
      {near ? <Drawn key={at} grid={grid} at={at} place={place} /> : <Waiting rows={6} label="Panels further down" />}
    </div>
  );
}

function Drawn({ grid, at, place }: { grid: GridDoc; at: number; place: Place }) {
  const set = grid.sets[at]!;
  const where = set.project ?? place, entity = where.entity, project = where.project;
  const doc = useMemo(() => fromSpec(gridSpec(grid, set), { entity, project }), [grid, set, entity, project]);
  const navigate = useNavigate();
  const open = useCallback((run: string) => void (run.startsWith('group:') || navigate({ to: '/$entity/$project/runs/$run', params: { entity, project, run } })), [navigate, entity, project]);
  return (
    <BoardOf project={`${entity}/${project}`} doc={doc} cols={3} onOpen={open}>
      {(runs) => !grid.hideSets && <Legend set={runs} at={`/${encodeURIComponent(entity)}/${encodeURIComponent(project)}`} />}
    </BoardOf>
  );
}

/** Which runs the lines are. */
function Legend({ set, at }: { set: RunSet; at: string }) {
  const lines = set.drawnGroups ?? set.drawn;
  return (
    <ul className={css.legend} aria-label="Runs in these panels">
      {lines.slice(0, NAMED).map((l) => (
        <li key={l.name}>
          <svg viewBox="0 0 16 10" aria-hidden="true"><path d="M1 5h14" stroke={paint(l.stroke.colour)} strokeWidth="3" strokeLinecap="round" strokeDasharray={LIST_DASH[l.stroke.dash]} /></svg>
          {l.name.startsWith('group:') ? <span>{l.display}</span> : <a href={`${at}/runs/${encodeURIComponent(l.name)}`}>{l.display}</a>}
        </li>
      ))}
      {set.runs.found > lines.length && !set.drawnGroups && <li className="dim">{int(lines.length)} of {int(set.runs.found)} runs drawn, by order of the list</li>}
      {lines.length > NAMED && <li className="dim">and {int(lines.length - NAMED)} more</li>}
    </ul>
  );
}

/** Whether an element is near the window, or was once: what is far down is not asked for. */
function useNear(): [React.RefObject<HTMLDivElement | null>, boolean] {
  const box = useRef<HTMLDivElement | null>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || !box.current) return;
    const look = new IntersectionObserver((all) => all.some((e) => e.isIntersecting) && setNear(true), { rootMargin: '600px' });
    look.observe(box.current);
    const all = () => setNear(true); // paper has no window
    window.addEventListener('beforeprint', all);
    return () => (look.disconnect(), window.removeEventListener('beforeprint', all));
  }, [near]);
  return [box, near];
}
