// How far a run is, as far as its config tells.
import type { Json } from './json';

/** Names under which scripts keep their number of steps, the likeliest first. */
const NAMES = ['max_steps', 'total_steps', 'num_steps', 'n_steps', 'max_iters', 'total_iterations', 'num_train_steps', 'max_train_steps', 'iterations', 'steps'];

export type Progress = { total: number; source: string; part: number };

/** The steps a run will make by its config, searched one level deep too; null when it does not say. */
export function progressOf(config: { [k: string]: Json }, steps: number): Progress | null {
  for (const name of NAMES) {
    for (const [path, v] of [[name, config[name]], ...Object.entries(config).map(([k, o]) => [`${k}.${name}`, o && typeof o === 'object' && !Array.isArray(o) ? o[name] : undefined])] as [string, Json | undefined][]) {
      if (typeof v === 'number' && Number.isFinite(v) && v >= 1 && v >= steps * 0.999) return { total: v, source: `config.${path}`, part: Math.min(1, steps / v) };
    }
  }
  return null;
}

/** Seconds left at the rate so far; null before there is one. */
export const timeLeft = (p: Progress | null, steps: number, elapsed: number): number | null => (p && steps > 0 && elapsed > 5 && p.part < 1 ? ((p.total - steps) / steps) * elapsed : null);

/** Silence in words; a run without a heartbeat counts as crashed after `limit` seconds. */
export function silence(seconds: number, limit = 300): string | null {
  if (seconds < 90) return null;
  const left = limit - seconds;
  return left > 0 ? `No heartbeat for ${Math.floor(seconds / 60)} min, will count as crashed in ${Math.max(1, Math.ceil(left / 60))} min.` : `No heartbeat for ${Math.floor(seconds / 60)} min.`;
}

/** Seconds by which the machine's clock is ahead of ours: its last row is from later than when it was last heard of.
 *  Null below half a minute. A clock that is behind looks like a run that logs seldom. */
export function clockAhead(timestamp: unknown, heartbeat: string | null): number | null {
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp) || !heartbeat) return null;
  const ahead = timestamp - Date.parse(heartbeat) / 1000;
  return ahead > 30 ? ahead : null;
}
