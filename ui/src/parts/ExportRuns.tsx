// Runs as a file or as code: the items of a menu.
import { apiCode } from '../data/apicode';
import { filterOf, saveRuns, type FileFormat, type Selection } from '../data/bulk';
import { int } from '../data/format';
import type { RunAsk } from '../data/run';
import { copyText } from './copy';
import { MenuItem } from './menu';
import { toast } from './toast';

export function ExportItems({ ask, sel, n, columns, groups }: { ask: RunAsk; sel: Selection; n: number; columns: string[]; groups: string[] }) {
  const file = async (format: FileFormat, name: string) => {
    toast(`Writing ${int(n)} ${n === 1 ? 'run' : 'runs'} as ${name}`);
    try {
      await saveRuns(ask, sel, columns, format);
      toast(`${name} of ${int(n)} ${n === 1 ? 'run' : 'runs'} saved.`);
    } catch (e) {
      toast(`${name}: ${(e as Error).message}`, undefined, true);
    }
  };
  const code = async () => {
    try {
      await copyText(apiCode({ project: ask.project, filter: await filterOf(ask, sel), order: ask.order, columns, groups }));
    } catch (e) {
      toast(`Code: ${(e as Error).message}`, undefined, true);
    }
  };
  return (
    <>
      <MenuItem icon="dl" onSelect={() => void file('csv', 'CSV')}>CSV of {int(n)} {n === 1 ? 'run' : 'runs'}</MenuItem>
      <MenuItem icon="dl" onSelect={() => void file('parquet', 'Parquet')}>Parquet of {int(n)} {n === 1 ? 'run' : 'runs'}</MenuItem>
      <MenuItem icon="copy" onSelect={() => void code()}>Copy as API code</MenuItem>
    </>
  );
}
