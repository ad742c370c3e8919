// Runs that were deleted and can still be brought back.
import { useState } from 'react';
import { queryClient } from '../data/cache';
import { ago, day, int } from '../data/format';
import type { GoneRun } from '../data/home';
import { undeleteRun } from '../data/run';
import { useUser } from '../data/session';
import { Button } from '../parts/button';
import { State } from '../parts/state';
import { Card } from '../parts/surface';
import { toast } from '../parts/toast';
import css from './project.module.css';

export function Deleted({ entity, project, runs, readOnly }: { entity: string; project: string; runs: GoneRun[]; readOnly: boolean }) {
  const user = useUser();
  const [busy, setBusy] = useState('');
  const admin = entity === user?.entity || user?.teams.some((t) => t.name === entity && t.role === 'admin');
  const back = (r: GoneRun) => {
    setBusy(r.id);
    undeleteRun(r.id)
      .then(() => (toast(`${r.display || r.name} is back.`), Promise.all([queryClient.invalidateQueries({ queryKey: ['totals', entity, project] }), queryClient.invalidateQueries({ queryKey: ['project', entity, project] })])), (e: Error) => toast(`${r.display || r.name} was not brought back: ${e.message}`, undefined, true))
      .finally(() => setBusy(''));
  };
  return (
    <Card title="Deleted runs" head={<span className="dim small num">{int(runs.length)}</span>}>
      <ul className={css.gone}>
        {runs.map((r) => (
          <li key={r.id}>
            <State state={r.state} bare />
            <span className="cut" title={r.display || r.name}>{r.display || r.name}</span>
            <span className="dim small">deleted {ago(Date.parse(r.deleted), Date.now())}, removed for good on {day(r.until)}</span>
            {!readOnly && (admin || r.mine) && <Button small busy={busy === r.id} aria-label={`Bring ${r.display || r.name} back`} onClick={() => back(r)}>Bring back</Button>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
