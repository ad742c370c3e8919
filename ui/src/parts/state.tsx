// A run's state. Each has its own shape, so colour is never the only sign.
import css from './state.module.css';

export type RunState = 'pending' | 'running' | 'finished' | 'failed' | 'crashed' | 'killed' | 'preempting' | 'preempted';

const line = { fill: 'none', stroke: 'currentColor', strokeLinecap: 'round', strokeLinejoin: 'round' } as const;
const SHAPE: Record<RunState, React.ReactNode> = {
  running: (<><circle cx="6" cy="6" r="5" {...line} strokeWidth="1.4" /><circle className={css.core} cx="6" cy="6" r="2.6" fill="currentColor" /></>),
  finished: (<><circle cx="6" cy="6" r="5.6" fill="currentColor" opacity=".18" /><path d="m3.3 6.3 1.9 1.9 3.6-4.2" {...line} strokeWidth="1.6" /></>),
  failed: <path d="m2.500 2.500 7 7m0-7-7 7" {...line} strokeWidth="1.9" />,
  crashed: (<><path d="M6 1 11.300 10.700H.7z" {...line} strokeWidth="1.4" /><path d="M6 4.500v2.800M6 8.900h.01" {...line} strokeWidth="1.4" /></>),
  killed: <rect x="2" y="2" width="8" height="8" rx="1.500" fill="currentColor" />,
  pending: <circle cx="6" cy="6" r="4.800" {...line} strokeWidth="1.4" strokeDasharray="2 2" />,
  preempting: <path d="M3.500 2v8M8.500 2v8" {...line} strokeWidth="2" strokeDasharray="2 3" />,
  preempted: <path d="M3.500 2v8M8.500 2v8" {...line} strokeWidth="2" />,
};

export const stateName = (s: string) => s.charAt(0).toUpperCase() + s.slice(1);

/** The state of a run as shape and, unless `bare`, word. */
export function State({ state, bare }: { state: string; bare?: boolean }) {
  const s = (state in SHAPE ? state : 'pending') as RunState;
  return (
    <span className={`${css.state} ${css[s]}`} title={stateName(state)}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {SHAPE[s]}
      </svg>
      <span className={bare ? 'sr' : css.word}>{stateName(state)}</span>
    </span>
  );
}
