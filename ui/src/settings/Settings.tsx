// A person's own settings: who they are, keys, teams, where they are signed in, how the screens look and behave.
import { useUser } from '../data/session';
import { Notice } from '../parts/surface';
import { useTitle } from '../parts/title';
import { Appearance, Keyboard, News } from './Appearance';
import { Keys } from './Keys';
import { Profile } from './Profile';
import { Sessions } from './Sessions';
import { Teams } from './Teams';
import css from './settings.module.css';

export function Settings() {
  useTitle('Settings');
  const user = useUser();
  if (!user) return <Notice>Nobody is signed in.</Notice>;
  return (
    <div className="page">
      <div className={css.page}>
        <h1>Settings</h1>
        <Profile user={user} />
        <Keys />
        <Teams teams={user.teams} />
        <Sessions />
        <Appearance />
        <Keyboard />
        <News />
      </div>
    </div>
  );
}
