// The body of the table: as many row elements as fit, made once. Scrolling moves them and changes their texts; columns
// outside the window have no cells. Nothing here is React's.
import { colourOf, paint } from '../chart/colour';
import { int, midcut, value } from '../data/format';
import { delta } from '../data/goal';
import type { ColumnStat } from '../data/runtable';
import { cellOf, goal, NAME, numberOf, numberText, valueOf, type Column } from './columns';
import type { Row, Rows } from './rows';

export type GridStyle = Record<'tr' | 'pin' | 'td' | 'right' | 'text' | 'delta' | 'better' | 'worse' | 'bar' | 'best' | 'bad' | 'wait' | 'cur' | 'sel' | 'group' | 'check' | 'swatch' | 'name' | 'lead' | 'count' | 'twist' | 'open' | 'lastpin' | 'chip' | 'quiet' | 'base' | 'undrawn', string>;
export type GridLook = { columns: Column[]; pinned: number; height: number; stats: Map<string, ColumnStat>; base: { name: string; values: Map<string, number | null> } | null; selected: (run: string) => boolean; drawn: (run: string) => boolean; href: (run: string) => string };

export const LEAD = 62; // check box and colour
const OVER = 6; // rows drawn beyond the window

type CellEl = { el: HTMLElement; text: HTMLElement; delta: HTMLElement; bar: HTMLElement; last: string };
type Pooled = { el: HTMLElement; pin: HTMLElement; check: HTMLInputElement; swatch: HTMLElement; a: HTMLAnchorElement; lead: HTMLElement; count: HTMLElement; name: HTMLElement; cells: Map<number, CellEl>; at: number; layout: string };

const put = <T extends object, K extends keyof T>(o: T, k: K, v: T[K]) => {
  if (o[k] !== v) o[k] = v;
};

export class Grid {
  cur = 0;
  private pool: Pooled[] = [];
  private xs: number[] = [];
  private tick = 0;
  private watcher: ResizeObserver;
  private layout = '';
  private c0 = 0;
  private c1 = 0;
  private epoch = 0;
  private stale = false; // what is drawn may say something else now

  constructor(
    readonly vp: HTMLElement,
    readonly body: HTMLElement,
    readonly css: GridStyle,
    private rows: Rows,
    private look: GridLook,
    private readonly shapes: HTMLElement,
  ) {
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(vp);
    vp.addEventListener('scroll', this.onScroll, { passive: true });
    this.show(rows, look);
  }

  stop(): void {
    this.watcher.disconnect();
    this.vp.removeEventListener('scroll', this.onScroll);
    cancelAnimationFrame(this.tick);
    this.body.replaceChildren();
  }

  private onScroll = (): void => {
    this.tick ||= requestAnimationFrame(() => {
      this.tick = 0;
      this.draw();
    });
  };

  /** Draws everything anew, with other rows or another look. */
  show(rows: Rows, look: GridLook): void {
    if (rows !== this.rows && !rows.state.pending && JSON.stringify(rows.ask) !== JSON.stringify(this.rows.ask)) this.cur = 0;
    const was = this.look;
    if (look.columns !== was.columns || look.pinned !== was.pinned || look.stats !== was.stats || look.height !== was.height) this.epoch++;
    this.stale = true;
    this.rows = rows;
    this.look = look;
    let x = LEAD;
    this.xs = look.columns.map((c) => (x += c.width) - c.width);
    this.body.style.width = `${x}px`;
    this.body.style.height = `${rows.size * look.height}px`;
    this.body.style.setProperty('--rh', look.height + 'px');
    this.draw();
  }

  /** The element of a row, when it is drawn. */
  element(i: number): HTMLElement | undefined {
    return this.pool.find((p) => p.at === i)?.el;
  }
  indexOf(el: Element): number {
    return this.pool.find((p) => p.el.contains(el))?.at ?? -1;
  }
  get page(): number {
    return Math.max(1, Math.floor((this.vp.clientHeight - this.body.offsetTop) / this.look.height) - 1);
  }

  moveTo(i: number): void {
    this.cur = Math.max(0, Math.min(this.rows.size - 1, i));
    const top = this.cur * this.look.height, head = this.body.offsetTop, tall = this.vp.clientHeight - head;
    if (top < this.vp.scrollTop) this.vp.scrollTop = top;
    else if (top + this.look.height > this.vp.scrollTop + tall) this.vp.scrollTop = top + this.look.height - tall;
    this.draw();
  }

  private window(): string {
    const { columns, pinned } = this.look, left = this.vp.scrollLeft, fixed = pinned ? this.xs[pinned - 1]! + columns[pinned - 1]!.width : LEAD;
    const right = left + this.vp.clientWidth;
    let a = pinned;
    while (a < columns.length && this.xs[a]! + columns[a]!.width < left + fixed) a++;
    let b = a;
    while (b < columns.length && this.xs[b]! < right) b++;
    this.c0 = a;
    this.c1 = b;
    return `${a}:${b}:${this.epoch}`;
  }

  draw(): void {
    const layout = this.window(), all = layout !== this.layout || this.stale;
    this.layout = layout;
    this.stale = false;
    const h = this.look.height, size = this.rows.size;
    const first = Math.max(0, Math.floor(this.vp.scrollTop / h) - OVER), n = Math.ceil(this.vp.clientHeight / h) + 2 * OVER;
    this.rows.need(first, Math.min(size - 1, first + n));
    while (this.pool.length < n) this.pool.push(this.make());
    const len = this.pool.length;
    for (let at = first; at < first + len; at++) {
      const p = this.pool[at % len]!;
      if (at >= size || at >= first + n) {
        if (p.at !== -1) {
          p.el.style.display = 'none';
          p.at = -1;
        }
        continue;
      }
      if (p.at !== at) {
        if (p.at === -1) p.el.style.display = '';
        p.at = at;
        p.el.style.transform = `translateY(${at * h}px)`;
        p.el.setAttribute('aria-rowindex', String(at + 2));
        this.fill(p, this.rows.row(at));
      } else if (all || p.el.dataset.wait) this.fill(p, this.rows.row(at));
      this.mark(p);
    }
    const el = this.element(this.cur);
    if (el) this.vp.setAttribute('aria-activedescendant', el.id);
    else this.vp.removeAttribute('aria-activedescendant');
  }

  private mark(p: Pooled): void {
    p.el.classList.toggle(this.css.cur, p.at === this.cur);
  }

  private make(): Pooled {
    const c = this.css, div = (cls: string, role?: string) => {
      const e = document.createElement('div');
      e.className = cls;
      if (role) e.setAttribute('role', role);
      return e;
    };
    const el = div(c.tr, 'row'), pin = div(c.pin, 'none'), box = div(c.check, 'gridcell'), check = document.createElement('input'), swatch = document.createElement('span'), name = div(c.name, 'gridcell'), a = document.createElement('a'), lead = document.createElement('span'), count = document.createElement('span');
    el.id = 'row' + this.pool.length;
    check.type = 'checkbox';
    check.tabIndex = a.tabIndex = -1;
    check.dataset.act = 'select';
    a.dataset.act = 'open';
    lead.className = c.lead;
    count.className = c.count;
    swatch.className = c.swatch;
    swatch.dataset.act = 'draw';
    box.style.width = LEAD + 'px';
    box.append(check, swatch);
    name.append(lead, a, count);
    pin.append(box, name);
    el.append(pin);
    this.body.append(el);
    return { el, pin, check, swatch, a, lead, count, name, cells: new Map(), at: -2, layout: '' };
  }

  private cell(p: Pooled, k: number): CellEl {
    let made = p.cells.get(k);
    if (!made) {
      const el = document.createElement('div'), text = document.createElement('span'), d = document.createElement('span'), bar = document.createElement('i');
      el.setAttribute('role', 'gridcell');
      text.className = this.css.text;
      d.className = this.css.delta;
      bar.className = this.css.bar;
      el.append(text, d, bar);
      made = { el, text, delta: d, bar, last: '' };
      p.cells.set(k, made);
    }
    return made;
  }

  /** Gives a row the cells of the columns in the window. */
  private shape(p: Pooled): void {
    const { columns, pinned } = this.look;
    p.layout = this.layout;
    put(p.name.style, 'width', columns[0]!.width + 'px');
    const wanted = new Set<number>();
    for (let k = 1; k < pinned; k++) wanted.add(k);
    for (let k = Math.max(this.c0, 1); k < this.c1; k++) wanted.add(k);
    for (const [k, c] of p.cells) if (!wanted.has(k)) {
      c.el.remove();
      p.cells.delete(k);
    }
    for (const k of [...wanted].sort((a, b) => a - b)) {
      const c = this.cell(p, k), col = columns[k]!;
      put(c.el, 'className', [this.css.td, col.right ? this.css.right : ''].join(' ').trim());
      c.el.dataset.field = col.field;
      c.el.setAttribute('aria-colindex', String(k + 2));
      put(c.el.style, 'width', col.width + 'px');
      put(c.el.style, 'left', k < pinned ? '' : this.xs[k] + 'px');
      put(c.el.style, 'position', k < pinned ? 'relative' : 'absolute');
      c.last = '\u0000';
      const home = k < pinned ? p.pin : p.el;
      if (c.el.parentElement !== home) home.append(c.el);
    }
    const last = pinned > 1 ? p.cells.get(pinned - 1)?.el : p.name;
    p.name.classList.toggle(this.css.lastpin, last === p.name);
    if (last !== p.name) last?.classList.add(this.css.lastpin);
  }

  private fill(p: Pooled, row: Row): void {
    if (p.layout !== this.layout) this.shape(p);
    p.el.dataset.wait = row ? '' : '1';
    p.el.classList.toggle(this.css.wait, !row);
    p.el.classList.toggle(this.css.group, !!row && row.kind !== 'run');
    const run = row?.kind === 'run' ? row.run : null;
    put(p.check.style, 'visibility', run ? '' : 'hidden');
    put(p.swatch.style, 'visibility', run ? '' : 'hidden');
    put(p.lead.style, 'paddingLeft', row?.depth ? row.depth * 18 + 'px' : '');
    if (row?.kind === 'group') this.fillGroup(p, row);
    else if (!run) {
      put(p.a, 'textContent', '');
      put(p.lead, 'textContent', row?.kind === 'more' ? row.text : '');
      put(p.count, 'textContent', '');
      for (const c of p.cells.values()) this.blank(c);
      p.el.removeAttribute('data-run');
    } else this.fillRun(p, run);
  }

  private blank(c: CellEl): void {
    this.text(c, '', '');
    put(c.delta, 'textContent', '');
    put(c.bar.style, 'transform', 'scaleX(0)');
  }

  private text(c: CellEl, t: string, title: string): void {
    if (c.last !== t) {
      c.text.textContent = t;
      c.last = t;
    }
    put(c.el, 'title', title);
    c.el.classList.remove(this.css.bad, this.css.best);
  }

  private fillRun(p: Pooled, run: NonNullable<Extract<Row, { kind: 'run' }>>['run']): void {
    const { columns, stats, base } = this.look, now = Date.now(), sel = this.look.selected(run.name), shown = run.display || run.name;
    p.el.dataset.run = run.name;
    delete p.el.dataset.id;
    p.el.removeAttribute('aria-expanded');
    p.el.removeAttribute('aria-level');
    p.el.setAttribute('aria-selected', String(sel));
    p.el.classList.toggle(this.css.sel, sel);
    p.check.checked = sel;
    const drawn = this.look.drawn(run.name);
    p.check.setAttribute('aria-label', `Select ${shown}${drawn ? ', drawn in the workspace' : ''}`);
    put(p.swatch.style, 'backgroundColor', drawn ? paint(colourOf(run.ordinal)) : '');
    p.swatch.classList.toggle(this.css.undrawn, !drawn);
    put(p.swatch, 'title', drawn ? 'Drawn in your workspace: v hides it' : 'Not drawn in your workspace: v draws it');
    put(p.lead, 'textContent', '');
    put(p.count, 'textContent', base?.name === run.name ? 'baseline' : '');
    put(p.a, 'textContent', midcut(shown, Math.max(12, Math.floor((columns[0]!.width - 24) / 7.2))));
    put(p.name, 'title', shown);
    p.a.href = this.look.href(run.name);
    for (const [k, c] of p.cells) {
      const field = columns[k]!.field;
      if (field === 'state') {
        if (c.last !== '\u0001' + run.state) {
          c.text.replaceChildren((this.shapes.querySelector(`[data-shape="${run.state}"]`) ?? this.shapes.firstElementChild!).firstElementChild!.cloneNode(true));
          c.last = '\u0001' + run.state;
        }
        put(c.delta, 'textContent', '');
        continue;
      }
      if (field === 'tags' && run.tags.length) {
        const key = '\u0002' + run.tags.join('\u0002');
        if (c.last !== key) {
          c.text.replaceChildren(...run.tags.map((t) => Object.assign(document.createElement('span'), { className: this.css.chip, textContent: t })));
          c.last = key;
        }
        put(c.el, 'title', run.tags.join(', '));
        continue;
      }
      const v = cellOf(run, field, now), s = stats.get(field);
      this.text(c, v.text, v.title ?? '');
      if (v.bad) c.el.classList.add(this.css.bad);
      this.bar(c, field, v.n, s, true);
      this.delta(c, field, v.n, base && base.name !== run.name ? (base.values.get(field) ?? null) : null);
    }
  }

  private bar(c: CellEl, field: string, n: number | null, s: ColumnStat | undefined, best: boolean): void {
    const g = goal(field);
    if (!field.startsWith('summary_metrics.') || !s || s.min === s.max || n === null || !Number.isFinite(n)) return put(c.bar.style, 'transform', 'scaleX(0)');
    const part = s.log ? (Math.log(n) - Math.log(s.min)) / (Math.log(s.max) - Math.log(s.min)) : (n - s.min) / (s.max - s.min);
    put(c.bar.style, 'transform', `scaleX(${Math.max(0.01, Math.min(1, part)).toFixed(3)})`);
    if (best && g && n === (g > 0 ? s.max : s.min)) c.el.classList.add(this.css.best);
  }

  private delta(c: CellEl, field: string, n: number | null, base: number | null): void {
    const t = delta(n, base);
    put(c.delta, 'textContent', t);
    if (!t) return;
    const good = goal(field) * (t[0] === '+' ? 1 : -1);
    put(c.delta, 'className', [this.css.delta, good > 0 ? this.css.better : good < 0 ? this.css.worse : ''].join(' ').trim());
  }

  private fillGroup(p: Pooled, row: Extract<Row, { kind: 'group' }>): void {
    const { columns, stats, base } = this.look, now = Date.now();
    p.el.dataset.id = row.id;
    p.el.removeAttribute('data-run');
    p.el.removeAttribute('aria-selected');
    p.el.classList.remove(this.css.sel);
    p.el.setAttribute('aria-expanded', String(row.open));
    p.el.setAttribute('aria-level', String(row.depth + 1));
    const label = row.group.value === null ? 'none' : typeof row.group.value === 'number' ? numberText(row.group.value, row.field, now) : value(row.group.value);
    const name = row.field.replace(/^(config|summary_metrics)\./, '');
    put(p.lead, 'textContent', `${row.open ? '▾' : '▸'} ${name} `);
    p.a.removeAttribute('href');
    put(p.a, 'textContent', label);
    put(p.count, 'textContent', int(row.group.runs));
    put(p.name, 'title', `${name} ${label}: ${int(row.group.runs)} runs`);
    for (const [k, c] of p.cells) {
      const field = columns[k]!.field, g = row.group.values[field];
      if (!g) {
        this.blank(c);
        continue;
      }
      this.text(c, numberText(Number(g.mean.toPrecision(4)), field, now), `mean of ${int(g.count)}; ${numberText(g.min, field, now)} to ${numberText(g.max, field, now)}`);
      this.bar(c, field, g.mean, stats.get(field), false);
      this.delta(c, field, g.mean, base?.values.get(field) ?? null);
    }
  }
}

/** The numbers of the run that others are compared with. */
export const baseOf = (run: Parameters<typeof valueOf>[0], fields: string[]) => ({ name: run.name, values: new Map(fields.filter((f) => f !== NAME && f.includes('.')).map((f) => [f, numberOf(valueOf(run, f), f)])) });
