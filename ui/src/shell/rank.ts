// Loose matching for the palette: letters in order, whole words and starts first.

/** How well `text` fits `query`; 0 is no fit. */
export function score(text: string, query: string): number {
  const t = text.toLowerCase(), q = query.toLowerCase().trim();
  if (!q) return 1;
  const at = t.indexOf(q);
  if (at >= 0) return 100 - Math.min(50, at) + (at === 0 || /[\s/_.-]/.test(t[at - 1]!) ? 40 : 0);
  let i = 0, run = 0, got = 0;
  for (const c of t) {
    if (c === q[i]) {
      i++;
      run++;
      got += run;
    } else run = 0;
    if (i === q.length) return Math.min(45, got);
  }
  return 0;
}

/** The items that fit, groups in their first order, inside a group the best first. */
export function rank<T extends { group: string; text: string }>(items: T[], query: string): T[] {
  if (!query.trim()) return items.filter((it, i) => items.slice(0, i).filter((o) => o.group === it.group).length < 8);
  const groups = [...new Set(items.map((i) => i.group))];
  const hits = items.map((it) => ({ it, s: score(it.text, query) })).filter((h) => h.s > 0);
  const best = new Map(groups.map((g) => [g, Math.max(0, ...hits.filter((h) => h.it.group === g).map((h) => h.s))]));
  return groups.sort((a, b) => best.get(b)! - best.get(a)!).flatMap((g) => hits.filter((h) => h.it.group === g).sort((a, b) => b.s - a.s).slice(0, 12).map((h) => h.it));
}
