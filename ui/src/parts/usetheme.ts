import { useSyncExternalStore } from 'react';
import { THEME_EVENT, themeNow, type Theme } from './theme';

/** The theme in force; draws anew when it changes. */
export const useTheme = (): Theme =>
  useSyncExternalStore(
    (f) => (document.addEventListener(THEME_EVENT, f), () => document.removeEventListener(THEME_EVENT, f)),
    themeNow,
  );
