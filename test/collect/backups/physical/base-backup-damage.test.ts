import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, littleEndianHex } from '../../../../src/collect/formats/base-backup/crc32c.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { manifestText } from '../../formats/base-backup/manifests.ts';
import { WAL_SYSTEM_IDENTIFIER, writeWal } from '../../formats/base-backup/wal.ts';
import { memoryTree } from '../../memory-tree.ts';
import { readTree } from './read-location.ts';
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
const PLAIN: ReadonlyMap<string, Buffer> = new Map([
  ...CONTENT,
  ['backup_manifest', MANIFEST],
  [`pg_wal/${WAL_NAME}`, wal.bytes],
]);
const TAR: ReadonlyMap<string, Buffer> = new Map([
  ['base.tar', tarOf(CONTENT)],
  ['pg_wal.tar', tarOf(new Map([[WAL_NAME, wal.bytes]]))],
  ['backup_manifest', MANIFEST],
]);
const SINGLE: ReadonlyMap<string, Buffer> = new Map([
  ['x.tar', tarOf(new Map([...CONTENT, [`pg_wal/${WAL_NAME}`, wal.bytes], ['backup_manifest', MANIFEST]]))],
]);

type Verdict = 'complete' | 'incomplete' | 'unproven' | 'no copy';

async function verdict(files: ReadonlyMap<string, Buffer>, depth: 'structure' | 'full'): Promise<Verdict> {
  const { copies, blindSpot } = await readTree(memoryTree(files), depth);
  expect(blindSpot).toBeNull();
  return copies[0]?.integrity ?? 'no copy';
}

/** What no checksum and no rule covers: WAL behind the end of the backup, padding, how the last line is written. */
function isNeutral(name: string, before: Buffer, after: Buffer): boolean {
  const loose = (bytes: Buffer): string => {
    const text = bytes.toString('latin1');
    const line = text.lastIndexOf('\n', text.length - 2) + 1;
    return text.slice(0, line) + text.slice(line).toLowerCase().replaceAll(/\s/g, '');
  };
  if (name === 'backup_manifest') return loose(before) === loose(after);
  if (name.startsWith('pg_wal')) return before.length === after.length;
  return before.equals(after);
}

describe('small base backups', () => {
  for (const [format, files] of [
    ['plain', PLAIN],
    ['tar', TAR],
    ['single tar', SINGLE],
  ] as const) {
    it(`are complete as they are: ${format}`, async () => {
      expect(await verdict(files, 'structure')).toBe('complete');
      expect(await verdict(files, 'full')).toBe('complete');
    });

    it(`that lack a file are not complete: ${format}`, async () => {
      for (const name of files.keys()) {
        if (name.startsWith('pg_wal')) continue;
        const fewer = new Map(files);
        fewer.delete(name);
        for (const depth of ['structure', 'full'] as const)
          expect(await verdict(fewer, depth), name).not.toBe('complete');
      }
    });

    it(`of which a file is cut off are not complete: ${format}`, async () => {
      for (const [name, bytes] of files) {
        const step = Math.max(1, Math.floor(bytes.length / 60));
        for (let length = 0; length < bytes.length; length += step) {
          const cut = new Map(files).set(name, bytes.subarray(0, length));
          for (const depth of ['structure', 'full'] as const) {
            expect(await verdict(cut, depth), `${name} cut to ${length}`).not.toBe('complete');
          }
        }
      }
    });
  }

  it('of which a file cannot be read are unproven, and the location has a blind spot', async () => {
    const tree = memoryTree(PLAIN);
    const open: typeof tree.open = (path, signal) =>
      path === 'base/5/1259'
        ? Promise.reject(new SourceError('unauthorized', 'no right to read', 'Grant it.'))
        : tree.open(path, signal);
    const { copies, blindSpot } = await readTree({ ...tree, open }, 'full');
    expect(copies).toMatchObject([{ integrity: 'unproven', readToEnd: false, timeline: 1 }]);
    expect(blindSpot?.detail).toBe('no right to read');
  });

  const COMPRESSED: ReadonlyMap<string, Buffer> = new Map(
    [...TAR].map(([name, bytes]) => (name.endsWith('.tar') ? [`${name}.gz`, gzipSync(bytes)] : [name, bytes])),
  );
  const patch = fc.record({
    file: fc.nat(),
    at: fc.nat(),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.constant(new Uint8Array([0xff, 0xff, 0xff, 0x7f])),
    ),
  });
  const patched = (
    files: ReadonlyMap<string, Buffer>,
    patches: readonly { readonly file: number; readonly at: number; readonly bytes: Uint8Array }[],
  ): ReadonlyMap<string, Buffer> => {
    const altered = new Map(files);
    for (const { file, at, bytes } of patches) {
      const [name, whole] = [...altered][file % altered.size] ?? ['', Buffer.alloc(0)];
      const copy = Buffer.from(whole);
      const offset = at % Math.max(1, copy.length);
      copy.set(bytes.subarray(0, copy.length - offset), offset);
      altered.set(name, copy);
    }
    return altered;
  };

  it('altered anywhere are only complete where nothing that counts is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 2 }), async (patches) => {
        const altered = patched(PLAIN, patches);
        const same = [...altered].every(([name, bytes]) => isNeutral(name, PLAIN.get(name) ?? Buffer.alloc(0), bytes));
        const result = await verdict(altered, 'full');
        if (!same) expect(result).not.toBe('complete');
        await verdict(altered, 'structure');
      }),
      { numRuns: 700 },
    );
  }, 180_000);

  it('compressed and altered anywhere end in an answer, and incomplete where the stream is damaged', async () => {
    expect(await verdict(COMPRESSED, 'full')).toBe('complete');
    await fc.assert(
      fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 2 }), async (patches) => {
        const altered = patched(COMPRESSED, patches);
        const result = await verdict(altered, 'full');
        const opens = [...altered].every(([name, bytes]) => !name.endsWith('.gz') || inflates(bytes));
        if (!opens) expect(result).not.toBe('complete');
        await verdict(altered, 'structure');
      }),
      { numRuns: 400 },
    );
  }, 180_000);

  it('in archives altered anywhere in what their members hold are not complete', async () => {
    const base = TAR.get('base.tar') ?? Buffer.alloc(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(base.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(base);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const result = await verdict(new Map(TAR).set('base.tar', bytes), 'full');
        if (!isTarPadding(base, at)) expect(result, `byte ${at}`).not.toBe('complete');
      }),
      { numRuns: 600 },
    );
  });

  it('beside names that no backup has end in an answer', async () => {
    const names = fc.constantFrom(
      ...PLAIN.keys(),
      ...TAR.keys(),
      'postmaster.pid',
      'backup_manifest.tmp',
      'pg_tblspc/16400/PG_15_202209061/5/1259',
      '16400.tar',
      '000000010000000000000001',
      '00000001000000000000000A.gz',
      '000000010000000000000003.00000028.backup',
      'FFFFFFFFFFFFFFFFFFFFFFFF',
    );
    const contents = fc.oneof(
      fc.constantFrom(...PLAIN.values(), ...TAR.values()),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('', 'a/', 'a/b/', '\ufffd/'), names, contents), { maxLength: 12 }),
        fc.constantFrom('structure', 'full'),
        async (entries, depth) => {
          const files = new Map(entries.map(([directory, name, bytes]) => [directory + name, bytes]));
          const { copies } = await readTree(memoryTree(files), depth);
          for (const { integrityBecause } of copies) expect(integrityBecause).not.toBe('');
        },
      ),
      { numRuns: 600 },
    );
  });
});

/** Bytes between the end of a member and the next block, and behind the digits of a checksum: nothing covers them. */
function isTarPadding(tar: Buffer, at: number): boolean {
  for (let header = 0; header + 512 <= tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', header + 124, header + 135), 8) || 0;
    const end = header + 512 + size;
    const next = header + 512 + Math.ceil(size / 512) * 512;
    if ((at >= end && at < next) || at === header + 154 || at === header + 155) return true;
    header = next;
  }
  return false;
}

function inflates(bytes: Buffer): boolean {
  try {
    gunzipSync(bytes);
    return true;
  } catch {
    return false;
  }
}
