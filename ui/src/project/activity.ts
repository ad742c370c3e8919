/** Runs by week, from days of which the first is given (YYYY-MM-DD, UTC); the last week ends with the last day. */
export function byWeek(firstDay: string, days: number[]): { from: number; runs: number }[] {
  const first = Date.parse(firstDay + 'T00:00:00Z');
  const out: { from: number; runs: number }[] = [];
  for (let i = days.length % 7; i + 7 <= days.length; i += 7) out.push({ from: first + i * 86400_000, runs: days.slice(i, i + 7).reduce((a, b) => a + b, 0) });
  return out;
}
