const LINE_FEED = 0x0a;

/** A line that no part of a bundle can be: the text of one organization is far shorter. Bytes. */
const LONGEST_LINE = 256 * 1024 * 1024;

/**
 * The lines of UTF-8 text, one at a time, without their line feeds; a last line without one is a line too. Only a line
 * feed ends a line: Node's readline also cuts at U+2028 and U+2029, which JSON leaves as they are.
 *
 * @throws RangeError for a line of more than 256 MiB
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const rest = chunk.subarray(from, end);
      yield (begun.length === 0 ? rest : Buffer.concat([...begun, rest])).toString('utf8');
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new RangeError('a line is longer than 256 MiB');
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8');
}
