import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/**
 * The lines of a UTF-8 file without their line feeds, one at a time. Only a line feed ends a line (Node's readline
 * also splits at U+2028, which JSON text may hold). A last line without line feed counts as cut off and is yielded
 * too; `whole` tells whether the file ended as it should.
 */
export async function* fileLines(path: string): AsyncGenerator<string, { readonly whole: boolean }> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes: Buffer = chunk;
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const line = bytes.subarray(from, at);
      yield rest.length === 0 ? line.toString('utf8') : Buffer.concat([...rest, line]).toString('utf8');
      rest = [];
      from = at + 1;
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
  return { whole: rest.length === 0 };
}
