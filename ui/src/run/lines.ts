// The console lines that this tab has seen, by pages, and the asking for those it has not.
import { logs, type LogAsk, type LogLine, type LogPage } from '../data/log';

export const PAGE = 500;
const KEEP = 60; // pages: 30,000 lines
/** A terminal rewrites lines near its end (progress bars), so that much of the end is asked for again. */
const REWRITE = 100;

export type LogFilter = Pick<LogAsk, 'level' | 'label' | 'search' | 'regex' | 'matchCase'>;

/** A window on a log of any length. Not React state: the viewer is told by `onChange` and draws what is in view. */
export class Lines {
  total = 0;
  /** True once the server has answered. */
  known = false;
  error: unknown = null;
  private readonly pages = new Map<number, LogLine[]>();
  private readonly asked = new Map<number, AbortController>();
  private tail: AbortController | null = null;
  private again = false;

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly run: string,
    private readonly onChange: () => void,
    private readonly ask: typeof logs = logs,
    /** With a filter rows are places among the lines that pass it. */
    private readonly filter: LogFilter | null = null,
  ) {}

  /** A line that is here, or undefined while it is asked for. */
  line(n: number): LogLine | undefined {
    const page = this.pages.get(Math.floor(n / PAGE));
    return page?.[n % PAGE];
  }

  /** Asks for the pages of a range that are not here; what is no longer wanted is cancelled. */
  want(from: number, to: number): void {
    const first = Math.floor(Math.max(0, from) / PAGE);
    const last = Math.floor(Math.max(0, Math.min(to, this.total - 1)) / PAGE);
    for (const [p, c] of this.asked) if (p < first - 1 || p > last + 1) { c.abort(); this.asked.delete(p); }
    for (let p = first; p <= last; p++) if (!this.pages.has(p) && !this.asked.has(p)) this.load(p);
    for (const p of this.pages.keys()) {
      if (this.pages.size <= KEEP) break;
      if (p < first - 2 || p > last + 2) this.pages.delete(p);
    }
  }

  /** Asks for the end: new lines, and those that may have been rewritten. One request at a time. */
  refresh(): void {
    if (this.tail) { this.again = true; return; }
    const c = (this.tail = new AbortController());
    const from = Math.max(0, this.total - REWRITE);
    const ask = this.known ? { from, n: 2000 } : { tail: PAGE };
    this.get(ask, c.signal).then(
      (page) => this.done(() => this.take(page)),
      (e: unknown) => this.done(() => { if ((e as Error).name !== 'AbortError') this.error = e; }),
    );
  }

  private done(f: () => void): void {
    this.tail = null;
    f();
    this.onChange();
    if (this.again) { this.again = false; this.refresh(); }
  }

  private async get(ask: LogAsk, signal: AbortSignal): Promise<LogPage> {
    if (!this.filter) return this.ask(this.entity, this.project, this.run, ask, signal);
    const page = await this.ask(this.entity, this.project, this.run, { ...ask, ...this.filter, only: true }, signal);
    const total = page.found ?? 0, from = ask.tail !== undefined ? Math.max(0, total - ask.tail) : (ask.from ?? 0);
    return { total, lines: page.lines.map((l, i) => ({ ...l, row: from + i })) };
  }

  private load(p: number): void {
    const c = new AbortController();
    this.asked.set(p, c);
    this.get({ from: p * PAGE, n: PAGE }, c.signal).then(
      (page) => { this.asked.delete(p); this.take(page); this.onChange(); },
      (e: unknown) => { this.asked.delete(p); if ((e as Error).name !== 'AbortError') { this.error = e; this.onChange(); } },
    );
  }

  private take(page: LogPage): void {
    this.known = true;
    this.error = null;
    this.total = page.total;
    for (const l of page.lines) {
      const row = l.row ?? l.n, p = Math.floor(row / PAGE);
      let lines = this.pages.get(p);
      if (!lines) this.pages.set(p, (lines = []));
      lines[row % PAGE] = l;
    }
    // A page that is not whole is asked for again when it comes into view.
    for (const p of new Set(page.lines.map((l) => Math.floor((l.row ?? l.n) / PAGE)))) {
      const lines = this.pages.get(p)!;
      const need = Math.min(PAGE, this.total - p * PAGE);
      let whole = true;
      for (let i = 0; i < need; i++) if (!lines[i]) { whole = false; break; }
      if (!whole && !this.asked.has(p)) { this.asked.delete(p); this.load(p); }
    }
  }

  close(): void {
    this.tail?.abort();
    for (const c of this.asked.values()) c.abort();
    this.asked.clear();
  }
}
