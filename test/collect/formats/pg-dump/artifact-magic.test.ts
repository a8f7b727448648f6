import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tarOf } from '../../backups/physical/tar-of.ts';
import { fixture, recognizeBytes } from './fixtures.ts';

describe('what is no dump, or none that is opened', () => {
  const others: readonly [what: string, bytes: Buffer, kind: string][] = [
    ['nothing', Buffer.alloc(0), 'empty'],
    ['four bytes', Buffer.from('PGDM'), 'foreign'],
    ['a text', Buffer.from('-- MySQL dump 10.13\n'), 'foreign'],
    ['zstd in gzip', gzipSync(zstdCompressSync(fixture('pg15-custom.dump'))), 'compressed'],
    ['a text in zstd', zstdCompressSync('-- MySQL dump 10.13\n'), 'foreign'],
    ['the beginning of an xz file', Buffer.from('fd377a585a000004', 'hex'), 'compressed'],
    ['an lz4 file without an end mark', Buffer.from('02214c1800000000', 'hex'), 'compressed'],
    ['a tar archive of a dump', tarOf(new Map([['t_a.dump', fixture('pg15-custom.dump')]])), 'archive'],
    ['a tar archive of a dump in gzip', gzipSync(tarOf(new Map([['d/toc.dat', Buffer.alloc(9)]]))), 'archive'],
    ['a zip file', Buffer.from('504b030414000000', 'hex'), 'compressed'],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), 'compressed'],
    ['RAR', Buffer.from('526172211a070100', 'hex'), 'compressed'],
    ['lzop', Buffer.from('894c5a4f000d0a1a0a1040', 'hex'), 'compressed'],
    ['lzip', Buffer.from('4c5a49500117', 'hex'), 'compressed'],
    ['compress', Buffer.from('1f9d90787878', 'hex'), 'compressed'],
    ['LZMA alone', Buffer.from('5d00008000ffffffffffffffff00', 'hex'), 'compressed'],
    ['gzip in gzip', gzipSync(gzipSync(fixture('pg15-custom.dump'))), 'compressed'],
    ['a gzip file of nothing', gzipSync(''), 'compressed'],
    ['a gzip header', gzipSync('').subarray(0, 10), 'compressed'],
    ['age', Buffer.from('age-encryption.org/v1\n-> X25519 '), 'encrypted'],
    ['openssl enc', Buffer.from('Salted__\x01\x02\x03\x04'), 'encrypted'],
    ['gpg -c', Buffer.from('8c0d0409030a', 'hex'), 'encrypted'],
    ['gpg -e', Buffer.from('85010c03aabbccdd', 'hex'), 'encrypted'],
    ['age in gzip', gzipSync('age-encryption.org/v1\n-> X25519 '), 'encrypted'],
  ];
  for (const [what, bytes, kind] of others) {
    it(`is named: ${what}`, async () => {
      for (const depth of ['structure', 'full'] as const) {
        expect(await recognizeBytes(bytes, depth)).toMatchObject({ kind, what: expect.any(String) });
      }
    });
  }
});
