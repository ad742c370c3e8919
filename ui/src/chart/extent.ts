// The stretch of x and y that a line panel shows: zoomed, fixed by hand, or by the data and growing while runs are live.
import { growX, ordered, yRange, type Range, type XKey } from './axes';
import type { Drawn } from './paint';
import type { Settings, View } from './view';

export class Extent {
  x: Range | null = null;
  /** A stretch of y that was dragged out. */
  yzoom: Range | null = null;
  /** Zoom of a panel on its own: over the whole window, or where zooms are not shared. */
  own: Range | null = null;
  /** Values that a logarithmic axis has no place for. */
  hidden = 0;
  /** Whether outliers are cut off. */
  cut = false;
  private held: Range | null = null; // y while live: grows at once, shrinks on a pause

  constructor(private readonly view: View) {}

  /** The next range of y may be smaller than the last. */
  release(): void {
    this.held = null;
  }
  get y(): Range {
    return this.yzoom ?? this.held ?? [0, 1];
  }
  zoom(alone: boolean, x: XKey): Range | null {
    if (alone) return this.own;
    return this.view.zoom?.x === x ? this.view.zoom.range : null;
  }

  /** `data` is the span of what is drawn. */
  setX(zoom: Range | null, data: Range, s: Settings): void {
    const grown = growX(this.x, data, this.view.runs.some((r) => r.state === 'running'));
    this.x = zoom ?? (s.xMin === null && s.xMax === null ? grown : ordered([s.xMin ?? data[0], s.xMax ?? grown[1]]));
  }
  setY(drawn: Drawn[], s: Settings, live: boolean): void {
    const y = yRange(drawn.map((d) => d.series), drawn.map((d) => d.line), this.x!, { log: s.logY, band: s.band, clip: s.clip });
    this.hidden = y.hidden;
    this.cut = y.cut;
    const range = ordered([s.yMin !== null && (!s.logY || s.yMin > 0) ? s.yMin : y.range[0], s.yMax ?? y.range[1]]);
    this.held = live && this.held ? [Math.min(this.held[0], range[0]), Math.max(this.held[1], range[1])] : range;
  }
}
