import { crc32c, littleEndianHex } from '../../../../src/collect/formats/base-backup/crc32c.ts';
import { manifestText } from '../../formats/base-backup/manifests.ts';
import { WAL_SYSTEM_IDENTIFIER, writeWal } from '../../formats/base-backup/wal.ts';
import { tarOf } from './tar-of.ts';

/*
 * Small base backups, built by the rules of the format, so that thousands of damaged ones can be read. Those of the
 * real tool are in base-backups.test.ts.
 */

const WAL_NAME = '000000010000000000000003';
const wal = writeWal(3, [100, 9000, 20]);
const lsn = (position: number): string => `0/${position.toString(16).toUpperCase()}`;

function controlFile(): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.writeBigUInt64LE(BigInt(WAL_SYSTEM_IDENTIFIER), 0);
  bytes.writeUInt32LE(1300, 8);
  bytes.writeBigInt64LE(1_795_383_756n, 24);
  bytes.writeUInt32LE(1, 48);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, 288)), 288);
  return bytes;
}

/** Files of a data directory, WAL left out. */
const CONTENT: ReadonlyMap<string, Buffer> = new Map([
  [
    'backup_label',
    Buffer.from(
      `START WAL LOCATION: ${lsn(wal.start)} (file ${WAL_NAME})\nSTART TIME: 2026-11-22 21:42:30 UTC\nSTART TIMELINE: 1\n`,
    ),
  ],
  ['PG_VERSION', Buffer.from('15\n')],
  ['base/5/1259', Buffer.alloc(8192, 7)],
  ['base/5/1260', Buffer.alloc(0)],
  ['global/pg_control', controlFile()],
]);
const MANIFEST = Buffer.from(
  manifestText(
    [...CONTENT].map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      algorithm: 'CRC32C',
      checksum: littleEndianHex(crc32c(bytes)),
    })),
    { version: 2, systemIdentifier: WAL_SYSTEM_IDENTIFIER, ranges: [[1, lsn(wal.start), lsn(wal.end)]] },
  ),
);
export const PLAIN: ReadonlyMap<string, Buffer> = new Map([
  ...CONTENT,
  ['backup_manifest', MANIFEST],
  [`pg_wal/${WAL_NAME}`, wal.bytes],
]);
export const TAR: ReadonlyMap<string, Buffer> = new Map([
  ['base.tar', tarOf(CONTENT)],
  ['pg_wal.tar', tarOf(new Map([[WAL_NAME, wal.bytes]]))],
  ['backup_manifest', MANIFEST],
]);
export const SINGLE: ReadonlyMap<string, Buffer> = new Map([
  ['x.tar', tarOf(new Map([...CONTENT, [`pg_wal/${WAL_NAME}`, wal.bytes], ['backup_manifest', MANIFEST]]))],
]);
