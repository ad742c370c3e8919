// Code that reads with the SDK what a panel shows.

const MOST = 50; // runs that are named; more are left to the reader

/** Python for the public API: the history of keys, of these runs. */
export function snippet(project: string, runs: string[], keys: string[]): string {
  const text = (v: unknown) => JSON.stringify(v);
  const some = runs.slice(0, MOST), filters = `{"name": {"$in": [${some.map(text).join(', ')}]}}`;
  const left = runs.length > some.length ? `# ${runs.length - some.length} more runs are in view\n` : '';
  return `import wandb\n\n${left}for run in wandb.Api().runs(${text(project)}, filters=${filters}):\n    print(run.name, run.history(keys=[${keys.map(text).join(', ')}]))\n`;
}
