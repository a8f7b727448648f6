import type { FaceName } from './font-files.ts';

/** A4 (ISO 216) in points, upright for text and on its side for wide tables. */
export const SHEETS = { upright: [595.28, 841.89], sideways: [841.89, 595.28] } as const;
export type Sheet = keyof typeof SHEETS;
/** Points from the edges of the page to its content. */
export const MARGIN = { left: 54, right: 54, top: 66, bottom: 58 } as const;

/** Red, green and blue from 0 to 1, as PDF operators take them. Text colours have a contrast of at least 4.5 to 1 on white (WCAG 2.2, 1.4.3). */
export const COLOR = {
  ink: '0.11 0.13 0.16',
  muted: '0.36 0.40 0.45',
  rule: '0.80 0.83 0.86',
  faint: '0.955 0.962 0.970',
  accent: '0.10 0.27 0.42',
  white: '1 1 1',
  good: '0.07 0.45 0.25',
  bad: '0.70 0.10 0.12',
  warning: '0.72 0.40 0.00',
  open: '0.25 0.32 0.55',
} as const;

export interface TextStyle {
  readonly face: FaceName;
  readonly size: number;
  readonly leading: number;
  readonly color: string;
}
const style = (face: FaceName, size: number, leading: number, color: string = COLOR.ink): TextStyle => ({
  face,
  size,
  leading,
  color,
});

export const STYLE = {
  title: style('bold', 22, 28),
  verdict: style('bold', 19, 25),
  h2: style('bold', 14.5, 19, COLOR.accent),
  h3: style('bold', 11.5, 15),
  h4: style('bold', 9, 12.5, COLOR.accent),
  lead: style('regular', 10.5, 15),
  body: style('regular', 9, 12.8),
  strong: style('bold', 9, 12.8),
  small: style('regular', 8, 11),
  muted: style('regular', 8, 11, COLOR.muted),
  cell: style('regular', 7.5, 10),
  cellStrong: style('bold', 7.5, 10),
  cellQuiet: style('regular', 7.5, 10, COLOR.muted),
  cellMuted: style('regular', 6.8, 9.2, COLOR.muted),
  head: style('bold', 7.2, 9.6, COLOR.ink),
  mono: style('mono', 6.3, 9.2),
  frame: style('regular', 7, 9, COLOR.muted),
} as const;
