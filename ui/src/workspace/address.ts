// What of the view a link carries: axis, smoothing, band, zoom.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { SMOOTHINGS, type Smoothing } from '../chart/smooth';
import { DEFAULTS, type Settings, type View } from '../chart/view';
import type { WorkspaceSearch } from './Workspace';

/** The settings that an address asks for. */
export function fromAddress(s: WorkspaceSearch): { settings: Settings; zoom: [number, number] | null } {
  const kind = SMOOTHINGS.find((k) => k.value === s.smoothing)?.value;
  const z = s.zoom?.split('..').map(Number);
  return {
    settings: { ...DEFAULTS, x: s.x ?? DEFAULTS.x, smooth: Math.min(0.99, Math.max(0, Number(s.smooth ?? 0) || 0)), smoothing: (kind ?? DEFAULTS.smoothing) as Smoothing, band: s.band ?? DEFAULTS.band, clip: s.clip ?? DEFAULTS.clip },
    zoom: z?.length === 2 && z.every(Number.isFinite) && z[0]! < z[1]! ? [z[0]!, z[1]!] : null,
  };
}

/** The part of the address that a view needs; what is as always is left out. */
export function toAddress(v: Pick<View, 'settings' | 'zoom'>): WorkspaceSearch {
  const s = v.settings, o: WorkspaceSearch = {};
  if (s.x !== DEFAULTS.x) o.x = s.x;
  if (s.smooth !== DEFAULTS.smooth) o.smooth = s.smooth;
  if (s.smoothing !== DEFAULTS.smoothing) o.smoothing = s.smoothing;
  if (s.band !== DEFAULTS.band) o.band = s.band;
  if (s.clip !== DEFAULTS.clip) o.clip = s.clip;
  if (v.zoom) o.zoom = v.zoom.map((n) => Number(n.toPrecision(8))).join('..');
  return o;
}

/** Reads the address once, then writes what changes, a little later. */
export function useViewAddress(view: View, search: WorkspaceSearch): void {
  const navigate = useNavigate();
  const first = useRef(search);
  const started = useRef(false);
  if (!started.current) {
    started.current = true;
    const a = fromAddress(first.current);
    view.settings = a.settings;
    view.zoom = a.zoom;
  }
  useEffect(() => {
    let t: ReturnType<typeof setTimeout> | undefined;
    let was = JSON.stringify(toAddress(view));
    const stop = view.watch(() => {
      const next = toAddress(view), text = JSON.stringify(next);
      if (text === was) return;
      clearTimeout(t);
      t = setTimeout(() => {
        was = text;
        void navigate({ to: '.', search: ({ q, sort, panels, cols }: WorkspaceSearch) => ({ ...(q ? { q } : {}), ...(sort ? { sort } : {}), ...(panels ? { panels } : {}), ...(cols ? { cols } : {}), ...next }), replace: true });
      }, 300);
    });
    return () => {
      stop();
      clearTimeout(t);
    };
  }, [view, navigate]);
}
