import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Compression } from '../../../../src/collect/formats/pgbackrest/backup-manifest.ts';
import { infoFileText } from '../../../../src/collect/formats/pgbackrest/info-file.ts';
import { compareContent } from '../../../../src/collect/formats/pgbackrest/stored-content.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { compress } from '../compression/compressors.ts';

const CONTENT = Buffer.from('hello pgBackRest');
/** `openssl enc -aes-256-cbc -md sha1 -pass pass:secret -S 0102030405060708` of {@link CONTENT}, after its header. */
const ENCRYPTED = Buffer.from(
  '53616c7465645f5f010203040506070823c674c603929bb29e9661422bdbe180bd0980fc934c4ee096035e6d28387953',
  'hex',
);
const LZ4 = compress('lz4', [], CONTENT);
const BZIP2 = compress('bzip2', [], CONTENT);
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

const compare = (
  stored: Uint8Array,
  compression: Compression,
  { passphrase = null, storedSha1 = null }: { passphrase?: Secret | null; storedSha1?: string | null } = {},
) =>
  compareContent(
    chunks(stored),
    { bytes: CONTENT.length, sha1: sha1(CONTENT), storedSha1 },
    { compression, passphrase, plainFile: true },
  );

describe('stored content', () => {
  it.each([
    ['none', CONTENT],
    ['gz', gzipSync(CONTENT)],
    ['zst', zstdCompressSync(CONTENT)],
    ['lz4', LZ4],
    ['bz2', BZIP2],
  ] as const)('%s: agrees, and cut or flipped anywhere differs', async (compression, stored) => {
    expect(await compare(stored, compression)).toEqual({ state: 'agrees' });
    for (let length = 0; length < stored.length; length += 1) {
      const finding = await compare(stored.subarray(0, length), compression, { storedSha1: sha1(stored) });
      expect(finding.state, `cut to ${length}`).toBe('differs');
      const flipped = Buffer.from(stored);
      flipped[length] = (flipped[length] ?? 0) ^ 1;
      const altered = await compare(flipped, compression, { storedSha1: sha1(stored) });
      expect(altered.state, `byte ${length}`).toBe('differs');
    }
  });

  it('without a checksum of the stored bytes, a cut anywhere and a flipped bit are found by the content', async () => {
    for (const [compression, stored] of [
      ['lz4', LZ4],
      ['bz2', BZIP2],
    ] as const) {
      for (let length = 0; length < stored.length; length += 1) {
        expect((await compare(stored.subarray(0, length), compression)).state, `${compression} ${length}`).toBe(
          'differs',
        );
      }
      const flipped = Buffer.from(stored);
      flipped[Math.floor(stored.length / 2)] = (flipped[Math.floor(stored.length / 2)] ?? 0) ^ 1;
      expect((await compare(flipped, compression)).state).toBe('differs');
    }
  });

  it('what nobody here opens is judged by its stored bytes alone', async () => {
    // A frame in the legacy format, which has no end.
    const stored = Buffer.from('02214c18080000001068656c6c6f', 'hex');
    expect(await compare(stored, 'lz4')).toEqual({
      state: 'unopened',
      because: 'compression lz4 is not opened here',
    });
    expect(await compare(stored, 'lz4', { storedSha1: sha1(stored) })).toEqual({ state: 'agrees' });
    expect((await compare(stored, 'lz4', { storedSha1: sha1(CONTENT) })).state).toBe('differs');
  });

  it('what grows beyond its size is given up at once', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const finding = await compare(bomb, 'gz');
    expect(finding).toEqual({ state: 'differs', because: 'it holds more than its 16 bytes' });
  });

  it('a failure to read is no damage', async () => {
    const failing = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield gzipSync(CONTENT).subarray(0, 12);
      throw new SourceError('unreachable', 'gone', 'Look.');
    })();
    const expected = { bytes: 16, sha1: null, storedSha1: null };
    const reading = compareContent(failing, expected, { compression: 'gz', passphrase: null, plainFile: true });
    await expect(reading).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('encrypted: opens what openssl wrote, and only with its passphrase', async () => {
    expect(await compare(ENCRYPTED, 'none', { passphrase: new Secret('secret') })).toEqual({ state: 'agrees' });
    for (const other of ['Secret', '']) {
      expect((await compare(ENCRYPTED, 'none', { passphrase: new Secret(other) })).state).toBe('differs');
    }
    for (let length = 0; length < ENCRYPTED.length; length += 1) {
      const cut = await compare(ENCRYPTED.subarray(0, length), 'none', { passphrase: new Secret('secret') });
      expect(cut.state, `cut to ${length}`).toBe('differs');
    }
    expect((await compare(CONTENT, 'none', { passphrase: new Secret('secret') })).state).toBe('differs');
  });

  it('an info file tells a missing passphrase from a wrong one, and names neither', async () => {
    const text = async (passphrase: Secret | null) => {
      for await (const _ of infoFileText(chunks(ENCRYPTED), passphrase, 'backup.info'));
    };
    await expect(text(null)).rejects.toMatchObject({
      reason: 'unauthorized',
      message: 'backup.info is encrypted and no passphrase is given',
    });
    await expect(text(new Secret('something else'))).rejects.toMatchObject({
      reason: 'unauthorized',
      message: 'backup.info is encrypted and does not open with the passphrase that is given',
    });
  });
});
