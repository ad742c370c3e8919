// A report to read: words, formulas, code, and panels that draw the runs as they are now.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { day, when } from '../data/format';
import { removeReport, reportID, reportQuery, type Report as Stored } from '../data/report';
import { Button, ButtonLink } from '../parts/button';
import { Confirm } from '../parts/menu';
import { NotFound } from '../parts/missing';
import { Chip, Failed, Notice, Waiting } from '../parts/surface';
import { useTitle } from '../parts/title';
import { toast } from '../parts/toast';
import { Blocks } from './Blocks';
import { headings, readReport } from './document';
import css from './report.module.css';

export function Report() {
  const { entity, project, report: slug } = useParams({ strict: false }) as { entity: string; project: string; report: string };
  const id = reportID(slug);
  const { data, error, refetch } = useQuery(reportQuery(id));
  useTitle(data?.displayName || 'Report', project);
  if (error && !data) return <div className="page"><div className={css.page}><Failed what="The report could not be read." error={error} retry={() => void refetch()} /></div></div>;
  if (data === undefined) return <Waiting rows={10} label="Reading the report" />;
  if (data === null || data.project?.entityName !== entity) return <NotFound what={`The report ${slug}`} />;
  return <Shown r={data} entity={entity} project={data.project.name} />;
}

function Shown({ r, entity, project }: { r: Stored; entity: string; project: string }) {
  const doc = useMemo(() => readReport(r.spec), [r.spec]);
  const contents = useMemo(() => headings(doc.blocks), [doc]);
  const place = useMemo(() => ({ entity, project }), [entity, project]);
  const title = r.displayName || 'Untitled report', by = doc.authors.length ? doc.authors.join(', ') : r.user?.username;
  return (
    <div className="page">
      <article className={`${css.report} ${css[doc.width]}`} aria-labelledby="report-title">
        <header className={css.head}>
          <h1 id="report-title">{title}</h1>
          {r.description && <p className={css.lead}>{r.description}</p>}
          <div className="row wrap">
            {r.type === 'runs/draft' && <Chip>draft</Chip>}
            <span className="dim small">
              {by && `By ${by}. `}Written {day(r.createdAt)}, changed <span title={when(r.updatedAt)}>{day(r.updatedAt)}</span>.
            </span>
            <span className="grow" />
            <span className={css.acts}>
              <ButtonLink small kind="ghost" to="/$entity/$project/reports" params={{ entity, project }}>All reports</ButtonLink>
              <Button small onClick={() => window.print()}>Print</Button>
              {!r.readOnly && <Remove id={r.id} title={title} entity={entity} project={project} />}
            </span>
          </div>
        </header>
        {doc.wrong && <Notice>This report has a form that this server does not know. What it could read of it stands below.</Notice>}
        <Blocks blocks={doc.blocks} place={place} contents={contents} />
      </article>
    </div>
  );
}

function Remove({ id, title, entity, project }: { id: string; title: string; entity: string; project: string }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const remove = () => {
    setBusy(true);
    removeReport(id)
      .then(() => (toast(`${title} was removed.`), navigate({ to: '/$entity/$project/reports', params: { entity, project } })), (e: Error) => toast(`${title} was not removed: ${e.message}`, undefined, true))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button small kind="danger-ghost" onClick={() => setAsking(true)}>Remove</Button>
      <Confirm open={asking} onClose={() => setAsking(false)} title={`Remove ${title}?`} act="Remove report" busy={busy} onAct={remove}>
        The report is gone for good. The runs in it stay.
      </Confirm>
    </>
  );
}
