// A frame without an origin or a network, in which what people wrote runs (docs/design/086). It is asked every two
// seconds whether it lives; one that does not answer is taken away.
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { token } from '../../chart/colour';
import { THEME_EVENT } from '../../parts/theme';
import { Button } from '../../parts/button';
import { Said, useSize } from './Parts';
import css from './sandbox.module.css';

export type SandboxPage = 'page' | 'chart' | 'plotly' | 'object' | 'molecule';
export type SandboxHandle = { ask: (what: string) => Promise<string> };
const PING = 2000, PATIENCE = 8000, LOADING = 60_000; // ms
const OPENING = 3; // frames that load at once: each is a process

let opening = 0;
const waiting: (() => void)[] = [];
/** Waits for a turn to load a frame. Returns how to give it back, or to leave the line; both may be called twice. */
function turn(go: () => void): () => void {
  let held = false, left = false;
  const start = () => {
    if (left) return next();
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

type State = { kind: 'opening' } | { kind: 'drawn' } | { kind: 'failed'; text: string } | { kind: 'stopped' };

export function Sandbox(props: Props) {
  const [round, setRound] = useState(0);
  return <One key={round} {...props} onAgain={() => setRound(round + 1)} />;
}

function One({ page, drawing, label, paper, onDrawn, onSaid, handle, onAgain }: Props & { onAgain: () => void }) {
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
  const told = useRef({ onDrawn, onSaid });
  useEffect(() => {
    told.current = { onDrawn, onSaid };
    size.current = [w, h];
  });
  const stopped = state.kind === 'stopped';
  useEffect(() => {
    done.current = turn(() => setMine(true));
    return () => done.current();
  }, []);
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
    addEventListener('message', hear);
    const watch = setInterval(() => {
      if (document.hidden) return void (heard = Date.now());
      if (Date.now() - heard > (alive ? PATIENCE : LOADING)) {
        done.current();
        return setState({ kind: 'stopped' });
      }
      frame.current?.contentWindow?.postMessage({ kind: 'ping', n: n++ }, '*');
    }, PING);
    return () => {
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
      {stopped && <Said bad action={<Button small onClick={onAgain}>Run it again</Button>}>It did not answer and was stopped.</Said>}
    </div>
  );
}
