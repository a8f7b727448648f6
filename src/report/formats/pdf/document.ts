import PDFKit from 'pdfkit';
import { faceFile } from './font-files.ts';

/**
 * The part of pdfkit that the drawing layer stands on. pdfkit lays out one word at a time, subsets and embeds fonts,
 * numbers objects and writes the file; content streams and the structure tree are written by this folder, because
 * pdfkit keeps every structure element of a document in memory until its end. Names and behaviour are those of pdfkit
 * 0.20, whose published types leave most of them out.
 */
export interface Reference {
  readonly id: number;
  data: unknown;
  end(chunk?: string): void;
}
export interface Glyphs {
  readonly xAdvance: number;
  readonly advanceWidth: number;
  readonly xOffset: number;
}
export interface EmbeddedFont {
  readonly id: string;
  readonly ascender: number;
  readonly descender: number;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  /** Glyph ids as four hexadecimal digits, and their positions in thousandths of the font size. */
  encode(text: string): [string[], Glyphs[]];
  ref(): Reference;
}
export interface Outline {
  addItem(title: string, options: { top: number; left: number; expanded?: boolean }): Outline;
}
export interface PdfDocument {
  readonly page: {
    readonly dictionary: { readonly data: Record<string, unknown> } & Reference;
    readonly fonts: Record<string, Reference>;
    readonly xobjects: Record<string, Reference>;
  };
  readonly outline: Outline;
  readonly _font: EmbeddedFont;
  font(source: string): unknown;
  ref(data: unknown): Reference;
  addPage(options: { size: [number, number]; margin: number }): unknown;
  addContent(operators: string): unknown;
  getStructTreeRoot(): { readonly data: { K?: unknown; ParentTree: { add(key: number, value: Reference): unknown } } };
  createStructParentTreeNextKey(): number;
  end(): void;
  /** Puts a line, or bytes as they are, at the end of the file; `_offset` is the file's length so far. */
  _write(data: string | Uint8Array): void;
  _offset: number;
  read(): Uint8Array | null;
}

export interface DocumentDescription {
  readonly title: string;
  readonly subject: string;
  /** The report's own clock; the file must not depend on the hour it is drawn. */
  readonly created: Date;
}

/**
 * A PDF 1.7 document that declares itself PDF/A-2a: tagged, fonts embedded, no encryption. Its file identifier is the
 * MD5 digest of the information dictionary (pdfkit's own rule), so the same report gives the same bytes.
 * Titles go unescaped into pdfkit's XMP packet; whoever calls this keeps markup out of them.
 */
export function openDocument(description: DocumentDescription): PdfDocument {
  const document = new PDFKit({
    autoFirstPage: false,
    displayTitle: true,
    font: faceFile('regular'),
    fontLayoutCache: false,
    info: {
      Title: description.title,
      Subject: description.subject,
      Author: 'Recoverage',
      Creator: 'Recoverage',
      Producer: 'Recoverage',
      CreationDate: description.created,
    },
    lang: 'en',
    pdfVersion: '1.7',
    subset: 'PDF/A-2a',
    tagged: true,
  });
  return document as unknown as PdfDocument;
}
