import { SourceError } from '../../../model/source-error.ts';

/** Longest line: all snapshots of a restic repository are one. */
const LONGEST_LINE = 64 * 1024 * 1024;
/** All that one answer may have; ten million files of a snapshot take about 4 GB. */
const LONGEST_ANSWER = 8 * 1024 ** 3;
const LONGEST_COMPLAINT = 16 * 1024;

/** Hands on each line of a program's output. @throws SourceError where a line or all of it is longer than can be read */
export async function eachLine(
  output: AsyncIterable<Buffer>,
  name: string,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  // Pieces of a line that has not ended, joined once: a long one comes in thousands of them.
  let pieces: string[] = [];
  let length = 0;
  let total = 0;
  for await (const chunk of output) {
    total += chunk.length;
    const text = decoder.decode(chunk, { stream: true });
    length += text.length;
    if (length > LONGEST_LINE || total > LONGEST_ANSWER) {
      const remedy = 'Split the repository, or keep databases in one of their own.';
      throw new SourceError('unsupported', `${name} answered more than can be read`, remedy);
    }
    pieces.push(text);
    if (!text.includes('\n')) continue;
    const lines = pieces.join('').split('\n');
    const rest = lines.pop() ?? '';
    pieces = [rest];
    length = rest.length;
    for (const line of lines) onLine(line);
  }
  const last = pieces.join('') + decoder.decode();
  if (last !== '') onLine(last);
}

/** The last part of what a program complains of. */
export async function endOfText(output: AsyncIterable<Buffer>): Promise<string> {
  let text = Buffer.alloc(0);
  for await (const chunk of output) text = Buffer.concat([text, chunk]).subarray(-LONGEST_COMPLAINT);
  return text.toString('utf8');
}
