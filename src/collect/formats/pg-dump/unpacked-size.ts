import type { ByteReader } from '../../trees/artifact-tree.ts';
import { UnsupportedCompression } from '../compression/wrapping.ts';
import { HEAD_LENGTH, recognise } from './artifact-magic.ts';
import { DumpDamage } from './dump-reading.ts';
import { unwrap } from './unwrap.ts';

/**
 * Whether a file holds at most so many bytes when it is unpacked; one that is not compressed, as it lies there. No more
 * than that is unpacked: a megabyte can become a thousand. What is damaged before then, or packed in a way that is not
 * known, holds no more.
 *
 * @throws SourceError where it cannot be read, or the signal fires
 */
export async function holdsAtMost(reader: ByteReader, most: number, signal: AbortSignal): Promise<boolean> {
  const found = recognise(await reader.read(0, HEAD_LENGTH));
  if (found.as !== 'wrapped') return reader.bytes <= most;
  try {
    let bytes = 0;
    for await (const piece of unwrap(found.wrapping, reader.stream(), signal)) {
      bytes += piece.length;
      if (bytes > most) return false;
    }
  } catch (error) {
    if (!(error instanceof DumpDamage || error instanceof UnsupportedCompression)) throw error;
  }
  return true;
}
