// A colour by hand for a run or group.
import { PALETTE } from '../chart/colour';
import { Button } from '../parts/button';
import { Dialog } from '../parts/menu';
import { useTheme } from '../parts/usetheme';
import css from './workspace.module.css';

export function ColourDialog({ name, now, onClose, onColour }: { name: string; now: string | undefined; onClose: () => void; onColour: (hex: string | null) => void }) {
  const theme = useTheme() === 'light' ? 'light' : 'dark';
  return (
    <Dialog open onClose={onClose} title={`Colour of ${name}`} width={400} foot={<><Button onClick={() => onColour(null)}>Its own colour</Button><Button kind="primary" onClick={onClose}>Done</Button></>}>
      <div className={css.swatches} role="group" aria-label="Colours">
        {PALETTE[theme].map((hex, i) => (
          <button key={hex} type="button" className={css.swatch} style={{ background: hex }} aria-pressed={now === hex} aria-label={`Colour ${i + 1}`} onClick={() => onColour(hex)} />
        ))}
      </div>
      <label className={css.own}>
        Another
        <input type="color" value={now ?? PALETTE[theme][0]} onChange={(e) => onColour(e.target.value)} />
      </label>
    </Dialog>
  );
}
