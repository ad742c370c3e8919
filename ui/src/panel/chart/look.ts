// Colours and type of charts, from the tokens of the theme in force.
import { PALETTE, theme, token } from '../../chart/colour';
import type { Spec } from './preset';

export function chartConfig(): Spec {
  const font = token('--font'), t1 = token('--t1'), t3 = token('--axis'), grid = token('--grid');
  return {
    background: 'transparent',
    font,
    title: { color: t1, font, fontSize: 12, fontWeight: 600, anchor: 'start' },
    axis: { labelColor: t3, titleColor: t3, titleFontWeight: 400, labelFontSize: 11, titleFontSize: 11, gridColor: grid, domainColor: grid, tickColor: grid, labelFont: font, titleFont: font },
    legend: { labelColor: t1, titleColor: t3, labelFontSize: 11, titleFontSize: 11, labelFont: font, titleFont: font },
    header: { labelColor: t1, titleColor: t3, labelFont: font, titleFont: font },
    view: { stroke: null },
    text: { color: t1, font },
    range: { category: [...PALETTE[theme()]] },
    mark: { color: PALETTE[theme()][0] },
  };
}
