// A frame without an origin or a network, in which what people wrote runs (docs/design/086). It is asked every two
// seconds whether it lives; one that does not answer is taken away.
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { token } from '../../chart/colour';
import { THEME_EVENT } from '../../parts/theme';
import { Button } from '../../parts/button';
import { Said, useSize } from './Inside';
import css from './sandbox.module.css';

export type SandboxPage = 'page' | 'chart' | 'plotly' | 'object' | 'molecule';
export type SandboxHandle = { ask: (what: string) => Promise<string> };
const PING = 2000, PATIENCE = 8000, LOADING = 60_000, AFTER_STOP = 12_000; // ms
const AGAIN = 3000; // ms after which a frame that was stopped is opened again
const OPENING = 3; // frames that load at once: each is a process

// A browser gives all frames without an origin one process, so a page that never ends takes the others along. When all
// of its frames are gone the process may end, so none joins it meanwhile; where it goes on, only a new page helps.
const CALM = 4000; // ms
let calm = 0;
const ears = new Set<() => void>();
function tellStopped(me: () => void): void {
  calm = Date.now() + CALM;
  for (const f of [...ears]) if (f !== me) f();
}

let opening = 0;
const waiting: (() => void)[] = [];
/** Waits for a turn to load a frame. Returns how to give it back, or to leave the line; both may be called twice. */
function turn(go: () => void): () => void {
  let held = false, left = false;
  const start = () => {
    if (left) return next();
    if (Date.now() < calm) return void setTimeout(start, calm - Date.now());
    held = true;
    opening++;
    go();
  };
  const next = () => opening < OPENING && waiting.shift()?.();
  if (opening < OPENING) start();
  else waiting.push(start);
  return () => {
    left = true;
    if (!held) return;
    held = false;
    opening--;
    next();
  };
}

type Props = {
  page: SandboxPage;
  /** What to draw; a new object draws anew. Sent as it is, by structured clone. */
  drawing: Record<string, unknown>;
  label: string;
  paper?: boolean; // a white ground, which pages of the web take for granted
  onDrawn?: () => void;
  onSaid?: (text: string) => void; // warnings
  handle?: Ref<SandboxHandle>;
};

type State = { kind: 'opening' } | { kind: 'drawn' } | { kind: 'failed'; text: string } | { kind: 'stopped' } | { kind: 'stuck' };

export function Sandbox(props: Props) {
  const [round, setRound] = useState(0);
  const [again, setAgain] = useState(props.page !== 'page');
  // What was stopped along with an endless page comes back by itself, once, when it is of our own making.
  const stopped = () => {
    if (!again) return;
    setAgain(false);
    setTimeout(() => setRound((r) => r + 1), AGAIN);
  };
  return <One key={round} {...props} onAgain={() => setRound(round + 1)} onStopped={stopped} />;
}

function One({ page, drawing, label, paper, onDrawn, onSaid, handle, onAgain, onStopped }: Props & { onAgain: () => void; onStopped: () => void }) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const [state, setState] = useState<State>({ kind: 'opening' });
  const [ready, setReady] = useState(false);
  const [theme, setTheme] = useState(0);
  const [w, h] = useSize(box);
  const size = useRef([w, h]);
  const [mine, setMine] = useState(false);
  const done = useRef(() => undefined as void);
  const asked = useRef(new Map<number, { ok: (v: string) => void; no: (e: Error) => void }>());
  const told = useRef({ onDrawn, onSaid, onStopped });
  useEffect(() => {
    told.current = { onDrawn, onSaid, onStopped };
    size.current = [w, h];
  });
  const stopped = state.kind === 'stopped' || state.kind === 'stuck';
  useEffect(() => {
    if (!mine && !stopped) done.current = turn(() => setMine(true));
  }, [mine, stopped]);
  useEffect(() => () => done.current(), []);
  useEffect(() => {
    if (stopped || !mine) return;
    let alive = false, heard = Date.now(), n = 0;
    const hear = (e: MessageEvent<{ kind?: string; text?: string; n?: number; value?: string; error?: string } | null>) => {
      if (e.source !== frame.current?.contentWindow || !e.data) return;
      heard = Date.now();
      const m = e.data;
      if (m.kind === 'drawn' || m.kind === 'failed') done.current();
      if (m.kind === 'ready') {
        alive = true;
        setReady(true);
      } else if (m.kind === 'drawn') {
        setState({ kind: 'drawn' });
        told.current.onDrawn?.();
      } else if (m.kind === 'failed') setState({ kind: 'failed', text: String(m.text).slice(0, 500) });
      else if (m.kind === 'warned') told.current.onSaid?.(String(m.text).slice(0, 300));
      else if (m.kind === 'told') {
        const p = asked.current.get(m.n ?? -1);
        asked.current.delete(m.n ?? -1);
        if (m.error) p?.no(new Error(m.error));
        else p?.ok(String(m.value));
      }
    };
    const stop = () => {
      done.current();
      told.current.onStopped();
      setState({ kind: 'stopped' });
      tellStopped(other);
    };
    /** Another frame was stopped: this one with it when it is silent too; one that is still loading begins anew. */
    const other = () => {
      if (alive && Date.now() - heard > PATIENCE / 2) {
        done.current();
        told.current.onStopped();
        setState({ kind: 'stopped' });
      } else if (!alive) {
        done.current();
        setMine(false);
      }
    };
    ears.add(other);
    addEventListener('message', hear);
    const watch = setInterval(() => {
      if (document.hidden) return void (heard = Date.now());
      const silent = Date.now() - heard;
      if (!alive && calm && silent > AFTER_STOP) {
        done.current();
        return setState({ kind: 'stuck' });
      }
      if (silent > (alive ? PATIENCE : LOADING)) return stop();
      frame.current?.contentWindow?.postMessage({ kind: 'ping', n: n++ }, '*');
    }, PING);
    return () => {
      ears.delete(other);
      removeEventListener('message', hear);
      clearInterval(watch);
    };
  }, [stopped, mine]);
  useEffect(() => {
    const f = () => setTheme((t) => t + 1);
    document.addEventListener(THEME_EVENT, f);
    return () => document.removeEventListener(THEME_EVENT, f);
  }, []);
  useEffect(() => {
    if (!ready || stopped) return;
    const [width, height] = size.current;
    frame.current?.contentWindow?.postMessage({ ...drawing, kind: 'draw', width, height, dark: document.documentElement.dataset.theme !== 'light', ink: token('--t1') }, '*');
  }, [ready, stopped, drawing, theme]);
  useEffect(() => {
    if (ready && w > 0) frame.current?.contentWindow?.postMessage({ kind: 'size', width: w, height: h }, '*');
  }, [ready, w, h]);
  useImperativeHandle(handle, () => ({
    ask: (what) =>
      new Promise((ok, no) => {
        const n = Math.random();
        asked.current.set(n, { ok, no });
        setTimeout(() => asked.current.delete(n) && no(new Error('The frame did not answer.')), 5000);
        frame.current?.contentWindow?.postMessage({ kind: 'ask', what, n }, '*');
      }),
  }), []);
  return (
    <div ref={setBox} className={css.box} data-sandbox={state.kind}>
      {!stopped && mine && <iframe ref={frame} className={paper ? css.paper : undefined} title={label} sandbox="allow-scripts" referrerPolicy="no-referrer" src={`/frame/${page}.html`} hidden={state.kind === 'failed'} />}
      {state.kind === 'failed' && <Said bad action={<Button small onClick={onAgain}>Try again</Button>}>{state.text}</Said>}
      {state.kind === 'stuck' && <Said bad action={<Button small onClick={() => location.reload()}>Reload the page</Button>}>The browser still runs a page that never ends, and this one waits for it.</Said>}
      {state.kind === 'stopped' && <Said bad action={<Button small onClick={onAgain}>Run it again</Button>}>It did not answer and was stopped.</Said>}
    </div>
  );
}
