import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';

/*
 * WAL-G cannot be had on the machines that run these tests. What is laid out here follows its public source (wal-g,
 * internal/databases/postgres: backup_sentinel_dto.go, names_metadata.go, backup_push_handler.go); no file was written
 * by WAL-G itself.
 */

export const SYSTEM_IDENTIFIER = '18364758544493064720';
const LZ4_MARK = [0x04, 0x22, 0x4d, 0x18];

export interface LaidOutBackup {
  readonly name: string;
  /** Members of the sentinel as JSON text, over the usual ones; null leaves one out. */
  readonly sentinel?: Readonly<Record<string, string | null>>;
  readonly version?: 1 | 2;
  /** Sizes of `part_001.tar.lz4`, …; beside them `pg_control.tar.lz4` of 100 bytes. */
  readonly parts?: readonly number[];
  readonly encrypted?: boolean;
}

export async function put(root: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** A log sequence number as WAL-G writes it: one decimal number. */
export function lsn(segment: number, offset = 0): string {
  return String(BigInt(segment) * 16n * 1024n * 1024n + BigInt(offset));
}

/** Lays out one finished backup below `basebackups_005`. */
export async function putBackup(root: string, backup: LaidOutBackup): Promise<void> {
  const { name, sentinel = {}, version = 2, parts = [1000, 500], encrypted = false } = backup;
  const segment = Number.parseInt(name.slice(21, 29), 16);
  const at = `basebackups_005/${name}`;
  const part = (bytes: number) => {
    const content = Buffer.alloc(bytes, 0x5a);
    if (!encrypted) content.set(LZ4_MARK);
    return content;
  };
  for (const [index, bytes] of parts.entries()) {
    // Numbers may be left out: queues that got nothing to pack have none.
    await put(root, `${at}/tar_partitions/part_${String(index * 3 + 1).padStart(3, '0')}.tar.lz4`, part(bytes));
  }
  await put(root, `${at}/tar_partitions/pg_control.tar.lz4`, part(100));
  const compressed = String(parts.reduce((sum, bytes) => sum + bytes, 100));
  const times = { start: '"2026-11-22T02:00:00.123456Z"', finish: '"2026-11-22T02:05:00.987654Z"' };
  const second: Readonly<Record<string, string>> = {
    Version: '2',
    StartTime: times.start,
    FinishTime: times.finish,
    DateFmt: '"%Y-%m-%dT%H:%M:%S.%fZ"',
    Hostname: '"db1"',
    DataDir: '"/var/lib/postgresql/15/main"',
    IsPermanent: 'false',
  };
  const members: Readonly<Record<string, string | null>> = {
    LSN: lsn(segment, 40),
    Timeline: '1',
    PgVersion: '150020',
    FinishLSN: lsn(segment + 1),
    SystemIdentifier: SYSTEM_IDENTIFIER,
    UncompressedSize: '23000000',
    CompressedSize: compressed,
    DataCatalogSize: '22000000',
    Spec: 'null',
    UserData: '{"nested":[1,{"a":"}"}]}',
    ...(version === 2 ? second : {}),
    ...sentinel,
  };
  const json = Object.entries(members).flatMap(([member, value]) => (value === null ? [] : [`"${member}":${value}`]));
  await put(root, `${at}_backup_stop_sentinel.json`, `{${json.join(',')}}`);
  const metadata = {
    start_time: '2026-11-22T02:00:00.123456Z',
    finish_time: '2026-11-22T02:05:00.987654Z',
    date_fmt: '%Y-%m-%dT%H:%M:%S.%fZ',
    hostname: 'db1',
    is_permanent: false,
  };
  await put(root, `${at}/metadata.json`, JSON.stringify(metadata));
  await put(root, `${at}/files_metadata.json`, FILES_METADATA);
}

const FILES_METADATA = JSON.stringify({
  Files: {
    '/base/5/1259': { IsIncremented: false, MTime: '2026-11-22T01:00:00Z', CorruptBlocks: null, UpdatesCount: 0 },
  },
  TarFileSets: { 'part_001.tar.lz4': ['/base/5/1259'] },
  DatabasesByNames: {
    postgres: { oid: 5, tables_new: { 'public.oid': { oid: 1, relfilenode: 2 } } },
    'hostile "name\u2028</script>': { oid: 16384, tables_new: {} },
  },
});

/** The file of a segment of the first timeline. */
export function walFile(number: number, extension = '.lz4'): string {
  return `wal_005/0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}${extension}`;
}

/** The first page of a segment of 16 MiB (xlog_internal.h, `XLogLongPageHeaderData`), or what a changed one is. */
export function firstPage(
  number: number,
  { systemIdentifier = SYSTEM_IDENTIFIER, segmentBytes = 2 ** 24 } = {},
): Buffer {
  const page = Buffer.alloc(8192);
  page.writeUInt16LE(0xd110, 0);
  page.writeUInt16LE(2, 2);
  page.writeUInt32LE(1, 4);
  page.writeBigUInt64LE(BigInt(number) * BigInt(segmentBytes), 8);
  page.writeBigUInt64LE(BigInt(systemIdentifier), 24);
  page.writeUInt32LE(segmentBytes, 32);
  page.writeUInt32LE(page.length, 36);
  return page;
}

/** A frame of one block that is stored as it is (LZ4 Frame Format 1.6.3). */
export function lz4Stored(content: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((0x8000_0000 | content.length) >>> 0);
  return Buffer.concat([Buffer.from([...LZ4_MARK, 0x60, 0x40, 0x82]), size, content, Buffer.alloc(4)]);
}

/** The page with the record that leaves the rest of the segment unused. */
function switched(page: Buffer): Buffer {
  const [length, info] = [24, 0x40];
  page.writeUInt32LE(length, 40);
  page[40 + 16] = info;
  return page;
}

const PACKED: Readonly<Record<string, (page: Buffer) => Uint8Array>> = {
  '.lz4': lz4Stored,
  '.zst': (page) => zstdCompressSync(page),
  '': (page) => Buffer.concat([switched(page), Buffer.alloc(2 ** 24 - page.length)]),
};

/** Lays out WAL segments of the first timeline by their numbers. What is not packed here is 64 bytes that nobody opens. */
export async function putWal(root: string, numbers: readonly number[], extension = '.lz4'): Promise<void> {
  for (const number of numbers) {
    const pack = PACKED[extension] ?? (() => Buffer.alloc(64, 0x5a));
    await put(root, walFile(number, extension), pack(firstPage(number)));
  }
}
