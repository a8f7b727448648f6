import type { Flow } from '../flow.ts';
import type { StatusShape } from '../status-shape.ts';
import { rounded } from '../text-operators.ts';
import { COLOR, MARGIN, STYLE } from '../theme.ts';
import { heightOf } from '../typesetter.ts';

const SHAPE = 30;
const PADDING = 14;
const BAR: Readonly<Record<StatusShape, string>> = {
  good: COLOR.good,
  bad: COLOR.bad,
  warning: COLOR.warning,
  open: COLOR.open,
  waived: COLOR.muted,
  none: COLOR.muted,
};

/** The verdict in large type on a tint, its shape before it. */
export function drawBanner(
  flow: Flow,
  banner: { readonly shape: StatusShape; readonly word: string; readonly sentences: readonly (string | null)[] },
): void {
  const { canvas, setter } = flow;
  const left = MARGIN.left + PADDING + SHAPE + PADDING;
  const width = flow.width() - (left - MARGIN.left) - PADDING;
  const parts = [
    setter.set({ text: banner.word, style: STYLE.verdict }, width),
    ...banner.sentences
      .filter((sentence) => sentence !== null)
      .map((text, index) => setter.set({ text, style: index === 0 ? STYLE.lead : STYLE.body, before: 3 }, width)),
  ];
  const height = parts.reduce((sum, lines) => sum + heightOf(lines), 0) + 2 * PADDING - 4;
  flow.ensure(height);
  const box = (w: number) => `${MARGIN.left} ${rounded(flow.y)} ${rounded(w)} ${rounded(height)} re f`;
  canvas.beneath(`${COLOR.faint} rg ${box(flow.width())} ${BAR[banner.shape]} rg ${box(4)}`);
  const bottom = flow.y + height;
  let y = flow.y + PADDING - 4;
  parts.forEach((lines, index) => {
    const element = canvas.open(flow.within(), 'P');
    canvas.marked(element, () => {
      if (index === 0) canvas.shape(banner.shape, MARGIN.left + PADDING + 2, y + SHAPE / 2 + 1, SHAPE);
      for (const line of lines) {
        flow.drawLine(line, left, y);
        y += line.before + line.style.leading;
      }
    });
    canvas.close(element);
    canvas.counts.textLines += lines.length;
  });
  flow.y = bottom + 12;
}
