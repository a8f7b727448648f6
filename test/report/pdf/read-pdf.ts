import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Report } from '../../../src/model/report.ts';
import { renderPdf } from '../../../src/report/formats/pdf/render.ts';
import { memorySink } from '../memory-sink.ts';

/** A structure element on one page, e.g. a table with what of it lies there. */
export interface StructureNode {
  readonly role?: string;
  /** `content` for a piece of drawn content. */
  readonly type?: string;
  readonly children?: readonly StructureNode[];
}

/** A PDF as pdf.js, a reader that shares no code with pdfkit, sees it. */
export interface ReadPdf {
  /** Text of each page, words separated by single spaces. */
  readonly pages: readonly string[];
  /** All pages without any space, for sentences that are broken over lines. */
  readonly unspaced: string;
  readonly structure: readonly StructureNode[];
  readonly outline: readonly { readonly title: string; readonly items: readonly { readonly title: string }[] }[];
  readonly tagged: boolean;
  readonly language: unknown;
  readonly title: unknown;
}

export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const loading = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const document = await loading.promise;
  const pages: string[] = [];
  const structure: StructureNode[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    pages.push(
      items
        .map((item) => ('str' in item ? `${item.str}${item.hasEOL ? ' ' : ''}` : ''))
        .join('')
        .replace(/\s+/g, ' '),
    );
    structure.push((await page.getStructTree()) as StructureNode);
  }
  const [outline, marks, metadata] = await Promise.all([
    document.getOutline(),
    document.getMarkInfo(),
    document.getMetadata(),
  ]);
  const info = metadata.info as Readonly<Record<string, unknown>>;
  await loading.destroy();
  return {
    pages,
    unspaced: unspaced(pages.join('')),
    structure,
    outline,
    tagged: (marks as { readonly Marked?: boolean } | null)?.Marked === true,
    language: info['Language'],
    title: info['Title'],
  };
}

/** The report as a PDF; every organization in detail unless told otherwise. */
export async function pdfOf(report: Report, pdfDetail = 200): Promise<Buffer> {
  const sink = memorySink();
  await renderPdf(report, sink, { pdfDetail, htmlPageSize: 1000 });
  return sink.bytes('report.pdf');
}

export function unspaced(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Roles of a node's descendants in reading order. */
export function roles(node: StructureNode): string[] {
  return [...(node.role === undefined ? [] : [node.role]), ...(node.children ?? []).flatMap(roles)];
}

export function find(node: StructureNode, role: string): StructureNode[] {
  const below = (node.children ?? []).flatMap((child) => find(child, role));
  return node.role === role ? [node, ...below] : below;
}

/** How many pieces of drawn content lie in a node. */
export function contents(node: StructureNode): number {
  const below = (node.children ?? []).reduce((sum, child) => sum + contents(child), 0);
  return node.type === 'content' ? below + 1 : below;
}
