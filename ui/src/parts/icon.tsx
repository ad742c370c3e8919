// The drawn signs, 16 by 16, stroked in the text colour.
import { memo } from 'react';
import css from './icon.module.css';

const PATHS = {
  search: '<circle cx="7" cy="7" r="4.25"/><path d="m10.2 10.2 3.3 3.3"/>',
  eye: '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="1.9"/>',
  eyeoff: '<path d="M2.5 2.5l11 11M6.3 3.8A6 6 0 0 1 8 3.5C12 3.5 14.5 8 14.5 8a11 11 0 0 1-1.9 2.4M9.5 12.3a5.4 5.4 0 0 1-1.5.2C4 12.5 1.5 8 1.5 8a11 11 0 0 1 2.6-3"/>',
  down: '<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>',
  right: '<path d="m6.5 4.5 3.5 3.5-3.5 3.5"/>',
  left: '<path d="M9.5 4.5 6 8l3.5 3.5"/>',
  up: '<path d="m4.5 9.5 3.5-3.5 3.5 3.5"/>',
  updown: '<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>',
  filter: '<path d="M2 4h12M4.5 8h7M6.5 12h3"/>',
  group: '<rect x="2" y="2.5" width="12" height="3" rx=".8"/><path d="M4.5 8.5h9.5M4.5 11h9.5M4.5 13.5h6M2 8.5h.01M2 11h.01M2 13.5h.01"/>',
  sort: '<path d="M4.5 3v10m0 0L2 10.5M4.5 13 7 10.5M9 4h5M9 8h4M9 12h2.5"/>',
  cols: '<rect x="2" y="2.5" width="12" height="11" rx="1.2"/><path d="M6 2.5v11M10 2.5v11"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  dots: '<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2"/>',
  full: '<path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9.3 6.7M2.5 13.5l4.2-4.2"/>',
  gear: '<circle cx="8" cy="8" r="2"/><path d="M8 1.8v1.7M8 12.5v1.7M1.8 8h1.7M12.5 8h1.7M3.6 3.6l1.2 1.2M11.2 11.2l1.2 1.2M12.4 3.6l-1.2 1.2M4.8 11.2l-1.2 1.2"/>',
  sun: '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"/>',
  moon: '<path d="M13.3 9.6A5.6 5.6 0 0 1 6.4 2.7a5.6 5.6 0 1 0 6.9 6.9Z"/>',
  help: '<circle cx="8" cy="8" r="6"/><path d="M6.3 6.2c.2-1 .9-1.5 1.8-1.5 1 0 1.8.6 1.8 1.6 0 1.3-1.8 1.4-1.8 2.6M8.1 11.3h.01"/>',
  copy: '<rect x="5.5" y="5.5" width="8" height="8" rx="1.4"/><path d="M10.5 5.5V3.9a1.4 1.4 0 0 0-1.4-1.4H3.9a1.4 1.4 0 0 0-1.4 1.4v5.2a1.4 1.4 0 0 0 1.4 1.4h1.6"/>',
  check: '<path d="m3 8.5 3.2 3.2L13 4.8"/>',
  undo: '<path d="M5.5 3 2.5 6l3 3M2.5 6h6.8a4 4 0 0 1 0 8H7"/>',
  redo: '<path d="m10.5 3 3 3-3 3M13.5 6H6.7a4 4 0 0 0 0 8H9"/>',
  pin: '<path d="M10 2 14 6l-2.6.9-2.3 2.3-.4 3.3L3.5 7.3l3.3-.4 2.3-2.3L10 2ZM5.8 10.2 2.5 13.5"/>',
  tag: '<path d="M2.5 7.6V3.5a1 1 0 0 1 1-1h4.1l5.9 5.9-5.1 5.1-5.9-5.9Z"/><path d="M5.4 5.4h.01" stroke-width="2"/>',
  branch: '<circle cx="4.5" cy="3.7" r="1.6"/><circle cx="4.5" cy="12.3" r="1.6"/><circle cx="11.5" cy="5.2" r="1.6"/><path d="M4.5 5.3v5.4M11.5 6.8c0 2.4-4 2-6.2 4"/>',
  file: '<path d="M4 1.8h5l3.2 3.2v9.2H4z"/><path d="M9 1.8V5h3.2"/>',
  folder: '<path d="M1.8 4.2v8.3h12.4V5.6H8L6.6 3.6H1.8z"/>',
  box: '<path d="M8 1.8 13.8 5v6L8 14.2 2.2 11V5z"/><path d="M2.2 5 8 8.2 13.8 5M8 8.2v6"/>',
  run: '<rect x="2.5" y="2.5" width="11" height="11" rx="1.5"/><path d="m4.8 10 2.2-3 1.8 1.6 2.4-3.4"/>',
  dl: '<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.8 13.3h10.4"/>',
  link: '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 0 0 9 3.3l-.7.7M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.7-.7"/>',
  clock: '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.5"/>',
  warn: '<path d="M8 2.3 14.3 13.3H1.7z"/><path d="M8 6.4v3M8 11.4h.01"/>',
  info: '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.6M8 5.1h.01"/>',
  bell: '<path d="M4 7a4 4 0 0 1 8 0c0 3.5 1.3 4.5 1.3 4.5H2.7S4 10.5 4 7ZM6.7 13.500a1.4 1.4 0 0 0 2.6 0"/>',
  home: '<path d="M2.5 7.2 8 2.500l5.5 4.700v6.300h-3.800V9.500H6.300v4H2.500z"/>',
  panel: '<rect x="2" y="2.5" width="12" height="11" rx="1.4"/><path d="M6.5 2.500v11"/>',
  stop: '<rect x="3.5" y="3.5" width="9" height="9" rx="1.5"/>',
  user: '<circle cx="8" cy="5.5" r="2.6"/><path d="M2.8 13.700c.6-2.7 2.7-4 5.2-4s4.6 1.3 5.2 4"/>',
  cpu: '<rect x="4" y="4" width="8" height="8" rx="1.2"/><path d="M6.5 1.800V4M9.5 1.800V4M6.5 12v2.200M9.5 12v2.200M1.8 6.500H4M1.8 9.500H4M12 6.500h2.200M12 9.500h2.2"/>',
  term: '<rect x="1.8" y="2.8" width="12.4" height="10.4" rx="1.5"/><path d="m4.5 6 2 2-2 2M8.5 10.200h3"/>',
  flow: '<rect x="1.8" y="5.8" width="4" height="4.4" rx="1"/><circle cx="12.2" cy="3.8" r="2"/><circle cx="12.2" cy="12.2" r="2"/><path d="M5.8 8h2.400M8.2 8c0-2.8 1-4.2 2-4.200M8.2 8c0 2.8 1 4.2 2 4.2"/>',
  diff: '<path d="M4.5 2.500v6M1.5 5.500h6M9 11.500h5.500M2 13.5 13.5 2"/>',
  bolt: '<path d="M9 1.8 3.5 9H8l-1 5.200L12.5 7H8z"/>',
  x: '<path d="m4 4 8 8M12 4l-8 8"/>',
  wave: '<path d="M1.5 9c1.3-4 2.6-4 3.9 0s2.6 4 3.9 0 2.6-4 3.9 0"/>',
  band: '<path d="M1.8 11.500c3-1 4.5-6.5 12.4-8M1.8 13.800c3-.5 5-5 12.4-6.5"/>',
  rows: '<path d="M2 4h12M2 8h12M2 12h12"/>',
  grid: '<rect x="2" y="2" width="5" height="5" rx="1"/><rect x="9" y="2" width="5" height="5" rx="1"/><rect x="2" y="9" width="5" height="5" rx="1"/><rect x="9" y="9" width="5" height="5" rx="1"/>',
  star: '<path d="m8 2 1.8 3.9 4.2.5-3.1 2.9.8 4.200L8 11.400l-3.7 2.1.8-4.200L2 6.400l4.2-.5z"/>',
  chat: '<path d="M2.5 3h11v8H7l-3 2.500V11H2.500z"/>',
  key: '<circle cx="5" cy="8" r="2.6"/><path d="M7.6 8H14M11.5 8v2.4M13.6 8v1.6"/>',
  trash: '<path d="M2.8 4.3h10.4M6.3 4.300V2.700h3.400v1.600M4.200 4.300l.6 9h6.400l.6-9"/>',
  out: '<path d="M6.500 2.500h-4v11h4M10 5l3 3-3 3M13 8H6"/>',
  wrap: '<path d="M2 3.500h12M2 8h9.500a2.200 2.200 0 0 1 0 4.500H8.500M10 11l-1.700 1.500L10 14M2 12.500h3.500"/>',
  pause: '<path d="M5.500 3.500v9M10.500 3.500v9"/>',
  image: '<rect x="2" y="2.500" width="12" height="11" rx="1.400"/><circle cx="5.800" cy="6.200" r="1.100"/><path d="m2.500 12 3.700-3.500 2.500 2.300 2-1.800 3 3"/>',
  edit: '<path d="M10.700 2.700l2.600 2.600-7.600 7.600-3.200.6.6-3.200z"/>',
} as const;

export type IconName = keyof typeof PATHS;

/** One sign. It is decoration: whatever holds it carries the words. */
export const Icon = memo(function Icon({ name, small, className }: { name: IconName; small?: boolean; className?: string }) {
  return (
    <svg
      className={[css.icon, small && css.small, className].filter(Boolean).join(' ')}
      viewBox="0 0 16 16"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: PATHS[name] }}
    />
  );
});
