import { open } from 'node:fs/promises';

const LINE_FEED = 0x0a;

/** A line that no part of a bundle can be: the text of one organization is far shorter. Bytes. */
const LONGEST_LINE = 256 * 1024 * 1024;

/** What one reading takes of a file, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a file, in one buffer that is filled again and again: a chunk must be used before the next is taken. */
export async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    while (true) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/**
 * The lines of UTF-8 text, one at a time, without their line feeds; a last line without one is a line too. Only a line
 * feed ends a line: Node's readline also cuts at U+2028 and U+2029, which JSON leaves as they are.
 *
 * @throws RangeError for a line of more than 256 MiB
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const line of byteLinesOf(chunks)) yield line.toString('utf8');
}

/** Like {@link linesOf}, as bytes, which are part of the chunk they came in and must be used before the next is taken. */
export async function* byteLinesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const rest = chunk.subarray(from, end);
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    // Copied: the bytes of a chunk may be others once the next is there.
    begun.push(Buffer.from(chunk.subarray(from)));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new RangeError('a line is longer than 256 MiB');
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

/** The lines of UTF-8 text that is there as a whole, each ended by a line feed, without it. */
export function wholeLines(text: Uint8Array): string[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const lines: string[] = [];
  let from = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
    lines.push(bytes.toString('utf8', from, end));
    from = end + 1;
  }
  return lines;
}
