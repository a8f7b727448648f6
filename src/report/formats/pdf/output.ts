import type { PdfDocument } from './document.ts';

const BLOCK = 256 * 1024;

/**
 * The bytes of a document in large blocks. pdfkit writes every line of every object as a chunk of its own into a
 * stream that nobody drains before the caller's turn; a cross-reference table of a million lines would then take more
 * memory than all pages. This takes the place of pdfkit's `_write`, which has to keep count of the file's offset.
 */
export interface Output {
  /** The next full block, or null. */
  take(): Uint8Array | null;
  /** What is left when the document has ended. */
  rest(): Uint8Array;
}

export function gatherOutput(document: PdfDocument): Output {
  const full: Uint8Array[] = [];
  let block = Buffer.allocUnsafe(BLOCK);
  let used = 0;
  const append = (bytes: Uint8Array) => {
    if (used + bytes.length > BLOCK) {
      full.push(block.subarray(0, used));
      block = Buffer.allocUnsafe(Math.max(BLOCK, bytes.length));
      used = 0;
    }
    block.set(bytes, used);
    used += bytes.length;
  };
  const begun = document.read();
  if (begun !== null) append(begun);
  document._write = (data) => {
    const bytes = typeof data === 'string' ? Buffer.from(`${data}\n`, 'latin1') : data;
    append(bytes);
    document._offset += bytes.length;
  };
  return {
    take: () => full.shift() ?? null,
    rest: () => block.subarray(0, used),
  };
}
