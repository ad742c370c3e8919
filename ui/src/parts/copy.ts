// Copying to the clipboard, also on a plain http address, where browsers close the clipboard's own interface.
import { toast } from './toast';

function byCommand(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.style.position = 'fixed';
  area.style.opacity = '0';
  const back = document.activeElement as HTMLElement | null;
  (document.querySelector('[role=dialog]') ?? document.body).append(area);
  area.select();
  let ok = false;
  try {
    ok = document.execCommand('copy');
  } catch {
    ok = false;
  }
  area.remove();
  back?.focus();
  return ok;
}

/** Copies and says so. */
export async function copyText(text: string): Promise<void> {
  let ok = false;
  try {
    await navigator.clipboard.writeText(text);
    ok = true;
  } catch {
    ok = byCommand(text);
  }
  toast(ok ? 'Copied' : 'The browser did not allow copying. Select the text and copy it by hand.');
}
