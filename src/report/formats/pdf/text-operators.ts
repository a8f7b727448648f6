import type { TextLine } from './line-layout.ts';
import type { TextStyle } from './theme.ts';
import type { Typeface } from './typeface.ts';

/**
 * A text object (ISO 32000-1, 9.4) that draws one line in page space, where y grows downwards. `pen` is the colour set
 * already; it outlives text objects.
 */
export function textOperators(line: TextLine, style: TextStyle, x: number, baseline: number, pen: string) {
  const parts = ['BT'];
  if (pen !== style.color) parts.push(`${style.color} rg`);
  parts.push(`1 0 0 -1 ${rounded(x)} ${rounded(baseline)} Tm`);
  let face: Typeface | null = null;
  let run = '';
  for (const token of line.tokens) {
    if (token.face !== face) {
      if (run !== '') parts.push(`[${joined(run)}] TJ`);
      run = '';
      face = token.face;
      parts.push(`/${face.font.id} ${style.size} Tf`);
    }
    run += token.glyphs;
  }
  if (run !== '') parts.push(`[${joined(run)}] TJ`);
  parts.push('ET');
  return { operators: parts.join(' '), pen: style.color };
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Neighbouring glyph strings without an adjustment between them are one string. */
function joined(run: string): string {
  return run.replaceAll('><', '');
}
