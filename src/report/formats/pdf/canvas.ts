import type { PdfDocument } from './document.ts';
import type { TextLine } from './line-layout.ts';
import { pageFrame } from './page-frame.ts';
import { placeShape, type StatusShape, shapeForms } from './status-shape.ts';
import { type MarkedPage, type StructureElement, structureTree } from './structure-tree.ts';
import { textOperators } from './text-operators.ts';
import { SHEETS, type Sheet, type TextStyle } from './theme.ts';
import { openTypefaces, type Typeface, type Typefaces } from './typeface.ts';

/** What was drawn, for comparison with a program that draws as much without any report around it. */
export interface DrawnCounts {
  pages: number;
  /** Table rows, heads and their repetitions included, and the cells in them. */
  rows: number;
  cells: number;
  /** Lines of text inside tables, and outside them (page headers and footers not counted). */
  cellLines: number;
  textLines: number;
  characters: number;
  structureElements: number;
}

/**
 * Pages as they are drawn: text and shapes at points counted from the page's upper left corner, each belonging to a
 * structure element or to none (an artifact). Only the page at hand is in memory.
 */
export interface Canvas {
  readonly faces: Typefaces;
  readonly root: StructureElement;
  readonly counts: DrawnCounts;
  readonly document: PdfDocument;
  /** Number of the page at hand, from 1. */
  page(): number;
  /** Width and height of the page at hand. */
  size(): readonly [number, number];
  addPage(section: string, sheet: Sheet): void;
  open(parent: StructureElement, ...rest: readonly [StructureElement['type'], ('Column' | 'Row')?]): StructureElement;
  close(element: StructureElement): void;
  /** Draws content of `element`; calls do not nest. */
  marked(element: StructureElement, draw: () => void): void;
  /** Draws what is no content, e.g. a table's head repeated on a further page. */
  artifact(draw: () => void): void;
  text(line: TextLine, style: TextStyle, x: number, baseline: number): void;
  /** A status shape in a box of `size` points that begins at `x`, its middle at height `y`. */
  shape(shape: StatusShape, x: number, y: number, size: number): void;
  /** Path operators beneath all content of this page: rules, tints. */
  beneath(operators: string): void;
  /** Ends the last page and the document. */
  finish(): void;
}

export function openCanvas(
  document: PdfDocument,
  frameText: { readonly left: string; readonly right: string },
): Canvas {
  const faces = openTypefaces(document);
  const tree = structureTree(document);
  const shapes = shapeForms(document);
  const frame = pageFrame(document, faces, frameText);
  const counts = { pages: 0, rows: 0, cells: 0, cellLines: 0, textLines: 0, characters: 0, structureElements: 0 };
  let page: MarkedPage | null = null;
  let content: string[] = [];
  let under: string[] = [];
  let used = new Set<Typeface>();
  let pen = '';
  let size: readonly [number, number] = SHEETS.upright;

  const current = (): MarkedPage => {
    if (page === null) throw new Error('nothing can be drawn before the first page');
    return page;
  };
  const endPage = () => {
    if (page === null) return;
    for (const face of used) document.page.fonts[face.font.id] = face.font.ref();
    const artifact = under.length === 0 ? '' : `/Artifact <</Type /Layout>> BDC\n${under.join('\n')}\nEMC\n`;
    document.addContent(artifact + content.join('\n'));
    tree.closePage(page);
    page = null;
    content = [];
    under = [];
    used = new Set();
    pen = '';
  };

  return {
    faces,
    root: tree.root,
    counts,
    document,
    page: () => counts.pages,
    size: () => size,
    addPage(section, sheet) {
      endPage();
      size = SHEETS[sheet];
      document.addPage({ size: [...size], margin: 0 });
      counts.pages += 1;
      page = tree.openPage(document.page.dictionary);
      const drawn = frame.draw(counts.pages, section, size);
      content.push(drawn.operators);
      for (const face of drawn.faces) used.add(face);
    },
    open: (parent, type, scope) => tree.open(parent, type, scope),
    close: (element) => tree.close(element),
    marked(element, draw) {
      content.push(`/${element.type} <</MCID ${tree.mark(element, current())}>> BDC`);
      draw();
      content.push('EMC');
    },
    artifact(draw) {
      content.push('/Artifact <</Type /Pagination>> BDC');
      draw();
      content.push('EMC');
    },
    text(line, style, x, baseline) {
      const { operators, pen: after } = textOperators(line, style, x, baseline, pen);
      content.push(operators);
      pen = after;
      for (const token of line.tokens) {
        used.add(token.face);
        counts.characters += token.text.length;
      }
    },
    shape(shape, x, y, boxSize) {
      const { name, reference } = shapes.form(shape);
      document.page.xobjects[name] = reference;
      content.push(placeShape(name, x, y, boxSize));
    },
    beneath: (operators) => under.push(`q ${operators} Q`),
    finish() {
      endPage();
      tree.close(tree.root);
      frame.finish(counts.pages);
      counts.structureElements = tree.count();
      document.end();
    },
  };
}
