import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BackupManifest,
  readBackupManifest,
} from '../../../../src/collect/formats/base-backup/backup-manifest.ts';
import type { ManifestFile } from '../../../../src/collect/formats/base-backup/manifest-file.ts';
import { FormatDamage } from '../../../../src/collect/formats/format-damage.ts';
import { chunksOf, manifestText, signed } from './manifests.ts';

const FILES = [
  { path: 'backup_label', bytes: 225, algorithm: 'CRC32C', checksum: 'f662f850' },
  { path: 'base/5/a "quoted" \\ name {[', bytes: 0, modified: '2026-11-22 21:42:39 GMT' },
  { path: 'global/pg_control', bytes: 8192, algorithm: 'SHA256', checksum: 'ab'.repeat(32) },
];

async function read(text: string | Uint8Array, size?: number): Promise<BackupManifest & { files: ManifestFile[] }> {
  const files: ManifestFile[] = [];
  const manifest = await readBackupManifest(chunksOf(Buffer.from(text), size), (file) => {
    files.push(file);
  });
  return { ...manifest, files };
}

describe('a backup manifest', () => {
  it('tells its files, its WAL and its times, in whatever pieces it comes', async () => {
    for (const size of [1, 7, 100, 100_000]) {
      expect(await read(manifestText(FILES), size)).toMatchObject({
        version: 1,
        systemIdentifier: null,
        walRanges: [{ timeline: 1, startLsn: '0/2000028', endLsn: '0/2000100' }],
        fileCount: 3,
        newestModifiedAt: '2026-11-22T21:42:39.000Z',
        controlModifiedAt: '2026-11-22T21:42:36.000Z',
        algorithm: 'CRC32C',
        filesWithoutChecksum: 1,
        files: [
          { path: 'backup_label', bytes: 225, checksum: { algorithm: 'CRC32C', hex: 'f662f850' } },
          { path: 'base/5/a "quoted" \\ name {[', checksum: null },
          { path: 'global/pg_control' },
        ],
      });
    }
  });

  it('keeps a system identifier that no number holds', async () => {
    const text = manifestText(FILES, { version: 2, systemIdentifier: '7711016942312333091' });
    expect((await read(text)).systemIdentifier).toBe('7711016942312333091');
  });

  it('gives names that are no UTF-8 as listings do', async () => {
    const text = manifestText([{ path: 'x', bytes: 1 }]).replace('"Path": "x"', '"Encoded-Path": "62ff"');
    const file = await read(signed(text.slice(0, text.indexOf('"Manifest-Checksum"'))));
    expect(file.files).toMatchObject([{ path: 'b\\xff' }]);
  });

  it('of no files, or several ranges of WAL, is one too', async () => {
    expect((await read(manifestText([]))).fileCount).toBe(0);
    const ranges = [
      [1, '0/2000028', '0/3000000'],
      [2, '0/3000000', '0/3000100'],
    ];
    expect((await read(manifestText(FILES, { ranges }))).walRanges).toHaveLength(2);
  });

  const body = manifestText(FILES);
  const unsigned = body.slice(0, body.indexOf('"Manifest-Checksum"'));
  it.each([
    ['of another version', signed(unsigned.replace('Version": 1', 'Version": 3'))],
    ['with an unknown field', signed(unsigned.replace('"Files"', '"Extra": 1,\n"Files"'))],
    ['with an unknown field of a file', signed(unsigned.replace('"Size": 225', '"Size": 225, "Mode": 1'))],
    ['with a size of 2^63', signed(unsigned.replace('225', '9223372036854775808'))],
    ['with a size below zero', signed(unsigned.replace('225', '-1'))],
    ['with a checksum without its algorithm', signed(unsigned.replace('"Checksum-Algorithm": "CRC32C", ', ''))],
    ['with an unknown algorithm', signed(unsigned.replace('CRC32C', 'MD5'))],
    ['with a day that is none', signed(unsigned.replaceAll('2026-11-22', '2026-13-45'))],
    ['with two lists of another name', signed(unsigned.replace('"WAL-Ranges"', '"Other"'))],
    ['with WAL that ends before it begins', signed(unsigned.replace('0/2000100', '0/1000100'))],
    ['nested too deep', signed(unsigned.replace('225', '{"a": {"b": 1}}'))],
    ['without a comma', signed(unsigned.replace('},\n{', '}\n{'))],
    ['without its last line', unsigned],
    ['with its checksum not on a line of its own', body.replace('],\n"Manifest', '], "Manifest')],
    ['without its last byte', body.slice(0, -1)],
    ['with a byte more', `${body}x`],
    ['that is two', body + body],
    ['that is empty', ''],
  ])('%s is damaged', async (_, text) => {
    await expect(read(text)).rejects.toThrow(FormatDamage);
  });

  it('cut off anywhere is damaged', async () => {
    for (let length = 0; length < body.length; length += 1) {
      await expect(read(body.slice(0, length)), `${length}`).rejects.toThrow(FormatDamage);
    }
  });

  it('altered anywhere before its last line is damaged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(unsigned.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(body);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        await expect(read(bytes)).rejects.toThrow(FormatDamage);
      }),
      { numRuns: 500 },
    );
  });

  it('of random bytes, or of parts of one in any order, is damaged or read', async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.nat(body.length), fc.nat(200)).map(([at, length]) => Buffer.from(body.slice(at, at + length))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        await expect(read(Buffer.concat(parts))).rejects.toThrow(FormatDamage);
      }),
      { numRuns: 1000 },
    );
  });

  it('of endless nesting, names or lists does not fill the memory', async () => {
    const endless = async function* (text: string): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from('{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n');
      for (let times = 0; times < 10_000; times += 1) yield Buffer.from(text.repeat(1000));
    };
    for (const text of ['[', '{', '{"', 'a"', '\\"', ' ', '1,']) {
      await expect(readBackupManifest(endless(text)), text).rejects.toThrow(FormatDamage);
    }
  });
});
