import type { Canvas } from './canvas.ts';
import type { Outline } from './document.ts';
import type { StructureElement, StructureType } from './structure-tree.ts';
import { MARGIN, type Sheet, STYLE, type TextStyle } from './theme.ts';
import { heightOf, type Passage, type SetLine, shapeWidth, type Typesetter } from './typesetter.ts';

/** Text and tables one below the other, page after page, with the structure element that is open around them. */
export interface Flow {
  readonly canvas: Canvas;
  readonly setter: Typesetter;
  /** Distance of the next line from the top of the page. */
  y: number;
  width(): number;
  bottom(): number;
  top(): number;
  within(): StructureElement;
  begin(type: StructureType): void;
  end(): void;
  /** Starts a chapter on a new page; `section` stands in the header of its pages. */
  newChapter(section: string, sheet?: Sheet): void;
  /** What stands in the header of the pages that follow. */
  section(name: string): void;
  newPage(): void;
  /** Starts a new page unless `height` points are left. */
  ensure(height: number): void;
  space(points: number): void;
  /** `keep`: height of what must stay on the page with the heading. */
  heading(level: 1 | 2 | 3 | 4, passage: Passage | string, options?: HeadingOptions): void;
  paragraph(text: string, style?: TextStyle, after?: number): void;
  passages(passages: readonly Passage[]): void;
  list(items: readonly (readonly Passage[])[], after?: number): void;
  drawLine(line: SetLine, x: number, y: number): void;
}
export interface HeadingOptions {
  readonly bookmark?: string;
  readonly keep?: number;
  readonly style?: TextStyle;
}

const HEADINGS = {
  1: { type: 'H1', style: STYLE.title, before: 0, after: 4 },
  2: { type: 'H2', style: STYLE.h2, before: 20, after: 6 },
  3: { type: 'H3', style: STYLE.h3, before: 14, after: 4 },
  4: { type: 'H4', style: STYLE.h4, before: 9, after: 2 },
} as const;
const BULLET_INDENT = 11;

export function openFlow(canvas: Canvas, setter: Typesetter): Flow {
  const open: StructureElement[] = [canvas.root];
  const outlines: (Outline | undefined)[] = [canvas.document.outline];
  let section = '';
  let sheet: Sheet = 'upright';

  const bookmark = (level: number, title: string, y: number) => {
    const parent = outlines.slice(0, level).findLast((outline) => outline !== undefined);
    const options = { top: Math.max(0, y - 8), left: canvas.size()[0] };
    outlines.length = level;
    outlines[level] = parent?.addItem(title, options);
  };

  /** Draws lines of one element; a page ends with at least two of its lines and starts with at least two. */
  const drawLines = (element: StructureElement, lines: readonly SetLine[], x: number) => {
    let rest = lines;
    while (rest.length > 0) {
      let fit = 0;
      for (let y = flow.y; fit < rest.length; fit += 1) {
        const next = rest[fit];
        if (next === undefined) break;
        y += next.before + next.style.leading;
        if (y > flow.bottom()) break;
      }
      if (fit < rest.length && rest.length - fit < 2) fit -= 1;
      if (fit < rest.length && fit < 2 && flow.y > flow.top()) {
        flow.newPage();
        continue;
      }
      const part = rest.slice(0, Math.max(1, fit));
      canvas.marked(element, () => {
        for (const line of part) {
          flow.drawLine(line, x, flow.y);
          flow.y += line.before + line.style.leading;
        }
      });
      canvas.counts.textLines += part.length;
      rest = rest.slice(part.length);
      if (rest.length > 0) flow.newPage();
    }
  };

  const drawElement = (type: StructureType, lines: readonly SetLine[], x: number) => {
    const element = canvas.open(flow.within(), type);
    drawLines(element, lines, x);
    canvas.close(element);
  };

  const flow: Flow = {
    canvas,
    setter,
    y: 0,
    width: () => canvas.size()[0] - MARGIN.left - MARGIN.right,
    bottom: () => canvas.size()[1] - MARGIN.bottom,
    top: () => MARGIN.top,
    within: () => open.at(-1) ?? canvas.root,
    begin: (type) => void open.push(canvas.open(flow.within(), type)),
    end() {
      const closed = open.length > 1 ? open.pop() : undefined;
      if (closed !== undefined) canvas.close(closed);
    },
    newChapter(name, orientation = 'upright') {
      section = name;
      sheet = orientation;
      flow.newPage();
    },
    section(name) {
      section = name;
    },
    newPage() {
      canvas.addPage(section, sheet);
      flow.y = flow.top();
    },
    ensure(height) {
      if (flow.y + height > flow.bottom() && flow.y > flow.top()) flow.newPage();
    },
    space(points) {
      if (flow.y > flow.top()) flow.y += points;
    },
    heading(level, content, { bookmark: title, keep = 40, style = HEADINGS[level].style } = {}) {
      const { type, after } = HEADINGS[level];
      const before = style === HEADINGS[level].style ? HEADINGS[level].before : style.size;
      const passage = typeof content === 'string' ? { text: content, style } : { ...content, style };
      const lines = setter.set(passage, flow.width());
      flow.ensure(before + heightOf(lines) + after + keep);
      flow.space(before);
      if (title !== undefined) bookmark(Math.max(1, level - 1), title, flow.y);
      drawElement(type, lines, MARGIN.left);
      flow.y += after;
    },
    paragraph(text, style = STYLE.body, after = 5) {
      drawElement('P', setter.set({ text, style }, flow.width()), MARGIN.left);
      flow.y += after;
    },
    passages(passages) {
      for (const passage of passages) drawElement('P', setter.set(passage, flow.width()), MARGIN.left);
    },
    list(items, after = 5) {
      if (items.length === 0) return;
      flow.begin('L');
      for (const item of items) {
        const lines = item.flatMap((passage) => setter.set(passage, flow.width() - BULLET_INDENT));
        const first = lines[0];
        if (first === undefined) continue;
        flow.ensure(heightOf(lines.slice(0, 3)));
        flow.begin('LI');
        const label = setter.set(
          { text: '•', style: { ...first.style, face: 'regular' }, before: first.before },
          BULLET_INDENT,
        );
        const start = flow.y;
        drawElement('Lbl', label, MARGIN.left + 2);
        flow.y = start;
        drawElement('LBody', lines, MARGIN.left + BULLET_INDENT);
        flow.end();
        flow.y += 2.5;
      }
      flow.end();
      flow.y += after;
    },
    drawLine({ line, style, before, indent, shape }, x, y) {
      const face = canvas.faces[style.face];
      const height = (face.ascent + face.descent) * style.size;
      const baseline = y + before + (style.leading - height) / 2 + face.ascent * style.size;
      if (shape !== null) {
        const size = style.size * 0.92;
        canvas.shape(shape, x + indent - shapeWidth(style), baseline - style.size * 0.36, size);
      }
      canvas.text(line, style, x + indent, baseline);
    },
  };
  return flow;
}
