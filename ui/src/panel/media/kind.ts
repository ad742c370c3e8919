// Media of runs, by step.
import { lazy } from 'react';
import type { PanelKind } from '../kind';
import { isMedia } from './items';

export const media: PanelKind<'media'> = {
  kind: 'media',
  title: 'Media',
  what: 'Images with boxes and masks, sound, film, pages, figures, objects, molecules and histograms, by step.',
  icon: 'image',
  viewTypes: ['Media Browser'],
  takes: isMedia,
  auto: (k) => isMedia(k.type),
  section: 'Media',
  defaults: (keys) => ({ mediaKeys: keys.slice(0, 1).map((k) => k.key) }),
  name: (c) => c.mediaKeys[0] ?? 'No media yet',
  keys: (c) => c.mediaKeys,
  View: lazy(() => import('./View').then((m) => ({ default: m.MediaView }))),
  Editor: lazy(() => import('./Editor').then((m) => ({ default: m.MediaEditor }))),
};
