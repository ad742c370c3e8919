// The tool bar of a board: search, axis, smoothing, band, columns, and the chip that says the range in view.
import { int } from '../data/format';
import { Button, Segment } from '../parts/button';
import { Search, Slider } from '../parts/field';
import { Icon } from '../parts/icon';
import { Menu, MenuChoice, MenuLabel } from '../parts/menu';
import { X_NAMES, xName, xText } from './axes';
import { SMOOTHINGS } from './smooth';
import { useView, type Settings, type View } from './view';
import css from './chart.module.css';

type Props = { view: View; settings: Settings; onSettings: (c: Partial<Settings>) => void; search: string; onSearch: (v: string) => void; onFold?: () => void; cols: number; onCols: (n: number) => void; metrics: string[]; children?: React.ReactNode; tail?: React.ReactNode };

export function Toolbar({ view, settings: s, onSettings, search, onSearch, onFold, cols, onCols, metrics, children, tail }: Props) {
  useView(view);
  const wide = typeof innerWidth === 'number' && innerWidth > 1700;
  const choices = [...new Set([...(wide ? [3, 4, 5] : [2, 3, 4]), cols])].sort((a, b) => a - b);
  return (
    <div className={css.bar} role="toolbar" aria-label="Panels">
      {children}
      <Search className={css.find ?? ''} label="Search panels by name or regular expression" placeholder="Search panels  .*" value={search} onValue={onSearch} title={onFold && 'Tab folds the sections without a match'} onKeyDown={(e) => e.key === 'Tab' && !e.shiftKey && search.trim() && onFold?.()} />
      <Menu
        trigger={
          <Button kind="ghost" title="Horizontal axis of all panels">
            <span className={css.lbl}>X</span>
            <span className="cut" style={{ maxWidth: 120 }}>{xName(s.x)}</span>
            <Icon name="down" small />
          </Button>
        }
      >
        <MenuLabel>Horizontal axis</MenuLabel>
        <MenuChoice value={s.x} onValue={(x) => onSettings({ x })} options={[...Object.keys(X_NAMES), ...metrics.slice(0, 200)].map((x) => ({ value: x, label: xName(x) }))} />
      </Menu>
      <span className={css.div} />
      <span className={css.smooth}>
        <Menu
          trigger={
            <button type="button" className={css.lbl} title="Kind of smoothing">
              Smooth
            </button>
          }
        >
          <MenuLabel>Smoothing</MenuLabel>
          <MenuChoice value={s.smoothing} onValue={(smoothing) => onSettings({ smoothing })} options={SMOOTHINGS.map((o) => ({ value: o.value, label: o.label }))} />
        </Menu>
        <Slider label="Smoothing" min={0} max={0.99} step={0.01} value={s.smooth} onValue={(smooth) => onSettings({ smooth })} />
        <output>{s.smooth.toFixed(2)}</output>
      </span>
      <Button kind="ghost" aria-pressed={s.band} title="Minimum and maximum of every bucket  m" onClick={() => onSettings({ band: !s.band })}>
        <Icon name="band" small />
        Min–max
      </Button>
      <Button kind="ghost" aria-pressed={s.clip} title="Scale the axis to the 1st to 97th percentile of the lines" onClick={() => onSettings({ clip: !s.clip })}>
        Clip outliers
      </Button>
      <span className={css.chips}>
        {view.zoom && (
          <Button small title="Show all  0" onClick={() => view.setZoom(null)}>
            {xName(view.zoom.x)} {xText(view.zoom.x, Math.round(view.zoom.range[0]))} to {xText(view.zoom.x, Math.round(view.zoom.range[1]))}
            <Icon name="x" small />
          </Button>
        )}
        {view.fresh > 0 && view.still && (
          <Button small title="The view stands still while it is zoomed or under the pointer" onClick={() => view.setZoom(null)}>
            {int(view.fresh)} new rows
          </Button>
        )}
      </span>
      <span className="grow" />
      <span className={css.opt}>
        <Segment label="Columns" value={cols} onChange={onCols} options={choices.map((n) => ({ value: n, label: n, name: `${n} columns` }))} />
      </span>
      {tail}
    </div>
  );
}
