// A project's reports: what they are called, by whom, since when.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ago, int, when } from '../data/format';
import { reportsQuery, reportSlug } from '../data/report';
import { Search } from '../parts/field';
import { NotFound } from '../parts/missing';
import { Card, Chip, Code, Empty, Failed, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import css from './report.module.css';

export function Reports() {
  const { entity, project } = useParams({ strict: false }) as { entity: string; project: string };
  useTitle('Reports', project);
  const { data, error, refetch } = useQuery(reportsQuery(entity, project));
  const [filter, setFilter] = useState('');
  if (data === null) return <NotFound what={`${entity}/${project}`} />;
  const shown = data?.filter((r) => (r.displayName ?? '').toLowerCase().includes(filter.toLowerCase())) ?? [];
  const now = Date.now();
  return (
    <div className="page">
      <div className={css.page}>
        <h1>Reports of {project}</h1>
        {error && !data ? (
          <Failed what="The reports could not be read." error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Waiting rows={5} label="Reading the reports" />
        ) : data.length === 0 ? (
          <Card title="No report yet">
            <div className={css.first}>
              <p className="mid">A report is words with live panels. Scripts write them with the package <code>wandb-workspaces</code>, and they are read here.</p>
              <Code label="A first report" text={`import wandb_workspaces.reports.v2 as wr\n\nwr.Report(entity="${entity}", project="${project}", title="First notes",\n          blocks=[wr.H1("What we saw"), wr.PanelGrid(\n              runsets=[wr.Runset("${entity}", "${project}")],\n              panels=[wr.LinePlot(y=["loss"])])]).save()`} />
            </div>
          </Card>
        ) : (
          <Card title="Reports" head={<><span className="dim small num">{int(data.length)}</span><span className="grow" /><Search label="Filter reports" placeholder="Filter" slash value={filter} onValue={setFilter} /></>}>
            {shown.length === 0 ? (
              <Empty>No report has this in its title.</Empty>
            ) : (
              <ul className={css.list}>
                {shown.map((r) => (
                  <li key={r.id}>
                    <Link to="/$entity/$project/reports/$report" params={{ entity, project, report: reportSlug(r) }} className="">
                      <span className="cut"><b>{r.displayName || 'Untitled'}</b> <span className="dim">{r.description}</span></span>
                      <span>{r.type === 'runs/draft' && <Chip>draft</Chip>}</span>
                      <span className="dim cut">{r.user?.username}</span>
                      <span className="dim num" title={when(r.updatedAt)}>{ago(Date.parse(r.updatedAt), now)}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        )}
      </div>
    </div>
  );
}
