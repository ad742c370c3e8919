const BROWSERS: [RegExp, string][] = [[/\bEdg\w*\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bFirefox\//, 'Firefox'], [/\b(HeadlessChrome|Chrome|CriOS)\//, 'Chrome'], [/\bVersion\/\S+.*Safari\//, 'Safari']];
const SYSTEMS: [RegExp, string][] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']];

/** A browser and its system out of what the browser calls itself; its own words when they are unknown. */
export function agentName(agent: string): string {
  const find = (list: [RegExp, string][]) => list.find(([re]) => re.test(agent))?.[1];
  const browser = find(BROWSERS), system = find(SYSTEMS);
  if (browser) return system ? `${browser} on ${system}` : browser;
  return agent.trim() || 'a program that does not say what it is';
}
