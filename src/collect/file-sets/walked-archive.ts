import { CompressedDamage } from '../formats/compressed-damage.ts';
import { UnsupportedCompression } from '../formats/compression/wrapping.ts';
import { FormatDamage } from '../formats/format-damage.ts';
import { UnreadTar } from '../formats/tar-entries.ts';

/** Whether an archive was walked to its end: what is in a damaged one is told of no other. @throws SourceError */
export async function isWalked(walking: Promise<void>): Promise<boolean> {
  try {
    await walking;
    return true;
  } catch (error) {
    const isOfArchive = error instanceof UnsupportedCompression || error instanceof UnreadTar;
    if (!(isOfArchive || error instanceof FormatDamage || error instanceof CompressedDamage)) throw error;
    return false;
  }
}
