import { UnsupportedCompression } from '../compression/wrapping.ts';
import { describeAge } from '../encryption/age-header.ts';
import { describeOpenPgp } from '../encryption/openpgp-message.ts';
import type { EncryptionScheme } from './artifact-magic.ts';
import { DumpDamage } from './dump-reading.ts';
import type { PeekedChunks } from './peeked-chunks.ts';

/** A session key takes some 500 bytes for a long RSA key, a stanza of age some 100. */
const LONGEST_HEADER = 64 * 1024;

/** Who can open an encrypted file, as its header tells: a part of a sentence; null where the format tells nothing. */
export async function recipientsIn(scheme: EncryptionScheme, content: PeekedChunks): Promise<string | null> {
  if (scheme === 'openssl') return null;
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of content.chunks) {
      pieces.push(piece);
      size += piece.length;
      if (size >= LONGEST_HEADER) break;
    }
  } catch (error) {
    // Damage of what it lies in leaves the header as it is.
    if (!(error instanceof DumpDamage || error instanceof UnsupportedCompression)) throw error;
  }
  const beginning = Buffer.concat(pieces).subarray(0, LONGEST_HEADER);
  return scheme === 'age' ? describeAge(beginning) : describeOpenPgp(beginning);
}
