import { numberText } from '../../wording/numbers.ts';
import type { PdfDocument } from './document.ts';
import { layOut } from './line-layout.ts';
import { printable } from './printable.ts';
import { rounded, textOperators } from './text-operators.ts';
import { COLOR, MARGIN, STYLE } from './theme.ts';
import type { Typeface, Typefaces } from './typeface.ts';

const HEADER_BASELINE = 40;
const FOOTER_FROM_BOTTOM = 30;
const TOTAL = 'PageTotal';

/**
 * Header and footer of every page, as artifacts. The number of pages is known only at the end, and no page is kept
 * until then: each page draws the same form object (ISO 32000-1, 8.10) for the total, which is written last.
 */
export interface PageFrame {
  draw(
    page: number,
    section: string,
    size: readonly [number, number],
  ): { readonly operators: string; readonly faces: readonly Typeface[] };
  finish(pages: number): void;
}

export function pageFrame(
  document: PdfDocument,
  faces: Typefaces,
  text: { readonly left: string; readonly right: string },
): PageFrame {
  const style = STYLE.frame;
  const face = faces[style.face];
  const oneLine = (words: string, width: number) => {
    const set = (text: string) => layOut(printable(text, faces.regular.covers).text, face, faces, style.size, width);
    let kept = [...words];
    let lines = set(words);
    while (lines.length > 1 && kept.length > 1) {
      kept = kept.slice(0, Math.min(kept.length - 1, Math.ceil(kept.length * 0.9)));
      lines = set(`${kept.join('').trimEnd()}…`);
    }
    return lines[0];
  };
  const total = document.ref({});
  const place = (words: string, side: 'left' | 'right', baseline: number, pageWidth: number): string => {
    const line = oneLine(words, (pageWidth - MARGIN.left - MARGIN.right) / 2 - 6);
    if (line === undefined) return '';
    const x = side === 'left' ? MARGIN.left : pageWidth - MARGIN.right - (line.advance * style.size) / 1000;
    return textOperators(line, style, x, baseline, '').operators;
  };
  const rule = (y: number, pageWidth: number) =>
    `q 0.5 w ${COLOR.rule} RG ${MARGIN.left} ${rounded(y)} m ${rounded(pageWidth - MARGIN.right)} ${rounded(y)} l S Q`;
  return {
    draw(page, section, [width, height]) {
      const footer = height - FOOTER_FROM_BOTTOM;
      document.page.xobjects[TOTAL] = total;
      const number = `Page ${numberText(page)} of`;
      const drawn =
        (face.encode('Page').advance + face.encode(numberText(page)).advance + face.encode('of').advance) / 1000;
      const after = MARGIN.left + (drawn + (2 * face.encode(' ').advance) / 1000) * style.size;
      return {
        faces: [faces.regular],
        operators: [
          '/Artifact <</Type /Pagination /Subtype /Header>> BDC',
          place(text.left, 'left', HEADER_BASELINE, width),
          place(section, 'right', HEADER_BASELINE, width),
          rule(HEADER_BASELINE + 7, width),
          'EMC',
          '/Artifact <</Type /Pagination /Subtype /Footer>> BDC',
          rule(footer - 12, width),
          place(number, 'left', footer, width),
          `q 1 0 0 -1 ${rounded(after)} ${rounded(footer)} cm /${TOTAL} Do Q`,
          place(text.right, 'right', footer, width),
          'EMC',
        ].join('\n'),
      };
    },
    finish(pages) {
      const { glyphs, advance } = face.encode(` ${numberText(pages)}`);
      total.data = {
        Type: 'XObject',
        Subtype: 'Form',
        BBox: [0, -3, Math.ceil((advance * style.size) / 1000) + 1, style.size + 1],
        Resources: { Font: { [face.font.id]: face.font.ref() } },
      };
      total.end(`BT ${style.color} rg /${face.font.id} ${style.size} Tf 0 0 Td [${glyphs}] TJ ET`);
    },
  };
}
