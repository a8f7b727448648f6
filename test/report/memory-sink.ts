import type { ReportSink } from '../../src/model/report.ts';

export interface MemorySink extends ReportSink {
  /** Names of the closed files, in the order in which they were opened. */
  names(): readonly string[];
  /** A closed file as text. @throws RangeError when there is none */
  text(name: string): string;
  /** A closed file. @throws RangeError when there is none */
  bytes(name: string): Buffer;
}

/** Keeps a report's files in memory. */
export function memorySink(): MemorySink {
  const files = new Map<string, Buffer | null>();
  const bytes = (name: string): Buffer => {
    const content = files.get(name);
    if (content === undefined || content === null) throw new RangeError(`no closed file ${name}`);
    return content;
  };
  return {
    names: () => [...files].filter(([, content]) => content !== null).map(([name]) => name),
    bytes,
    text: (name) => bytes(name).toString('utf8'),
    async file(name) {
      if (files.has(name)) throw new RangeError(`opened twice: ${name}`);
      files.set(name, null);
      const chunks: Buffer[] = [];
      return {
        async write(chunk) {
          chunks.push(Buffer.from(chunk));
        },
        async close() {
          files.set(name, Buffer.concat(chunks));
        },
      };
    },
  };
}

export interface CountingSink extends ReportSink {
  /** Bytes written to all files so far. */
  total(): number;
  files(): number;
}

/** Counts bytes and forgets them. */
export function countingSink(): CountingSink {
  let total = 0;
  let files = 0;
  return {
    total: () => total,
    files: () => files,
    async file() {
      files += 1;
      return {
        async write(chunk) {
          total += Buffer.byteLength(chunk);
        },
        async close() {},
      };
    },
  };
}
