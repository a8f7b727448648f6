import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FOLDER = join(import.meta.dirname, '../fixtures/formats');

/** Bytes of a file of test/fixtures/formats. */
export function formatFixture(name: string): Buffer {
  return readFileSync(join(FOLDER, name));
}

/** One that was put into gzip there, unpacked. */
export function unpackedFormat(name: string): Buffer {
  return gunzipSync(formatFixture(name));
}

/** Lists of hundreds of files, of which so many lines that fit are kept: a large file only makes a fuzzer slow. */
export function withFewerLines(text: string, isListed: (line: string) => boolean, kept: number): string {
  let listed = 0;
  return text
    .split('\n')
    .filter((line) => {
      if (!isListed(line)) return true;
      listed += 1;
      return listed <= kept;
    })
    .join('\n');
}
