import { CompressedDamage } from '../compressed-damage.ts';
import { damaged } from './compressed-input.ts';

/** Follows the blocks of compressed frames by their sizes, without decompressing, to see whether the last one ends. */
export interface FrameWalk {
  /** Returns where in these bytes frames end. @throws CompressedDamage when they break the format's rules. */
  write(bytes: Uint8Array): readonly number[];
  /** @throws CompressedDamage when the input ended inside a frame, or there was none. */
  finish(): void;
}

/** What is to be read next: `length` bytes handed over when `read`, else passed over; then what follows from them. */
type OpenStep =
  | { readonly length: number; readonly read: (bytes: Uint8Array) => Step }
  | { readonly length: number; readonly next: Step };
type Step = OpenStep | 'frame-ends';

/**
 * Zstandard frames (RFC 8878 section 3.1): blocks up to the one marked last, then a content checksum where the
 * descriptor announces one; skippable frames in between. The checksum is not verified.
 */
export function walkZstd(): FrameWalk {
  const block = (contentChecksum: number): Step => ({
    length: 3,
    read: (bytes) => {
      const header = unsigned(bytes);
      const kind = (header >> 1) & 3;
      if (kind === 3) throw damaged('zstd', 'a frame');
      const length = kind === 1 ? 1 : header >> 3;
      if ((header & 1) === 0) return { length, next: block(contentChecksum) };
      return { length, next: { length: contentChecksum, next: 'frame-ends' } };
    },
  });
  return walkFrames(5, (head) => {
    const magic = unsigned(head.subarray(0, 4));
    const descriptor = head[4] ?? 0;
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      return { length: 3, read: (bytes) => ({ length: unsigned(bytes) * 256 + descriptor, next: 'frame-ends' }) };
    }
    if (magic !== 0xfd2fb528) throw damaged('zstd', 'a frame');
    const single = (descriptor & 32) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    return { length: (single ? 0 : 1) + dictionary + contentSize, next: block(descriptor & 4 ? 4 : 0) };
  });
}

function walkFrames(headLength: number, head: (bytes: Uint8Array) => Step): FrameWalk {
  const start: OpenStep = { length: headLength, read: head };
  let frames = 0;
  let step: OpenStep = start;
  let left = headLength;
  let held: Uint8Array = new Uint8Array(0);

  /** Moves on past every step that needs no more bytes. */
  const settle = (): void => {
    while (left === 0) {
      const next: Step = 'read' in step ? step.read(held) : step.next;
      if (next === 'frame-ends') frames += 1;
      step = next === 'frame-ends' ? start : next;
      held = new Uint8Array(0);
      left = step.length;
    }
  };

  return {
    write: (bytes) => {
      const ends: number[] = [];
      let used = 0;
      while (used < bytes.length) {
        const before = frames;
        const piece = bytes.subarray(used, used + left);
        if ('read' in step) held = Buffer.concat([held, piece]);
        used += piece.length;
        left -= piece.length;
        settle();
        if (frames > before) ends.push(used);
      }
      return ends;
    },
    finish: () => {
      if (frames === 0 || step !== start || held.length > 0) {
        throw new CompressedDamage('cut', 'its zstd data are cut off before the end of their frame');
      }
    },
  };
}

function unsigned(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
