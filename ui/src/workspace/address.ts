// What of the view a link carries: axis, smoothing, band, zoom.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { SMOOTHINGS, type Smoothing } from '../chart/smooth';
import { DEFAULTS, type Settings, type View, type Zoom } from '../chart/view';
import { FRESH_RUNS, type RunSetDoc, type ViewDoc } from '../panel/document';
import type { WorkspaceSearch } from './Workspace';

export type Asked = { settings: Partial<Settings>; zoom: Zoom | null; runs: Partial<RunSetDoc>; cols?: number };

/** What an address asks for; what it does not name is left to the view. */
export function fromAddress(s: WorkspaceSearch): Asked {
  const kind = SMOOTHINGS.find((k) => k.value === s.smoothing)?.value as Smoothing | undefined;
  const z = s.zoom?.split('..').map(Number);
  const settings: Partial<Settings> = {
    ...(s.x !== undefined ? { x: s.x } : {}),
    ...(s.smooth !== undefined ? { smooth: Math.min(0.99, Math.max(0, Number(s.smooth) || 0)) } : {}),
    ...(kind ? { smoothing: kind } : {}),
    ...(s.band !== undefined ? { band: s.band } : {}),
    ...(s.clip !== undefined ? { clip: s.clip } : {}),
  };
  const runs: Partial<RunSetDoc> = {
    ...(s.q !== undefined ? { query: s.q } : {}),
    ...(s.sort !== undefined ? { order: s.sort.split(',') } : {}),
    ...(s.group !== undefined ? { group: s.group.split(',') } : {}),
  };
  const cols = s.cols !== undefined && s.cols >= 1 && s.cols <= 6 ? { cols: Math.round(s.cols) } : {};
  return { settings, runs, ...cols, zoom: z?.length === 2 && z.every(Number.isFinite) && z[0]! < z[1]! ? { x: s.zoomx ?? s.x ?? DEFAULTS.x, range: [z[0]!, z[1]!] } : null };
}

/** A stored view with what the address asks for on top. */
export const overlaid = (doc: ViewDoc, a: Asked): ViewDoc => ({ ...doc, settings: { ...doc.settings, ...a.settings }, runs: { ...doc.runs, ...a.runs }, ...(a.cols ? { cols: a.cols } : {}) });

/** The part of the address that a view needs; what is as always is left out. */
export function toAddress(s: Settings, zoom: Zoom | null, doc?: Pick<ViewDoc, 'runs' | 'cols'>): WorkspaceSearch {
  const o: WorkspaceSearch = {};
  if (s.x !== DEFAULTS.x) o.x = s.x;
  if (s.smooth !== DEFAULTS.smooth) o.smooth = s.smooth;
  if (s.smoothing !== DEFAULTS.smoothing) o.smoothing = s.smoothing;
  if (s.band !== DEFAULTS.band) o.band = s.band;
  if (s.clip !== DEFAULTS.clip) o.clip = s.clip;
  if (doc?.runs.query) o.q = doc.runs.query;
  if (doc && doc.runs.order.join() !== FRESH_RUNS.order.join()) o.sort = doc.runs.order.join();
  if (doc?.runs.group.length) o.group = doc.runs.group.join();
  if (doc?.cols) o.cols = doc.cols;
  if (zoom) {
    o.zoom = zoom.range.map((n) => Number(n.toPrecision(8))).join('..');
    if (zoom.x !== s.x) o.zoomx = zoom.x;
  }
  return o;
}

/** Writes what changed into the address, a little later. */
export function useViewAddress(view: View, settings: Settings, doc: ViewDoc): void {
  const navigate = useNavigate();
  const now = useRef({ settings, doc });
  const was = useRef(JSON.stringify(toAddress(settings, view.zoom, doc)));
  const look = useRef<() => void>(() => undefined);
  useEffect(() => {
    now.current = { settings, doc };
    look.current();
  }, [settings, doc]);
  useEffect(() => {
    let t: ReturnType<typeof setTimeout> | undefined;
    look.current = () => {
      const next = toAddress(now.current.settings, view.zoom, now.current.doc), text = JSON.stringify(next);
      clearTimeout(t);
      if (text === was.current) return;
      t = setTimeout(() => {
        was.current = text;
        void navigate({ to: '.', search: ({ x: _x, smooth: _s, smoothing: _k, band: _b, clip: _c, zoom: _z, zoomx: _zx, q: _q, sort: _o, group: _g, cols: _n, ...rest }: WorkspaceSearch) => ({ ...rest, ...next }), replace: true });
      }, 300);
    };
    const stop = view.watch(() => look.current());
    return () => {
      stop();
      clearTimeout(t);
    };
  }, [view, navigate]);
}
