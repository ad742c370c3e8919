// Writing in a cell.
import { known } from '../data/bulk';
import { editRun, type RunRow } from '../data/run';
import { toast } from '../parts/toast';
import css from './table.module.css';

/** Tags or notes of a run, written in place: Enter keeps, Esc leaves. */
export function editCell(cell: HTMLElement, entity: string, project: string, run: RunRow, field: 'tags' | 'notes'): void {
  const input = document.createElement('input'), was = field === 'tags' ? run.tags.join(', ') : String(run.values.notes ?? '');
  input.className = css.edit ?? '';
  input.value = was;
  input.setAttribute('aria-label', `${field === 'tags' ? 'Tags, commas between' : 'Notes'} of ${run.display || run.name}`);
  const held = [...cell.children] as HTMLElement[];
  for (const h of held) h.style.display = 'none';
  cell.append(input);
  input.focus();
  let over = false;
  const end = (keep: boolean) => {
    if (over) return;
    over = true;
    const text = input.value;
    input.remove();
    for (const h of held) h.style.display = '';
    cell.closest<HTMLElement>('[data-grid]')?.focus({ preventScroll: true });
    if (keep && text !== was) void save(entity, project, run, field, text);
  };
  input.addEventListener('keydown', (e) => {
    if (e.key === 'Enter') end(true);
    else if (e.key === 'Escape') end(false);
    e.stopPropagation();
  });
  input.addEventListener('blur', () => end(true));
}

async function save(entity: string, project: string, run: RunRow, field: 'tags' | 'notes', text: string): Promise<void> {
  try {
    const [k] = await known(`${entity}/${project}`, [run.name]);
    if (!k) throw new Error('The run is not there any more.');
    const tags = (t: string) => t.split(',').map((x) => x.trim()).filter(Boolean);
    const put = (t: string) => editRun({ id: k.id }, field === 'tags' ? { tags: tags(t) } : { notes: t });
    const was = field === 'tags' ? run.tags.join(', ') : String(run.values.notes ?? '');
    await put(text);
    toast(`${field === 'tags' ? 'Tags' : 'Notes'} of ${run.display || run.name} saved.`, { label: 'Undo', run: () => void put(was) });
  } catch (e) {
    toast(`${run.display || run.name} could not be changed: ${(e as Error).message}`, undefined, true);
  }
}
