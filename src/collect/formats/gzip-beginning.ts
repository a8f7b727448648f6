import { crc32, inflateRawSync, constants as zlib } from 'node:zlib';

const FIXED_HEADER = 10;
const NAME_FLAG = 8;
const TRAILER = 8;
/** A stream that becomes more of so little is no usual one. */
const MOST_CONTENT = 2 * 1024 * 1024;
/** How much a byte of text mostly becomes. */
const USUAL_RATIO = 5;
/** Of the engine. */
const SMALLEST_BUFFER = 64;

/**
 * What the first bytes of a gzip file become, in one step: at least `wanted` bytes, or less where the file ends there
 * with its trailer as it must be. Null where that is not to be had so simply (another header than those of gzip(1) and
 * zlib, several members, data that are damaged or grow without measure): then `gunzip` tells what is there. RFC 1952.
 *
 * @param whole whether `bytes` are the whole file
 */
export function gunzipBeginning(bytes: Buffer, whole: boolean, wanted: number): Buffer | null {
  const flags = bytes[3];
  if (bytes[2] !== 8 || (flags !== 0 && flags !== NAME_FLAG)) return null;
  const start = flags === 0 ? FIXED_HEADER : bytes.indexOf(0, FIXED_HEADER) + 1;
  const end = whole ? bytes.length - TRAILER : bytes.length;
  if (start === 0 || end <= start) return null;
  // Where the trailer says how much it becomes, no memory is taken for more; a wrong one costs another buffer.
  const usual = USUAL_RATIO * bytes.length;
  const stated = whole ? bytes.readUInt32LE(end + 4) : usual;
  const content = inflated(bytes.subarray(start, end), Math.min(stated, Math.max(usual, wanted)));
  if (content === null || content.length >= wanted) return content;
  if (!whole) return null;
  const matches = bytes.readUInt32LE(end) === crc32(content) && bytes.readUInt32LE(end + 4) === content.length;
  return matches ? content : null;
}

function inflated(deflated: Buffer, expected: number): Buffer | null {
  try {
    return inflateRawSync(deflated, {
      // What is cut off is inflated as far as it goes.
      finishFlush: zlib.Z_SYNC_FLUSH,
      // One byte more shows that nothing follows.
      chunkSize: Math.max(SMALLEST_BUFFER, expected + 1),
      maxOutputLength: MOST_CONTENT,
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
