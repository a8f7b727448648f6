import { createHash } from 'node:crypto';
import type { ReportSink } from '../../../model/report.ts';

export type OpenFile = Awaited<ReturnType<ReportSink['file']>>;
export type ElementWriter = (element: object) => Promise<void>;

/** The same record with its keys in alphabetical (code unit) order. */
export function ordered<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Name, number of lines and SHA-256 of a file beside `report.json`. */
export interface CompanionEntry {
  readonly name: string;
  readonly count: number;
  /** SHA-256 in lower-case hexadecimal. */
  readonly digest: string;
}

/** A file of one JSON object a line that counts and digests what is written to it. */
export async function companionFile(
  sink: ReportSink,
  name: string,
): Promise<{ write: ElementWriter; close(): Promise<CompanionEntry> }> {
  const out = await sink.file(name);
  const hash = createHash('sha256');
  let count = 0;
  return {
    async write(element) {
      const line = `${JSON.stringify(element)}\n`;
      hash.update(line);
      count += 1;
      await out.write(line);
    },
    async close() {
      await out.close();
      return { name, count, digest: hash.digest('hex') };
    },
  };
}
