// The console of a run: every stored line, virtual, followed while it grows; searched on the server.
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState, type KeyboardEvent } from 'react';
import { ago, int } from '../data/format';
import { useLive, type Signal } from '../data/live';
import { logDownload, logs } from '../data/log';
import { Button } from '../parts/button';
import { Search } from '../parts/field';
import { Icon } from '../parts/icon';
import { Empty, Failed, Waiting } from '../parts/surface';
import { Lines, type LogFilter } from './lines';
import { Kinds, useKinds } from './logkinds';
import { Line } from './logline';
import css from './logs.module.css';
import { useRows, type Align } from './rows';
import { Ruler } from './ruler';
import { useWrapped } from './wrapped';

const ROW = 20;
const PAD = 12;

type Find = { text: string; regex: boolean; matchCase: boolean };

/** The search as a browser's regular expression, for marking; null when it cannot be one. */
function pattern(f: Find): RegExp | null {
  if (!f.text) return null;
  try {
    return new RegExp(f.regex ? f.text : f.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), f.matchCase ? 'g' : 'gi');
  } catch {
    return null;
  }
}

/** The search on the server, 150 ms after the last key. */
function useMatches(entity: string, project: string, run: string, find: Find, off: boolean) {
  const [state, set] = useState<{ hits: number[]; busy: boolean; error: string; more: boolean }>({ hits: [], busy: false, error: '', more: false });
  useEffect(() => {
    if (!find.text || off) {
      set({ hits: [], busy: false, error: '', more: false });
      return;
    }
    const c = new AbortController();
    const t = setTimeout(() => {
      set((s) => ({ ...s, busy: true, error: '' }));
      logs(entity, project, run, { from: 0, n: 1, search: find.text, regex: find.regex, matchCase: find.matchCase }, c.signal).then(
        (p) => set({ hits: p.matches ?? [], busy: false, error: '', more: p.more ?? false }),
        (e: Error) => e.name !== 'AbortError' && set({ hits: [], busy: false, error: e.message, more: false }),
      );
    }, 150);
    return () => {
      clearTimeout(t);
      c.abort();
    };
  }, [entity, project, run, find, off]);
  return state;
}

/** What the viewer of one log knows; the lines themselves are outside React. */
function useLines(entity: string, project: string, run: string, filter: LogFilter | null): [Lines, number] {
  const [version, bump] = useReducer((n: number) => n + 1, 0);
  const lines = useMemo(() => new Lines(entity, project, run, bump, logs, filter), [entity, project, run, filter]);
  useEffect(() => {
    lines.refresh();
    return () => lines.close();
  }, [lines]);
  const hear = useCallback((s: Signal) => {
    if (s.kind === 'reset' || s.change.runs.some((r) => r.run === run)) lines.refresh();
  }, [lines, run]);
  useLive(`${entity}/${project}`, hear);
  return [lines, version];
}

const NONE: number[] = [];

/** The filter in force; null shows every line. With one, the search narrows it. */
function useFilter(find: Find, level: string, label: string): LogFilter | null {
  const on = level !== '' || label !== '';
  const [text, setText] = useState(find.text);
  useEffect(() => {
    const t = setTimeout(() => setText(find.text), 150);
    return () => clearTimeout(t);
  }, [find.text]);
  const { regex, matchCase } = find;
  return useMemo(() => (on ? { ...(level ? { level } : {}), ...(label ? { label } : {}), ...(text ? { search: text, regex, matchCase } : {}) } : null), [on, level, label, text, regex, matchCase]);
}

export function Logs({ entity, project, run, live, line }: { entity: string; project: string; run: string; live: boolean; line?: number | undefined }) {
  const [find, setFind] = useState<Find>({ text: '', regex: false, matchCase: false });
  const [level, setLevel] = useState('');
  const [label, setLabel] = useState('');
  const filter = useFilter(find, level, label);
  const [lines, version] = useLines(entity, project, run, filter);
  const [at, setAt] = useState(-1);
  const [time, setTime] = useState(true);
  const [fold, setFold] = useState(false);
  const [follow, setFollow] = useState(line === undefined);
  const view = useRef<HTMLDivElement>(null);
  const matches = useMatches(entity, project, run, find, filter !== null);
  const kinds = useKinds(entity, project, run, live, lines.known && (filter !== null || lines.total > 0));
  const re = useMemo(() => pattern(find), [find]);
  const current = filter ? undefined : at >= 0 ? matches.hits[at] : line !== undefined ? line - 1 : undefined;

  // Rows of one height are arithmetic; wrapped ones are laid out around the part of the log that is in sight.
  const flat = useRows(view, lines.total, ROW, PAD);
  const sheet = useRef<HTMLDivElement>(null);
  const tall = useWrapped(view, sheet, fold, lines.total, ROW, version);
  const { first, last } = fold ? tall : flat;
  const shown = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  const flatGo = flat.go, tallGo = tall.go;
  const bring = useCallback((n: number, align: Align) => (fold ? tallGo : flatGo)(n, align), [fold, tallGo, flatGo]);
  useEffect(() => {
    if (lines.known) lines.want(first, last);
  }, [lines, first, last, version]);

  const go = useCallback((n: number) => {
    setFollow(false);
    bring(n, 'center');
  }, [bring]);
  const step = (by: number) => {
    if (!matches.hits.length) return;
    const k = (at + by + matches.hits.length) % matches.hits.length;
    setAt(k);
    go(matches.hits[k]!);
  };

  // A new search begins at its last match: what went wrong last is what people look for.
  // Lines that come meanwhile leave the match that was stepped to.
  const begun = useRef(matches.hits);
  useEffect(() => {
    if (begun.current === matches.hits) return;
    begun.current = matches.hits;
    setAt(matches.hits.length - 1);
    const n = matches.hits[matches.hits.length - 1];
    if (n !== undefined) go(n);
  }, [matches.hits, go]);
  const opened = useRef(false);
  useEffect(() => {
    if (line === undefined || opened.current || !lines.known) return;
    opened.current = true;
    go(Math.min(line - 1, lines.total - 1));
  }, [line, lines, version, go]);
  useEffect(() => {
    if (follow && lines.total > 0) bring(lines.total - 1, 'end');
  }, [follow, lines.total, bring]);

  const onScroll = () => {
    const v = view.current;
    if (!v) return;
    const end = v.scrollTop + v.clientHeight > v.scrollHeight - 2 * ROW;
    if (follow && !end && v.dataset['held'] === '1') setFollow(false);
    if (!follow && end && v.dataset['held'] === '1') setFollow(true);
  };
  // Only a person's own scrolling leaves or takes up following; ours must not.
  const hold = () => { if (view.current) view.current.dataset['held'] = '1'; };

  const onFindKey = (e: KeyboardEvent<HTMLInputElement>) => {
    if (e.key === 'Enter') { e.preventDefault(); step(e.shiftKey ? -1 : 1); }
    if (e.key === 'Escape' && find.text) { e.stopPropagation(); setFind({ ...find, text: '' }); }
  };
  const toNewest = () => { setFollow(true); if (lines.total) bring(lines.total - 1, 'end'); };
  // The browser's own jump comes a frame later: a drawing in between would put the view back.
  const onViewKey = (e: KeyboardEvent) => {
    hold();
    if (e.shiftKey || e.altKey || e.ctrlKey || e.metaKey || (e.key !== 'Home' && e.key !== 'End')) return;
    e.preventDefault();
    if (e.key === 'End') return toNewest();
    setFollow(false);
    bring(0, 'start');
  };
  /** From a filtered line to its place in the whole log. */
  const leave = (n: number) => {
    setLevel('');
    setLabel('');
    setFollow(false);
    setFind({ ...find, text: '' });
    goal.current = n;
  };
  const goal = useRef<number | null>(null);
  useEffect(() => {
    if (goal.current === null || filter || !lines.known) return;
    go(Math.min(goal.current, lines.total - 1));
    goal.current = null;
  }, [filter, lines, version, go]);
  /** Wraps or not; what was in the middle stays in sight. */
  const turn = () => {
    middle.current = follow ? lines.total - 1 : Math.floor((first + last) / 2);
    setFold(!fold);
  };
  const middle = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (middle.current === null) return;
    bring(middle.current, follow ? 'end' : 'center');
    middle.current = null;
  }, [fold, follow, bring]);
  const newest = lines.total ? lines.line(lines.total - 1) : undefined;

  return (
    <div className={css.logs}>
      <div className={css.bar}>
        <Search label="Search the log" className={css.find ?? ''} slash mono value={find.text} onValue={(text) => setFind({ ...find, text })} onKeyDown={onFindKey} placeholder={lines.known ? `Search ${int(lines.total)} lines` : 'Search'}>
          <span className={`num dim small ${css.count}`} role="status">
            {matches.error ? 'not a pattern' : !find.text ? '' : filter ? `${int(lines.total)} lines` : matches.busy ? 'searching' : `${int(at + 1)} of ${int(matches.hits.length)}${matches.more ? '+' : ''}`}
          </span>
          <button type="button" aria-pressed={find.matchCase} aria-label="Match case" title="Match case" onClick={() => setFind({ ...find, matchCase: !find.matchCase })}>Aa</button>
          <button type="button" aria-pressed={find.regex} aria-label="Regular expression" title="Regular expression" onClick={() => setFind({ ...find, regex: !find.regex })}>.*</button>
        </Search>
        <Button kind="ghost" icon aria-label="Previous match" title="Previous match  ⇧⏎" onClick={() => step(-1)}><Icon name="up" small /></Button>
        <Button kind="ghost" icon aria-label="Next match" title="Next match  ⏎" onClick={() => step(1)}><Icon name="down" small /></Button>
        <Kinds kinds={kinds} level={level} onLevel={setLevel} label={label} onLabel={setLabel} />
        <span className="grow" />
        <Button kind="ghost" className={`${time ? css.on : ''} ${css.wide}`} aria-pressed={time} onClick={() => setTime(!time)}><Icon name="clock" small />Time</Button>
        <Button kind="ghost" className={fold ? (css.on ?? '') : ''} aria-pressed={fold} onClick={turn}><Icon name="wrap" small />Wrap</Button>
        <Button className={follow ? (css.on ?? '') : ''} aria-pressed={follow} onClick={() => (follow ? setFollow(false) : toNewest())}><Icon name="down" small />Follow</Button>
        <a className={`${css.dl} ${css.wide}`} href={logDownload(entity, project, run)} download aria-label="Download the whole log" title="Download the whole log"><Icon name="dl" /></a>
      </div>
      {lines.error !== null && <div className={css.bad}><Failed what="The log could not be read." error={lines.error} retry={() => lines.refresh()} /></div>}
      <div className={`${css.wrap} ${fold ? css.folded : ''}`}>
        {!lines.known ? (
          <div className="grow"><Waiting rows={12} label="Reading the log" /></div>
        ) : lines.total === 0 && filter ? (
          <div className="grow"><Empty action={<Button onClick={() => { setLevel(''); setLabel(''); }}>Show all lines</Button>}>No line passes the filter.</Empty></div>
        ) : lines.total === 0 ? (
          <div className="grow"><Empty>{live ? 'Nothing printed yet. Lines show here as the process prints them.' : 'This run printed nothing, or console capture was off (WANDB_CONSOLE=off).'}</Empty></div>
        ) : (
          <>
            <div ref={view} className={css.view} tabIndex={0} role="region" aria-label="Console log" onScroll={onScroll} onWheel={hold} onTouchMove={hold} onPointerDown={hold} onKeyDown={onViewKey}>
              <div className={css.sizer} style={{ height: (fold ? tall.size : flat.size + PAD) }}>
                <div ref={sheet} className={fold ? css.sheet : undefined}>
                  {shown.map((i) => {
                    const l = lines.line(i);
                    return <Line key={i} index={i} line={l} n={filter ? (l?.n ?? null) : i} top={fold ? null : i * ROW + flat.shift + 4} time={time} find={re} current={current === i} onLeave={filter ? leave : undefined} />;
                  })}
                </div>
              </div>
            </div>
            <Ruler total={lines.total} hits={matches.hits} errors={filter ? NONE : kinds.errors} first={first} shown={last - first + 1} lines={lines} version={version} onGo={go} />
            {!follow && !find.text && <div className={css.pill}><Button onClick={toNewest}><Icon name="down" small />Newest lines</Button></div>}
          </>
        )}
      </div>
      <div className={`${css.foot} num`}>
        <span><b>{int(lines.total)}</b> lines{filter ? ' pass the filter' : ''}</span>
        <span className={css.wide}>{filter ? '' : 'all stored, none sampled'}</span>
        {matches.error && <span>{matches.error}</span>}
        <span className="grow" />
        {newest?.t && <span>last line <b>{ago(Date.parse(newest.t), Date.now())}</b></span>}
        <span>{follow ? (live ? 'following' : 'at the end') : 'paused'}</span>
      </div>
    </div>
  );
}
