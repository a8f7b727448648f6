import { readFile } from 'node:fs/promises';
import { readPdf } from '../report/pdf/read-pdf.ts';

/** All text of a PDF file without spaces, as another program than the one that wrote it reads it. */
export async function pdfText(file: string): Promise<string> {
  return (await readPdf(await readFile(file))).unspaced;
}
