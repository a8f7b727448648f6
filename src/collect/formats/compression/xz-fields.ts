import { crc32 } from 'node:zlib';
import type { ByteCursor } from '../byte-cursor.ts';
import { damaged, wrongChecksum } from './compressed-input.ts';

/** Reads fields and keeps the CRC-32 over them. */
export interface FieldReader {
  /** Bytes read so far. */
  length(): number;
  take(count: number): Promise<Uint8Array>;
  /** A number of up to 63 bits in groups of seven, the least significant first (The .xz File Format 1.2.1, section 1.2). */
  number(): Promise<number>;
  /** Zero bytes up to a multiple of four. @throws CompressedDamage */
  pad(): Promise<void>;
  /** The CRC-32 over what was read, which stands next. @throws CompressedDamage */
  checksum(of: string): Promise<void>;
}

export function fieldReader(cursor: ByteCursor): FieldReader {
  let passed = 0;
  let checksum = 0;
  const take = async (count: number): Promise<Uint8Array> => {
    const bytes = Uint8Array.from(await cursor.take(count));
    passed += count;
    checksum = crc32(bytes, checksum);
    return bytes;
  };
  return {
    length: () => passed,
    take,
    number: async () => {
      let value = 0;
      for (let group = 0; group < 9; group += 1) {
        const byte = (await take(1))[0] ?? 0;
        value += (byte & 0x7f) * 128 ** group;
        // The last group of a longer number is never zero; sizes of more than 2^53 bytes do not occur.
        if ((byte & 0x80) === 0 && (byte !== 0 || group === 0) && Number.isSafeInteger(value)) return value;
        if ((byte & 0x80) === 0) break;
      }
      throw damaged('xz', 'a number');
    },
    pad: async () => {
      const bytes = await take((4 - (passed % 4)) % 4);
      if (bytes.some((byte) => byte !== 0)) throw damaged('xz', 'padding');
    },
    checksum: async (of) => {
      const stored = Buffer.from(await cursor.take(4)).readUInt32LE(0);
      if (stored !== checksum >>> 0) throw wrongChecksum('xz', of);
    },
  };
}
