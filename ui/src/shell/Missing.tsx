// A page that is not there. It says what was looked for, and never whether a hidden thing exists.
import { useLocation } from '@tanstack/react-router';
import { ButtonLink } from '../parts/button';
import { SearchButton } from '../parts/missing';
import css from './shell.module.css';

export function Missing() {
  const path = useLocation({ select: (l) => l.pathname });
  return (
    <div className="page">
      <div className={css.missing}>
        <h1>Nothing here</h1>
        <p className="mid">
          There is no page at <code>{decodeURI(path)}</code>, or you may not see it.
        </p>
        <div>
          <SearchButton /> <ButtonLink to="/home">Home</ButtonLink>
        </div>
      </div>
    </div>
  );
}
