import { createHash } from 'node:crypto';
import { crc32c, littleEndianHex } from './crc32c.ts';

/** Algorithms that `pg_basebackup --manifest-checksums` offers (PostgreSQL documentation, pg_basebackup). */
export const CHECKSUM_ALGORITHMS = ['CRC32C', 'SHA224', 'SHA256', 'SHA384', 'SHA512'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** The checksum of bytes as they come. */
export interface RunningChecksum {
  add(bytes: Uint8Array): void;
  /** In lower-case hex, as a backup manifest writes it; call once, at the end. */
  hex(): string;
}

export function createChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (algorithm === 'CRC32C') {
    let checksum = 0;
    return {
      add: (bytes) => {
        checksum = crc32c(bytes, checksum);
      },
      hex: () => littleEndianHex(checksum),
    };
  }
  const hash = createHash(algorithm.toLowerCase());
  return {
    add: (bytes) => {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
}
