// Which rows the table has: pages of runs, or groups in groups whose runs are asked for when they open. Rows live
// here and not in React: scrolling asks by number and draws what is there.
import { queryClient } from '../data/cache';
import { RUN_PAGE, runPageQuery, type RunAsk, type RunPage, type RunRow } from '../data/run';
import { groupsQuery, type TableGroup } from '../data/runtable';

export type Row = { kind: 'run'; run: RunRow; depth: number } | { kind: 'group'; id: string; field: string; group: TableGroup; depth: number; open: boolean } | { kind: 'more'; depth: number; text: string } | null;

/** A list of runs: those of the whole answer, or those of one innermost group. */
class Runs {
  pages = new Map<number, RunRow[]>();
  stale = new Set<number>(); // pages to be asked again when they are in sight
  found = -1; // not known yet
  constructor(
    readonly ask: RunAsk,
    readonly depth: number,
    readonly guess = 0,
  ) {}
  get size(): number {
    return this.found < 0 ? this.guess : this.found;
  }
}
/** A list of groups and what is open below them. */
class Groups {
  list: TableGroup[] | null = null;
  total = 0;
  open = new Map<string, Groups | Runs>();
  constructor(
    readonly ask: RunAsk,
    readonly depth: number,
  ) {}
}

export type RowsState = { found: number; total: number; running: number; ms: number; groups: number | null; pending: boolean; error: Error | null };

export class Rows {
  private top: Groups | Runs;
  private spans: { from: number; count: number; what: Runs | { group: TableGroup; id: string; field: string; depth: number; open: boolean } | string; depth: number }[] = [];
  size = 0;
  state: RowsState = { found: 0, total: 0, running: 0, ms: 0, groups: null, pending: true, error: null };
  private asked = new Set<string>();
  private over = false;
  private sight: [number, number] = [0, 0]; // rows, as asked for last

  /** `old` lends its rows until the first answer is here; `changed` is told of every change. */
  constructor(
    readonly ask: RunAsk,
    readonly by: string[],
    private readonly changed: () => void,
    private old: Rows | null,
  ) {
    if (old) {
      old.over = true;
      old.old = null;
      this.state = { ...old.state, pending: true, error: null };
    }
    this.top = by.length ? new Groups(ask, 0) : new Runs(ask, 0);
    this.size = old?.size ?? 0;
    this.load();
  }

  stop(): void {
    this.over = true;
  }

  private load(): void {
    if (this.top instanceof Runs) this.page(this.top, 0);
    else {
      this.groups(this.top);
      this.page(new Runs(this.ask, 0), 0, true);
    }
  }

  /** Runs changed: what is in sight is asked again, and shown as it is until then. */
  refresh(): void {
    this.asked.clear();
    const age = (g: Groups | Runs): void => {
      if (g instanceof Runs) g.stale = new Set(g.pages.keys());
      else for (const b of g.open.values()) age(b);
    };
    age(this.top);
    this.load();
    this.changed();
  }

  /** Asks again for what failed. */
  retry(): void {
    this.state = { ...this.state, error: null };
    this.load();
  }

  /** Row `i`; null while it is on its way. */
  row(i: number): Row {
    if (this.old && this.state.pending) return this.old.row(i);
    const s = this.spans[this.find(i)];
    if (!s || i >= s.from + s.count) return null;
    if (typeof s.what === 'string') return { kind: 'more', depth: s.depth, text: s.what };
    if (!(s.what instanceof Runs)) return { kind: 'group', ...s.what };
    const k = i - s.from, run = s.what.pages.get(Math.floor(k / RUN_PAGE))?.[k % RUN_PAGE];
    return run ? { kind: 'run', run, depth: s.depth } : null;
  }

  /** Rows a to b are in sight: their pages are asked for and, once these are here, the two after them. */
  need(a: number, b: number): void {
    if (this.state.pending) return;
    this.sight = [a, b];
    const ahead: [Runs, number][] = [];
    let here = true;
    for (let n = this.find(a); n < this.spans.length && this.spans[n]!.from <= b; n++) {
      const s = this.spans[n]!;
      if (!(s.what instanceof Runs)) continue;
      const first = Math.max(0, Math.floor((a - s.from) / RUN_PAGE)), last = Math.floor((Math.min(b, s.from + s.count - 1) - s.from) / RUN_PAGE);
      for (let p = first; p <= last; p++) {
        here &&= s.what.pages.has(p);
        this.page(s.what, p);
      }
      for (let p = last + 1; p <= last + 2 && p * RUN_PAGE < s.count; p++) ahead.push([s.what, p]);
    }
    if (here) for (const [of, p] of ahead) this.page(of, p);
  }
  private inSight(of: Runs, p: number): boolean {
    const [a, b] = this.sight;
    return this.spans.some((s) => s.what === of && s.from + p * RUN_PAGE <= b && s.from + (p + 1) * RUN_PAGE > a);
  }

  toggle(id: string, to?: boolean): void {
    const path = JSON.parse(id) as unknown[];
    let g = this.top;
    for (let k = 0; k < path.length; k++) {
      if (!(g instanceof Groups)) return;
      const key = JSON.stringify(path.slice(0, k + 1)), below = g.open.get(key);
      if (k < path.length - 1) {
        if (!below) return;
        g = below;
        continue;
      }
      if (below && to !== true) g.open.delete(key);
      else if (!below && to !== false) {
        const group = g.list?.find((x) => JSON.stringify(x.value) === JSON.stringify(path[k]));
        if (!group) return;
        const ask = { ...g.ask, filter: { $and: [g.ask.filter ?? {}, { [this.by[g.depth]!]: group.value }] } };
        const next = g.depth + 1 < this.by.length ? new Groups(ask, g.depth + 1) : new Runs(ask, g.depth + 1, group.runs);
        g.open.set(key, next);
        if (next instanceof Groups) this.groups(next);
        else this.page(next, 0);
      }
    }
    this.lay();
  }

  /** The runs that are here, by name. */
  *here(): Iterable<RunRow> {
    for (const s of this.spans) if (s.what instanceof Runs) for (const p of s.what.pages.values()) yield* p;
  }

  private find(i: number): number {
    let lo = 0, hi = this.spans.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.spans[mid]!.from <= i) lo = mid;
      else hi = mid - 1;
    }
    return Math.max(0, lo);
  }

  private lay(): void {
    const spans: Rows['spans'] = [];
    let at = 0;
    const put = (what: (typeof spans)[0]['what'], count: number, depth: number) => {
      if (count > 0) spans.push({ from: at, count, what, depth });
      at += count;
    };
    const walk = (g: Groups, path: unknown[]) => {
      if (!g.list) return put('Reading groups', 1, g.depth);
      for (const group of g.list) {
        const mine = [...path, group.value], id = JSON.stringify(mine), below = g.open.get(id);
        put({ group, id, field: this.by[g.depth]!, depth: g.depth, open: !!below }, 1, g.depth);
        if (below instanceof Groups) walk(below, mine);
        else if (below) put(below, below.size, below.depth);
      }
      if (g.total > g.list.length) put(`${g.total - g.list.length} more groups: narrow the query to see them`, 1, g.depth);
    };
    if (this.top instanceof Runs) put(this.top, this.top.size, 0);
    else walk(this.top, []);
    this.spans = spans;
    this.size = at;
    this.changed();
  }

  private page(of: Runs, p: number, countOnly = false): void {
    const name = JSON.stringify([of.ask.filter ?? null, p, countOnly]);
    if (this.asked.has(name) || (of.pages.has(p) && !of.stale.has(p))) return;
    this.asked.add(name);
    this.wait(queryClient.fetchQuery(runPageQuery(of.ask, p)), name, (d: RunPage) => {
      const was = this.state, grown = of.found !== d.found;
      if (of === this.top || countOnly) this.state = { ...was, found: d.found, total: d.total, running: d.running ?? 0, ...(p === 0 ? { ms: d.ms } : {}) };
      if (!countOnly) {
        of.found = d.found;
        of.pages.set(p, d.rows);
        of.stale.delete(p);
        if (of === this.top) this.ready(null);
      }
      // A page that was fetched ahead changes nothing on screen: the whole table would be drawn for it.
      return p === 0 || grown || was.pending || was.total !== d.total || was.running !== this.state.running || this.inSight(of, p);
    });
  }

  private groups(g: Groups): void {
    const name = 'g' + JSON.stringify(g.ask.filter ?? null);
    if (this.asked.has(name)) return;
    this.asked.add(name);
    this.wait(queryClient.fetchQuery(groupsQuery(g.ask, this.by[g.depth]!)), name, (d) => {
      g.list = d.groups;
      g.total = d.total;
      if (g === this.top) this.ready(d.total);
      return true;
    });
  }

  private ready(groups: number | null): void {
    this.state = { ...this.state, groups, pending: false };
    this.old = null;
  }

  /** `take` says whether what is on screen has changed. */
  private wait<T>(answer: Promise<T>, name: string, take: (d: T) => boolean): void {
    answer.then(
      (d) => {
        if (this.over) return;
        const failed = this.state.error !== null;
        if (failed) this.state = { ...this.state, error: null };
        if (!take(d) && !failed) return;
        if (!this.state.pending) this.lay();
        else this.changed();
      },
      (e: unknown) => {
        this.asked.delete(name);
        if (this.over) return;
        this.state = { ...this.state, error: e as Error };
        this.changed();
      },
    );
  }
}
