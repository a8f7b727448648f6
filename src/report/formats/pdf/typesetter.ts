import { layOut, type TextLine } from './line-layout.ts';
import { printable } from './printable.ts';
import type { StatusShape } from './status-shape.ts';
import type { TextStyle } from './theme.ts';
import type { Typefaces } from './typeface.ts';

/** A line ready to be drawn: `before` points of space above it, `indent` points from the left. */
export interface SetLine {
  readonly line: TextLine;
  readonly style: TextStyle;
  readonly before: number;
  readonly indent: number;
  readonly shape: StatusShape | null;
}

/** Text to be set: `before` is the space above it, a shape stands in front of its first line. */
export interface Passage {
  readonly text: string;
  readonly style: TextStyle;
  readonly before?: number;
  readonly indent?: number;
  readonly shape?: StatusShape;
}

export interface Typesetter {
  set(passage: Passage, width: number): SetLine[];
  /** How many characters had no glyph and were written as numbers. */
  replaced(): number;
}

export function typesetter(faces: Typefaces): Typesetter {
  let replaced = 0;
  const clean = (text: string): string => {
    const shown = printable(text, faces.regular.covers);
    replaced += shown.replaced;
    return shown.text;
  };
  return {
    set({ text, style, before = 0, indent = 0, shape }, width) {
      const inset = indent + (shape === undefined ? 0 : shapeWidth(style));
      const lines = layOut(clean(text), faces[style.face], faces, style.size, width - inset);
      return lines.map((line, index) => ({
        line,
        style,
        before: index === 0 ? before : 0,
        indent: inset,
        shape: index === 0 ? (shape ?? null) : null,
      }));
    },
    replaced: () => replaced,
  };
}

/** Room for a shape and the gap after it. */
export function shapeWidth(style: TextStyle): number {
  return style.size * 1.35;
}

/** Height of lines together, in points. */
export function heightOf(lines: readonly SetLine[]): number {
  return lines.reduce((sum, line) => sum + line.before + line.style.leading, 0);
}
