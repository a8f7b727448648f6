import { readTableInDirectory, readTableInFile } from '../formats/pg-dump/read-table.ts';
import type { TableQuestion, TableReading } from '../formats/pg-dump/table-question.ts';
import type { DumpArtifact } from './artifact-index.ts';

/** What can be sought takes little: its table of contents and one table. */
const SOUGHT_BYTES = 1024 * 1024;

/** The rows of one table in a dump. @throws SourceError where it cannot be read, and when interrupted */
export async function readTableIn(
  { location: { tree }, path, files }: DumpArtifact,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<TableReading> {
  if (files !== null) {
    const root = path === '.' ? '' : `${path}/`;
    return readTableInDirectory(files, (below) => tree.open(`${root}${below}`, signal), question, signal);
  }
  const reader = await tree.open(path, signal);
  try {
    return await readTableInFile(reader, question, signal);
  } finally {
    await reader.close();
  }
}

/** Bytes that reading one table of a dump may take, as far as that is known before. */
export function bytesForTable({ bytes, reading }: DumpArtifact): number {
  const isSought = reading.wrapped === 'none' && !reading.format.endsWith('plain');
  return isSought ? Math.min(bytes, SOUGHT_BYTES) : bytes;
}
