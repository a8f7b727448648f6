import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { CompressedDamage } from '../compressed-damage.ts';
import { walkZstd } from './frame-walk.ts';
import { UnsupportedCompression, type Wrapping } from './wrapping.ts';

/** Node.js has zstd from 22.15 on, and the program runs from 22.13 on. */
const NEEDS_NODE = 'its zstd data can only be read with Node.js 22.15 or later';

/** RFC 8878, by the engine of Node.js, which verifies the content checksum. */
export const zstd: Wrapping = {
  name: 'zstd',
  article: 'a',
  magic: '28b52ffd',
  endings: ['.zst'],
  open: unzstd,
};

/** Whether this Node.js has an engine for zstd. */
export function hasZstd(): boolean {
  return 'createZstdDecompress' in zlib;
}

async function* unzstd(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (!hasZstd()) throw new UnsupportedCompression(NEEDS_NODE);
  const parts = frameParts(compressed);
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      yield* decompressFrame(next.value, parts);
    }
  } catch (error) {
    throw worded(error);
  } finally {
    await parts.return();
  }
}

interface FramePart {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/**
 * The frames in parts. They are followed by their sizes, because the engine takes a cut for an end, and of several
 * frames reads the first only.
 */
async function* frameParts(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<FramePart, void, undefined> {
  const walk = walkZstd();
  for await (const bytes of compressed) {
    let start = 0;
    for (const end of walk.write(bytes)) {
      yield { bytes: bytes.subarray(start, end), isLast: true };
      start = end;
    }
    if (start < bytes.length) yield { bytes: bytes.subarray(start), isLast: false };
  }
  walk.finish();
}

/** The content of one frame, in what pieces its reader asks for. */
async function* decompressFrame(
  first: FramePart,
  parts: AsyncGenerator<FramePart, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const engine = zlib.createZstdDecompress();
  const source = Readable.from(restOfFrame(first, parts), { objectMode: false });
  // Errors reach the loop below.
  engine.on('error', () => undefined);
  source.on('error', (error) => engine.destroy(error));
  source.pipe(engine);
  try {
    for await (const bytes of engine) if (bytes instanceof Uint8Array) yield bytes;
  } finally {
    source.destroy();
    engine.destroy();
  }
}

async function* restOfFrame(
  first: FramePart,
  parts: AsyncGenerator<FramePart, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let part = first; ; ) {
    yield part.bytes;
    if (part.isLast) return;
    const next = await parts.next();
    if (next.done === true) return;
    part = next.value;
  }
}

function worded(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !/^(ZSTD_|Z_)/.test(String(error.code))) return error;
  const code = String(error.code);
  if (code.includes('windowTooLarge')) {
    return new UnsupportedCompression('its zstd data were made with a larger window than 128 MiB (zstd --long)', {
      cause: error,
    });
  }
  if (code.includes('dictionary')) {
    return new UnsupportedCompression('its zstd data were made with a dictionary', { cause: error });
  }
  return new CompressedDamage('damaged', `its zstd data are damaged (${error.message})`, { cause: error });
}
