import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createCrc64 } from './crc64.ts';
import { UnsupportedCompression } from './wrapping.ts';

/** The check over the content of a block. */
export interface XzCheck {
  /** Of the stored value, in bytes. */
  readonly size: number;
  update(bytes: Uint8Array): void;
  /** The value that must be stored. */
  digest(): Uint8Array;
}

/** By the number in a stream's header (The .xz File Format 1.2.1, section 2.1.1.2). @throws UnsupportedCompression */
export function createXzCheck(type: number): XzCheck {
  switch (type) {
    case 0:
      return { size: 0, update: () => undefined, digest: () => new Uint8Array(0) };
    case 1: {
      let value = 0;
      return {
        size: 4,
        update: (bytes) => {
          value = crc32(bytes, value);
        },
        digest: () => {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32LE(value >>> 0);
          return bytes;
        },
      };
    }
    case 4:
      return { size: 8, ...createCrc64() };
    case 10: {
      const hash = createHash('sha256');
      return { size: 32, update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    }
    default:
      throw new UnsupportedCompression(`its xz data carry a check of the unknown kind ${type}`);
  }
}
