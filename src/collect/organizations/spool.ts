import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { SourceError } from '../../model/source-error.ts';
import type { ParsedRow, RowProblem } from './dataset-contract.ts';
import { organizationKey } from './organization-key.ts';

/** One line of a spool file: a row, or what is wrong with it. `key` null: the install's own, or no readable id. */
export type SpoolRecord<Row> = ParsedRow<Row> & { readonly key: string | null; readonly organizationId: string | null };

export interface SpoolWriter<Row> {
  readonly write: (organizationId: string | null, parsed: ParsedRow<Row>) => Promise<void>;
  /** Waits until everything is on disk. */
  readonly close: () => Promise<void>;
  /** Stops writing and removes the file. */
  readonly discard: () => Promise<void>;
}

const BUFFERED_CHARACTERS = 256 * 1024;

/**
 * Writes rows to a new file, one JSON document a line.
 * @throws SourceError when the disk does not take them
 */
export function openSpool<Row>(file: string): SpoolWriter<Row> {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  let failure: Error | null = null;
  stream.on('error', (error) => {
    failure = error;
  });
  let buffered = '';
  const flush = async (): Promise<void> => {
    if (failure !== null) throw spoolError(file, failure);
    const ready = stream.write(buffered);
    buffered = '';
    if (!ready) await once(stream, 'drain').catch((error: unknown) => Promise.reject(spoolError(file, error)));
  };
  return {
    async write(organizationId, parsed) {
      const key = organizationId === null ? null : organizationKey(organizationId);
      buffered += `${JSON.stringify({ key, organizationId, ...parsed })}\n`;
      if (buffered.length >= BUFFERED_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      stream.end();
      await finished(stream).catch((error: unknown) => Promise.reject(spoolError(file, error)));
    },
    async discard() {
      stream.destroy();
      await rm(file, { force: true });
    },
  };
}

/** The records of a spool file in the order they were written, one at a time in memory. */
export async function* readSpool<Row>(file: string): AsyncGenerator<SpoolRecord<Row>> {
  const NEW_LINE = 0x0a;
  let rest: Buffer = Buffer.alloc(0);
  // Lines end in a line feed only: readline would also cut at characters that JSON leaves as they are.
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, start)) {
      const line = chunk.subarray(start, end);
      // Written by this process a moment ago, by openSpool and after its contract: it is not parsed a second time.
      yield JSON.parse((rest.length === 0 ? line : Buffer.concat([rest, line])).toString('utf8')) as SpoolRecord<Row>;
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    if (start < chunk.length) rest = Buffer.concat([rest, chunk.subarray(start)]);
  }
}

/** All rows of a small dataset, and what is wrong with those that could not be read. */
export async function readWholeSpool<Row>(
  file: string,
): Promise<{ readonly rows: readonly Row[]; readonly problems: readonly RowProblem[] }> {
  const rows: Row[] = [];
  const problems: RowProblem[] = [];
  for await (const record of readSpool<Row>(file)) {
    if (record.ok) rows.push(record.row);
    else problems.push(...record.problems);
  }
  return { rows, problems };
}

function spoolError(file: string, cause: unknown): SourceError {
  const message = `the scratch file ${file} cannot be written`;
  return new SourceError('unreachable', message, 'Free space in the scratch directory, or name another.', { cause });
}
