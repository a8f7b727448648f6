import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, littleEndianHex } from '../../../../src/collect/formats/base-backup/crc32c.ts';
import { createChecksum } from '../../../../src/collect/formats/base-backup/file-checksum.ts';

describe('CRC-32C', () => {
  it('gives the values of RFC 3720 appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => 31 - at))).toBe(0x113fdb5c);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it('is written as pg_basebackup writes it for the file PG_VERSION of release 15', () => {
    expect(littleEndianHex(crc32c(Buffer.from('15\n')))).toBe('8a744722');
  });

  it('does not depend on how the bytes are cut and aligned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(8), (bytes, cut, shift) => {
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        const whole = crc32c(bytes);
        expect(crc32c(moved)).toBe(whole);
        expect(crc32c(moved.subarray(cut), crc32c(moved.subarray(0, cut)))).toBe(whole);
      }),
    );
  });
});

it('files have the checksum of their manifest, by whichever algorithm', () => {
  for (const algorithm of ['SHA224', 'SHA256', 'SHA384', 'SHA512'] as const) {
    const running = createChecksum(algorithm);
    running.add(Buffer.from('15'));
    running.add(Buffer.from('\n'));
    expect(running.hex()).toBe(createHash(algorithm.toLowerCase()).update('15\n').digest('hex'));
  }
});
