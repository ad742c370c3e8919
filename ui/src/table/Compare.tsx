// Selected runs side by side: facts, config and results, those that differ first of all.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { int } from '../data/format';
import { runDocsQuery } from '../data/runset';
import { compare, visible } from '../panel/comparer/rows';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Dialog } from '../parts/menu';
import { Failed, Waiting } from '../parts/surface';
import css from './table.module.css';

const ROWS = 500; // of a table that is not virtual

export function Compare({ project, runs, onClose }: { project: string; runs: string[]; onClose: () => void }) {
  const q = useQuery(runDocsQuery(project, runs)), docs = q.data;
  const [all, setAll] = useState(false), [text, setText] = useState('');
  const rows = useMemo(() => compare(docs ?? []), [docs]);
  const shown = visible(rows, { diffOnly: !all, text });
  return (
    <Dialog open onClose={onClose} title={`${int(runs.length)} runs compared`} width={1100}>
      <div className="row">
        <Search label="Search keys and values" placeholder="Search keys and values" value={text} onValue={setText} />
        <Button small aria-pressed={!all} onClick={() => setAll(!all)}>Only differences</Button>
        <span className="dim num small" role="status">{docs ? `${int(shown.length)} of ${int(rows.length)} rows` : ''}</span>
      </div>
      {q.error ? <Failed what="The runs could not be read." error={q.error} retry={() => void q.refetch()} /> : !docs ? <Waiting rows={8} label="Reading runs" /> : (
        <div className={css.compare} tabIndex={0} role="region" aria-label="Runs side by side">
          <table>
            <thead>
              <tr>
                <th scope="col">Key</th>
                {docs.map((d) => <th key={d.name} scope="col" title={d.display} dir="auto">{d.display}</th>)}
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, ROWS).map((r) => (
                <tr key={r.part + r.key} data-differs={r.differs || undefined}>
                  <th scope="row" title={`${r.part}: ${r.key}`} dir="auto">{r.key}</th>
                  {r.values.map((v, i) => <td key={i} title={v ?? undefined} dir="auto">{v ?? '–'}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
          {shown.length === 0 && <p className="mid">{rows.length ? 'Nothing differs.' : 'There is nothing to compare.'}</p>}
          {shown.length > ROWS && <p className="dim small">The first {int(ROWS)} rows. Search for others.</p>}
        </div>
      )}
    </Dialog>
  );
}
