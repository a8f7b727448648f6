import PDFKit from 'pdfkit';
import type { DrawnCounts } from '../../src/report/formats/pdf/canvas.ts';
import { faceFile } from '../../src/report/formats/pdf/font-files.ts';

const LEFT = 54;
const TOP = 60;
const LEADING = 10;
const BOTTOM = 780;

/**
 * A plain pdfkit program that draws as many pages, tagged table rows, cells and lines of text as `counts` says, of the
 * same average length and in the same font, through pdfkit's own structure elements and `text`. No rules, shapes,
 * measuring or line breaking. Every element is ended at once, so that pdfkit can write it early.
 */
export async function drawBare(counts: DrawnCounts): Promise<number> {
  const document = new PDFKit({
    autoFirstPage: false,
    displayTitle: true,
    font: faceFile('regular'),
    info: { Title: 'Bare', CreationDate: new Date(0) },
    lang: 'en',
    pdfVersion: '1.7',
    subset: 'PDF/A-2a',
    tagged: true,
  });
  let bytes = 0;
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
    });
    document.on('end', resolve);
    document.on('error', reject);
  });
  const words = wording(counts.characters / Math.max(1, counts.cellLines + counts.textLines));
  const root = document.struct('Document');
  document.addStructure(root);
  const startPage = () => {
    document.addPage({ size: 'A4', margin: 0 });
    document.fontSize(7.5);
  };
  const rowsPerPage = Math.max(1, Math.ceil(counts.rows / Math.max(1, counts.pages)));
  const cells = shares(counts.cells, counts.rows);
  const lines = shares(counts.cellLines, counts.cells);
  const table = document.struct('Table');
  root.add(table);
  let y = BOTTOM;
  for (let row = 0; row < counts.rows; row += 1) {
    if (row % rowsPerPage === 0) {
      startPage();
      y = TOP;
    }
    const line = document.struct('TR');
    table.add(line);
    const width = cells();
    for (let cell = 0; cell < width; cell += 1) {
      const count = lines();
      const at = y;
      const element = document.struct(cell === 0 ? 'TH' : 'TD', {}, () => {
        for (let index = 0; index < count; index += 1) {
          document.text(words(), LEFT + cell * 55, at + index * LEADING, { lineBreak: false });
        }
      });
      line.add(element);
      element.end();
    }
    line.end();
    y += 1.6 * LEADING;
    await turn(row);
  }
  table.end();
  drawParagraphs(document, root, counts, words, startPage);
  root.end();
  document.end();
  await ended;
  return bytes;
}

function drawParagraphs(
  document: PDFKit.PDFDocument,
  root: PDFKit.PDFStructureElement,
  counts: DrawnCounts,
  words: () => string,
  startPage: () => void,
): void {
  const paragraphs = Math.max(1, Math.min(counts.textLines, counts.structureElements - counts.rows - counts.cells));
  const lines = shares(counts.textLines, paragraphs);
  let y = BOTTOM;
  for (let paragraph = 0; paragraph < paragraphs; paragraph += 1) {
    if (y >= BOTTOM) {
      startPage();
      y = TOP;
    }
    const element = document.struct('P', {}, () => {
      for (let count = lines(); count > 0; count -= 1) {
        document.text(words(), LEFT, y, { lineBreak: false });
        y += LEADING;
      }
    });
    root.add(element);
    element.end();
  }
}

/** Spreads `total` over `parts` as whole numbers that add up. */
function shares(total: number, parts: number): () => number {
  let part = 0;
  return () => {
    part += 1;
    return Math.round((part * total) / parts) - Math.round(((part - 1) * total) / parts);
  };
}

/** Lines of the asked length, in words as a report repeats them; every eighth has a word of its own. */
function wording(length: number): () => string {
  const repeated = [
    'OK',
    'Recoverable',
    '2026-11-22 02:00 UTC',
    'Unknown',
    'A usable copy exists in 2 locations',
    'OK',
    'At risk',
  ];
  let at = 0;
  let debt = 0;
  return () => {
    at += 1;
    debt += length;
    let text = at % 8 === 0 ? `organization-${at}` : (repeated[at % repeated.length] ?? 'OK');
    if (text.length > debt) text = text.slice(0, Math.max(2, Math.ceil(debt)));
    while (debt - text.length > 40) text += ' the newest usable copy is from 2026-11-22';
    debt -= text.length;
    return text;
  };
}

/** Lets the stream hand its bytes over now and then. */
async function turn(row: number): Promise<void> {
  if (row % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
}
