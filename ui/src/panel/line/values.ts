// A line panel as a table. A damaged run has a row of its own, with what is damaged in a column that is there only then.
import type { Damage } from '../../chart/status';
import type { LineRow } from '../../chart/words';
import type { PanelTable } from '../kind';

const HEAD = ['Run', 'First', 'Last', 'Least', 'Most', 'Points'];

export function lineTable(lines: LineRow[], damaged: Damage[]): PanelTable {
  const rows = lines.map((r) => [r.run, r.first, r.last, r.min, r.max, r.points]);
  if (damaged.length === 0) return { head: HEAD, rows };
  return { head: [...HEAD, 'Damaged'], rows: [...rows.map((r) => [...r, null]), ...damaged.map((d) => [d.run, null, null, null, null, null, d.words])] };
}
