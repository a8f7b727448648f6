import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { parseCsv } from '../formats/csv.ts';
import type { Columns, DatasetContract } from './dataset-contract.ts';
import type { FileSource } from './dataset-source.ts';

/** An export is sorted in memory; beyond this size a statement is the better source. */
const MAX_BYTES = 256 * 1024 * 1024;

const jsonExport = z.array(z.record(z.string(), z.unknown()));

type Records = readonly Readonly<Record<string, string | null>>[];

export interface Export {
  readonly records: Records;
  /** When the file was last written; what it says is as old as that. */
  readonly exportedAt: Instant;
}

/**
 * Reads a dataset from an export of it: CSV with a header line, in which an empty unquoted field is null, or a JSON
 * array of objects. Names of columns or keys are those of the contract.
 * @throws SourceError when the file cannot be read or does not fit the contract
 */
export async function readExport(
  contract: DatasetContract<Columns>,
  source: FileSource,
  directory: string,
): Promise<Export> {
  const file = isAbsolute(source.path) ? source.path : join(directory, source.path);
  const { text, exportedAt } = await readText(file);
  const records = source.format === 'csv' ? parseCsv(text) : parseJson(text);
  if (records === null) {
    const remedy = `Write it again as ${source.format === 'csv' ? 'CSV with a header line' : 'a JSON array of objects'}.`;
    throw new SourceError('malformed', `${file} is not ${source.format.toUpperCase()}`, remedy);
  }
  const missing = Object.entries(contract.columns).flatMap(([column, { required }]) =>
    required && records.length > 0 && !records.some((record) => column in record) ? [column] : [],
  );
  if (missing.length > 0) {
    const message = `${file}, ${contract.name}: column ${missing.join(', ')} is missing`;
    throw new SourceError('malformed', message, 'Export the dataset with the column names of the contract.');
  }
  return { records, exportedAt };
}

async function readText(file: string): Promise<{ readonly text: string; readonly exportedAt: Instant }> {
  try {
    const { size, mtimeMs } = await stat(file);
    if (size <= MAX_BYTES) return { text: await readFile(file, 'utf8'), exportedAt: toInstant(mtimeMs) };
  } catch {
    throw new SourceError(
      'unreachable',
      `the export ${file} cannot be read`,
      'Correct its path in the mapping, or its rights.',
    );
  }
  const remedy = 'Give the dataset an SQL statement, which is read in pages.';
  throw new SourceError('unsupported', `the export ${file} is larger than ${MAX_BYTES} bytes`, remedy);
}

function parseJson(text: string): Records | null {
  try {
    const parsed = jsonExport.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    return parsed.data.map((record) =>
      Object.fromEntries(Object.entries(record).map(([column, value]) => [column, asText(value)])),
    );
  } catch {
    return null;
  }
}

/** In the form PostgreSQL would write, which the contracts read. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
