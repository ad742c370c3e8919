// A question of the run table as Python: the same runs, order, columns and groups through `wandb.Api`.

export type Question = { project: string; filter: unknown; order: string[]; columns: string[]; groups: string[] };

// Fields of a run as the package's objects have them.
const OF_RUN: Record<string, string> = { name: 'run.id', display_name: 'run.name', state: 'run.state', tags: 'run.tags', group: 'run.group', job_type: 'run.job_type', username: 'run.username', notes: 'run.notes', created_at: 'run.created_at', heartbeat_at: 'run.heartbeat_at', sweep: 'run.sweep_name', duration: 'at(run.summary_metrics, "_runtime")' };

/** A value as Python writes it. */
export function python(v: unknown): string {
  if (v === null || v === undefined) return 'None';
  if (typeof v === 'boolean') return v ? 'True' : 'False';
  if (Array.isArray(v)) return `[${v.map(python).join(', ')}]`;
  if (typeof v === 'object') return `{${Object.entries(v).map(([k, x]) => `${python(k)}: ${python(x)}`).join(', ')}}`;
  return JSON.stringify(v); // what JSON escapes, Python reads
}

/** The parts of a dotted path; `\\.` is a dot of the key itself. */
const parts = (path: string): string[] => path.split(/(?<!\\)\./).map((p) => p.replaceAll('\\.', '.'));

function valueOf(column: string): string | null {
  const m = /^(config|summary_metrics)\.(.+)$/.exec(column);
  if (m) return `at(run.${m[1]}, ${parts(m[2]!).map(python).join(', ')})`;
  return OF_RUN[column] ?? null;
}

const AT = `def at(values, *path):
    """The value at a path; keys may have dots of their own."""
    if not path:
        return values
    for n in range(1, len(path) + 1):
        key = ".".join(path[:n])
        if isinstance(values, dict) and key in values:
            found = at(values[key], *path[n:])
            if found is not None:
                return found
    return None
`;

export function apiCode({ project, filter, order, columns, groups }: Question): string {
  const wanted = [...new Set(['name', 'display_name', ...groups, ...columns])];
  const cells = wanted.map((c) => [c, valueOf(c)] as const), missing = cells.filter(([, v]) => v === null).map(([c]) => c);
  const lines = cells.filter(([, v]) => v !== null).map(([c, v]) => `        ${python(c)}: ${v},`);
  const by = groups.filter((g) => !missing.includes(g));
  return `import pandas as pd
import wandb

${cells.some(([, v]) => v?.startsWith('at(')) ? AT + '\n' : ''}
runs = wandb.Api().runs(
    ${python(project)},
    filters=${python(filter)},
    order=${python(order.join(',') || '-created_at')},
)
${missing.length ? `# The package has no ${missing.join(', ')}.\n` : ''}table = pd.DataFrame(
    {
${lines.join('\n')}
    }
    for run in runs
)
${by.length ? `by = ${python(by)}
numbers = [c for c in table.select_dtypes("number").columns if c not in by]
groups = table${by.includes('tags') ? '.explode("tags")' : ''}.groupby(by, dropna=False)[numbers].agg(["count", "mean", "min", "max"])
print(groups.to_string())
` : 'print(table)\n'}`.replace(/\n{4,}/g, '\n\n\n');
}
