import { createHash, type Hash } from 'node:crypto';
import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { CompressedDamage } from '../compressed-damage.ts';
import { bzip2 } from '../compression/bzip2.ts';
import { lz4 } from '../compression/lz4.ts';
import { UnsupportedCompression, type Wrapping } from '../compression/wrapping.ts';
import { hasZstd } from '../compression/zstd.ts';
import type { Compression } from './backup-manifest.ts';
import { decrypted } from './cipher.ts';
import { PgBackRestDamage } from './damage.ts';

/** How bytes of a repository became what is stored: compressed first, then encrypted. */
export interface Storage {
  readonly compression: Compression;
  /** Null where they are not encrypted. */
  readonly passphrase: Secret | null;
  /** False where the content is not the plain file: blocks that changed, with their map. */
  readonly plainFile: boolean;
}

/** What is known of a stored file beforehand; null: not told. SHA-1 in hexadecimal. */
export interface ExpectedContent {
  readonly bytes: number | null;
  readonly sha1: string | null;
  readonly storedSha1: string | null;
}

export type ContentFinding =
  | { readonly state: 'agrees' }
  | { readonly state: 'differs'; readonly because: string }
  /** The bytes could be read and not opened, and no checksum of the stored bytes is known. */
  | { readonly state: 'unopened'; readonly because: string };

/**
 * Reads stored bytes to their end and compares them, and the content they hold, with what is known of them. Where the
 * compression cannot be opened here, the checksum of the stored bytes decides alone.
 *
 * @throws SourceError when the bytes cannot be read
 */
export async function compareContent(
  stored: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
  storage: Storage,
): Promise<ContentFinding> {
  const hash = createHash('sha1');
  try {
    const counted = hashing(stored, hash);
    const found = await contentOf(counted, expected.bytes, storage);
    if (expected.storedSha1 !== null && hash.digest('hex') !== expected.storedSha1) {
      return { state: 'differs', because: 'its stored bytes are not those that were written' };
    }
    if (found === null) {
      if (expected.storedSha1 !== null) return { state: 'agrees' };
      const what = storage.plainFile ? `compression ${storage.compression}` : 'a block incremental file';
      return { state: 'unopened', because: `${what} is not opened here` };
    }
    if (expected.bytes !== null && found.bytes !== expected.bytes) {
      return { state: 'differs', because: `it holds ${found.bytes} bytes in place of ${expected.bytes}` };
    }
    if (expected.sha1 !== null && found.sha1 !== expected.sha1) {
      return { state: 'differs', because: 'its content does not have its SHA-1 checksum' };
    }
    return { state: 'agrees' };
  } catch (error) {
    if (error instanceof PgBackRestDamage) return { state: 'differs', because: error.message };
    throw error;
  }
}

/** Null where it cannot be had; all stored bytes are read nonetheless. */
async function contentOf(
  stored: AsyncIterable<Uint8Array>,
  most: number | null,
  storage: Storage,
): Promise<{ readonly bytes: number; readonly sha1: string } | null> {
  if (!storage.plainFile || !canOpen(storage.compression)) return exhausted(stored);
  const chunks = stored[Symbol.asyncIterator]();
  // A decompressor closes what it reads from; the rest is still to be counted where it gives up.
  const kept: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
  try {
    return await digestOf(openStored(kept, storage), most);
  } catch (error) {
    if (!(error instanceof UnsupportedCompression)) throw error;
    return await exhausted(kept);
  } finally {
    await chunks.return?.();
  }
}

/** Whether content compressed this way can be had: zstd needs Node 22.15. */
export function canOpen(compression: Compression): boolean {
  return compression !== 'zst' || hasZstd();
}

/**
 * The content of stored bytes, for a compression that {@link canOpen}.
 *
 * @throws PgBackRestDamage while iterating, when they are cut off or damaged; UnsupportedCompression when nobody here opens them
 */
export function openStored(
  stored: AsyncIterable<Uint8Array>,
  storage: Omit<Storage, 'plainFile'>,
): AsyncIterable<Uint8Array> {
  const compressed = storage.passphrase === null ? stored : decrypted(stored, storage.passphrase);
  if (storage.compression === 'gz') return through(compressed, zlib.createGunzip());
  if (storage.compression === 'zst') return through(compressed, zlib.createZstdDecompress());
  if (storage.compression === 'lz4') return unwrapped(compressed, lz4);
  if (storage.compression === 'bz2') return unwrapped(compressed, bzip2);
  return compressed;
}

async function* unwrapped(compressed: AsyncIterable<Uint8Array>, { open }: Wrapping): AsyncGenerator<Uint8Array, void> {
  try {
    yield* open(compressed);
  } catch (error) {
    if (error instanceof CompressedDamage) throw new PgBackRestDamage(error.message, { cause: error });
    throw error;
  }
}

async function* through(source: AsyncIterable<Uint8Array>, engine: Transform): AsyncGenerator<Uint8Array, void> {
  // The failure is seen by whoever reads the engine.
  pipeline(source, engine, () => undefined);
  try {
    for await (const bytes of engine as AsyncIterable<Uint8Array>) yield bytes;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new PgBackRestDamage('its compressed data is cut off or damaged', { cause: error });
  }
}

async function* hashing(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Stops where more comes out than there may be: damaged bytes can be made to grow without an end. */
async function digestOf(
  content: AsyncIterable<Uint8Array>,
  most: number | null,
): Promise<{ readonly bytes: number; readonly sha1: string }> {
  const hash = createHash('sha1');
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (most !== null && bytes > most) throw new PgBackRestDamage(`it holds more than its ${most} bytes`);
    hash.update(piece);
  }
  return { bytes, sha1: hash.digest('hex') };
}

async function exhausted(chunks: AsyncIterable<Uint8Array>): Promise<null> {
  for await (const _ of chunks);
  return null;
}
