// A ramp of seven steps in one hue for numbers: the palest is the least. Checked against both surfaces.
import { theme } from '../../chart/colour';

const RAMP = {
  light: ['#a9c8f0', '#86b0e8', '#6497de', '#447ed2', '#2966bf', '#174f9f', '#0a397b'],
  dark: ['#2c4e80', '#3b66a5', '#4c7fca', '#6699e2', '#86b2f0', '#a9caf8', '#cfe2fd'],
} as const;
export const rampColours = (): readonly string[] => RAMP[theme()];
/** The colour of a part 0…1 of a range. */
export const ramp = (part: number): string => rampColours()[Math.max(0, Math.min(6, Math.floor(part * 7)))]!;
