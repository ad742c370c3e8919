// How a framed page talks with the page around it (panel/sandbox.tsx): it says `ready`, is told to `draw` once or more
// often, answers `ping`, and says `drawn`, `failed`, `warned`, or what it was asked for.

export type Drawing = { kind: 'draw'; width: number; height: number; dark: boolean; ink: string; [more: string]: unknown };

/** Starts to listen. What draw throws, or its promise, is what failed. */
export function listen(acts: { draw: (d: Drawing) => void | Promise<void>; size?: (width: number, height: number) => void; ask?: (what: string) => Promise<unknown> }): void {
  addEventListener('message', (e: MessageEvent<{ kind?: string; n?: number; what?: string; width?: number; height?: number } | null>) => {
    if (e.source !== parent || !e.data) return;
    const m = e.data;
    if (m.kind === 'ping') say({ kind: 'pong', n: m.n });
    else if (m.kind === 'draw') {
      // Of one scheme with the page around, so that the frame is transparent.
      document.documentElement.style.colorScheme = (m as unknown as Drawing).dark ? 'dark' : 'light';
      void attempt(() => acts.draw(m as unknown as Drawing));
    }
    else if (m.kind === 'size') acts.size?.(m.width ?? 300, m.height ?? 200);
    else if (m.kind === 'ask' && acts.ask) acts.ask(m.what ?? '').then((value) => say({ kind: 'told', n: m.n, value }), (err: Error) => say({ kind: 'told', n: m.n, error: err.message }));
  });
  addEventListener('error', (e) => say({ kind: 'failed', text: e.message }));
  addEventListener('unhandledrejection', (e) => say({ kind: 'failed', text: words(e.reason) }));
  say({ kind: 'ready' });
}

async function attempt(f: () => void | Promise<void>): Promise<void> {
  try {
    await f();
    say({ kind: 'drawn' });
  } catch (e) {
    say({ kind: 'failed', text: words(e) });
  }
}

const words = (e: unknown) => (e instanceof Error ? e.message : String(e));
export const say = (m: Record<string, unknown>): void => parent.postMessage(m, '*');
export const warn = (text: string): void => say({ kind: 'warned', text });
export const root = (): HTMLElement => document.getElementById('root')!;
