import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Where a line stands in its file, without its line feed. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

const LINE_FEED = 0x0a;
/** A line that no copy's can be: some 10,000 tables take 1 MiB. */
export const LONGEST_LINE = 64 * 1024 * 1024;

/** The lines of a file with their places, one at a time in memory. @throws RangeError for a line of more than 64 MiB */
export async function* placedLines(file: string): AsyncGenerator<LinePlace & { readonly text: string }> {
  let begun: Buffer[] = [];
  let length = 0;
  let offset = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]);
      yield { offset, length: line.length, text: line.toString('utf8') };
      offset += line.length + 1;
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new RangeError('a line is longer than 64 MiB');
  }
  if (length > 0) yield { offset, length, text: Buffer.concat(begun).toString('utf8') };
}

/** A file to which lines are added, and from which each is read again by its place. */
export interface LineFile {
  append(text: string): Promise<LinePlace>;
  read(place: LinePlace): Promise<string>;
  close(): Promise<void>;
}

/** @param flags `r` for one that is there, `wx+` for a new one, readable for its owner alone */
export async function openLines(file: string, flags: 'r' | 'wx+'): Promise<LineFile> {
  const handle: FileHandle = await open(file, flags, 0o600);
  let end = 0;
  return {
    async append(text) {
      const bytes = Buffer.from(`${text}\n`, 'utf8');
      // Taken before anything is awaited: readings end side by side.
      const place = { offset: end, length: bytes.length - 1 };
      end += bytes.length;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, place.offset + done);
        done += bytesWritten;
      }
      return place;
    },
    async read({ offset, length }) {
      const buffer = Buffer.alloc(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.toString('utf8', 0, filled);
    },
    close: () => handle.close(),
  };
}
