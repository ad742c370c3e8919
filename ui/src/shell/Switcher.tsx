// The switcher beside a project's crumb: the owner's other projects, newest first.
import { useQuery } from '@tanstack/react-query';
import { projectsQuery } from '../data/project';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Menu, MenuItem, MenuLabel } from '../parts/menu';
import css from './shell.module.css';

export function Switcher({ entity, project, go }: { entity: string; project: string; go: (to: string) => void }) {
  const list = useQuery({ ...projectsQuery(entity), staleTime: 60_000 }).data?.projects ?? [];
  return (
    <Menu
      trigger={
        <Button kind="ghost" icon small className={css.wide ?? ''} aria-label="Switch project" title="Switch project">
          <Icon name="updown" small />
        </Button>
      }
    >
      <MenuLabel>Projects of {entity}</MenuLabel>
      {list.slice(0, 30).map((p) => (
        <MenuItem key={p.id} icon={p.name === project ? 'check' : 'grid'} end={p.runCount ?? ''} onSelect={() => go(`/${encodeURIComponent(entity)}/${encodeURIComponent(p.name)}/workspace`)}>
          {p.name}
        </MenuItem>
      ))}
    </Menu>
  );
}
