// Dark or light: one attribute on the page, remembered on this machine.
export type Theme = 'dark' | 'light';
export const THEME_EVENT = 'ballast-theme';

export const themeNow = (): Theme => (document.documentElement.dataset.theme === 'light' ? 'light' : 'dark');
export function setTheme(t: Theme): void {
  document.documentElement.dataset.theme = t;
  try {
    localStorage.setItem('theme', t);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent(THEME_EVENT));
}
export const toggleTheme = (): void => setTheme(themeNow() === 'dark' ? 'light' : 'dark');
