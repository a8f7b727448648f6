import type { PdfDocument, Reference } from './document.ts';
import { rounded } from './text-operators.ts';
import { COLOR } from './theme.ts';

/**
 * The drawn mark beside a status word. The word says it all; shapes differ in outline, not only in colour, so that a
 * reader in a hurry finds the gaps on a grey print too.
 */
export type StatusShape = 'good' | 'bad' | 'warning' | 'open' | 'waived' | 'none';

const CIRCLE = '-1 0 m -1 -.552 -.552 -1 0 -1 c .552 -1 1 -.552 1 0 c 1 .552 .552 1 0 1 c -.552 1 -1 .552 -1 0 c h';
const PEN = '.28 w 1 J 1 j';

/** Path operators within the square from (-1, -1) to (1, 1), y downwards. */
const PATHS: Readonly<Record<StatusShape, string>> = {
  good: `${COLOR.good} rg ${CIRCLE} f ${COLOR.white} RG ${PEN} -.45 .05 m -.1 .4 l .48 -.35 l S`,
  bad: `${COLOR.bad} rg -.92 -.92 1.84 1.84 re f ${COLOR.white} RG ${PEN} -.42 -.42 m .42 .42 l .42 -.42 m -.42 .42 l S`,
  warning: `${COLOR.warning} rg 0 -1 m 1.05 .9 l -1.05 .9 l h f ${COLOR.white} RG ${PEN} 0 -.3 m 0 .2 l 0 .6 m 0 .62 l S`,
  open: `${COLOR.open} RG .3 w 0 -.9 m .9 0 l 0 .9 l -.9 0 l h S`,
  waived: `${COLOR.muted} RG ${PEN} .85 0 0 .85 0 0 cm ${CIRCLE} S -.7 .7 m .7 -.7 l S`,
  none: `${COLOR.muted} RG ${PEN} -.6 0 m .6 0 l S`,
};

/** Each shape is one form object (ISO 32000-1, 8.10) of the document, drawn wherever it stands. */
export interface ShapeForms {
  /** Name and object of the form, made at its first use. */
  form(shape: StatusShape): { readonly name: string; readonly reference: Reference };
}

export function shapeForms(document: PdfDocument): ShapeForms {
  const made = new Map<StatusShape, Reference>();
  return {
    form(shape) {
      const name = `Shape-${shape}`;
      const known = made.get(shape);
      if (known !== undefined) return { name, reference: known };
      const reference = document.ref({
        Type: 'XObject',
        Subtype: 'Form',
        BBox: [-1.2, -1.2, 1.2, 1.2],
        Resources: {},
      });
      reference.end(PATHS[shape]);
      made.set(shape, reference);
      return { name, reference };
    },
  };
}

/** Operators that draw the form called `name` in a box of `size` points that begins at `x`, its middle at height `y`. */
export function placeShape(name: string, x: number, y: number, size: number): string {
  const half = rounded(size / 2);
  return `q ${half} 0 0 ${half} ${rounded(x + size / 2)} ${rounded(y)} cm /${name} Do Q`;
}
