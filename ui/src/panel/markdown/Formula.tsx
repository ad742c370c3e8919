// One formula, in a line or by itself. Its letters stand there until it is set.
import { lazy, Suspense } from 'react';

const Set = lazy(() =>
  import('./render').then(({ renderFormula }) => ({
    default: ({ tex, display }: { tex: string; display: boolean }) => <span dangerouslySetInnerHTML={{ __html: renderFormula(tex, display) }} />,
  })),
);

export const Formula = ({ tex, display = false }: { tex: string; display?: boolean }) => (
  <Suspense fallback={<code>{tex}</code>}>
    <Set tex={tex} display={display} />
  </Suspense>
);
