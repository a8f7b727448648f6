import type { ByteCursor } from '../byte-cursor.ts';
import { damaged } from './compressed-input.ts';
import { LzmaDecoder } from './lzma-decoder.ts';
import { LzmaWindow } from './lzma-window.ts';
import { UnsupportedCompression } from './wrapping.ts';

/** That of `xz -9`. More would let a file choose how much memory the audit takes. */
const LARGEST_DICTIONARY = 64 * 1024 * 1024;

/** The size that the property byte of the filter states (The .xz File Format 1.2.1, section 5.3.1). */
export function lzma2Window(property: number): LzmaWindow {
  if (property > 40) throw damaged('xz', 'the size of a dictionary');
  const size = (2 + (property & 1)) * 2 ** ((property >> 1) + 11);
  if (size > LARGEST_DICTIONARY) {
    throw new UnsupportedCompression('its xz data were made with a larger dictionary than that of xz -9 (64 MiB)');
  }
  return new LzmaWindow(size);
}

/**
 * One LZMA2 stream up to and including its end mark: chunks of at most 64 KiB that hold at most 2 MiB (xz source,
 * lzma2_decoder.c; the format has no other specification). @throws CompressedDamage, UnsupportedCompression, InputEnds
 */
export async function* readLzma2(cursor: ByteCursor, window: LzmaWindow): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new LzmaDecoder(window);
  let needsDictionaryReset = true;
  let needsProperties = true;
  for (;;) {
    const control = (await cursor.take(1))[0] ?? 0;
    if (control === 0) return;
    if (control === 1 || control >= 0xe0) {
      window.forget();
      decoder.resetPosition();
      needsDictionaryReset = false;
      needsProperties = true;
    }
    if (needsDictionaryReset || (control > 2 && control < 0x80)) throw damaged('xz', 'the beginning of a chunk');
    if (control < 0x80) {
      const length = bigEndian(await cursor.take(2)) + 1;
      window.begin(length);
      window.putAll(await cursor.take(length));
      decoder.pass(length);
      yield window.chunk(length);
      continue;
    }
    const length = (control & 0x1f) * 65536 + bigEndian(await cursor.take(2)) + 1;
    const compressed = bigEndian(await cursor.take(2)) + 1;
    if (control >= 0xc0) {
      decoder.setProperties((await cursor.take(1))[0] ?? 0);
      needsProperties = false;
    }
    if (needsProperties) throw damaged('xz', 'the beginning of a chunk');
    if (control >= 0xa0) decoder.resetState();
    window.begin(length);
    decoder.decode(await cursor.take(compressed));
    yield window.chunk(length);
  }
}

function bigEndian(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
}
