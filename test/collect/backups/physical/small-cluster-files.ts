import { gzipSync } from 'node:zlib';
import { CONTROL_FILE_BYTES } from '../../../../src/collect/formats/base-backup/control-file.ts';
import { crc32c } from '../../../../src/collect/formats/base-backup/crc32c.ts';
import { DEFAULT_SEGMENT_BYTES, segmentNumber, timelineOf } from '../../../../src/collect/formats/wal-segments.ts';

const CHECKSUM_AT = 288;
const LONG_HEADER = { bytes: 40, magic: 0xd116, isLong: 2, page: 8192 } as const;

/** A `pg_control` of PostgreSQL 17 that tells nothing but its cluster. */
export function controlFileOf(systemIdentifier: string): Buffer {
  const file = Buffer.alloc(CONTROL_FILE_BYTES);
  file.writeBigUInt64LE(BigInt(systemIdentifier), 0);
  file.writeUInt32LE(1300, 8);
  file.writeUInt32LE(1, 48);
  file.writeUInt32LE(crc32c(file.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return file;
}

/** The header of the first page of a segment of 16 MiB, compressed as Barman does it: in place. */
export function compressedSegmentOf(name: string, systemIdentifier: string): Buffer {
  const header = Buffer.alloc(LONG_HEADER.bytes);
  header.writeUInt16LE(LONG_HEADER.magic, 0);
  header.writeUInt16LE(LONG_HEADER.isLong, 2);
  header.writeUInt32LE(timelineOf(name), 4);
  header.writeBigUInt64LE(BigInt(segmentNumber(name, DEFAULT_SEGMENT_BYTES)) * BigInt(DEFAULT_SEGMENT_BYTES), 8);
  header.writeBigUInt64LE(BigInt(systemIdentifier), 24);
  header.writeUInt32LE(DEFAULT_SEGMENT_BYTES, 32);
  header.writeUInt32LE(LONG_HEADER.page, 36);
  return gzipSync(header);
}
