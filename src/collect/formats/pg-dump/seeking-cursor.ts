import type { ByteReader } from '../../trees/artifact-tree.ts';
import { type ByteCursor, InputEnds } from '../byte-cursor.ts';
import { ReadingLimit } from './dump-reading.ts';

const FIRST_WINDOW = 64 * 1024;
const NEXT_WINDOW = 1024 * 1024;

/** What a bounded look may still cost. Shared by the cursors of one look. */
export interface ReadBudget {
  reads: number;
  bytes: number;
}

/** For what must be read whatever it costs, such as a table of contents. */
export function unlimitedBudget(): ReadBudget {
  return { reads: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
}

/**
 * A cursor that fetches only the windows it is asked about: what is skipped is never read.
 *
 * Throws ReadingLimit when the budget is used up.
 */
export function seekingCursor(reader: ByteReader, start: number, budget: ReadBudget): ByteCursor {
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = start;
  let at = start;

  /** Makes the bytes at the position available, `wanted` of them where one read may hold them. */
  const fetch = async (wanted: number): Promise<void> => {
    if (budget.reads <= 0 || budget.bytes <= 0) {
      throw new ReadingLimit('its data lie in too many or too large parts to find their end without reading all of it');
    }
    const continues = window.length > 0 && at >= windowAt && at - windowAt <= window.length + FIRST_WINDOW;
    const size = Math.max(wanted, continues ? NEXT_WINDOW : FIRST_WINDOW);
    window = await reader.read(at, Math.min(size, reader.bytes - at));
    windowAt = at;
    budget.reads -= 1;
    budget.bytes -= window.length;
    if (window.length === 0) throw new InputEnds();
  };

  const leftInWindow = (): number => (at < windowAt ? 0 : Math.max(0, windowAt + window.length - at));

  const tryTake = (length: number): Uint8Array | null => {
    if (leftInWindow() < length) return null;
    at += length;
    return window.subarray(at - windowAt - length, at - windowAt);
  };

  const assertLeft = (length: number): void => {
    if (length > reader.bytes - at) throw new InputEnds();
  };

  return {
    position: () => at,
    atHand: () => window.subarray(window.length - leftInWindow()),
    tryTake,
    take: async (length) => {
      assertLeft(length);
      if (leftInWindow() < length) await fetch(length);
      const bytes = tryTake(length);
      if (bytes === null) throw new InputEnds();
      return bytes;
    },
    skip: async (length) => {
      assertLeft(length);
      at += length;
    },
    visit: async (length, visitor) => {
      assertLeft(length);
      let left = length;
      while (left > 0) {
        if (leftInWindow() === 0) await fetch(1);
        const bytes = tryTake(Math.min(left, leftInWindow()));
        if (bytes === null) throw new InputEnds();
        left -= bytes.length;
        await visitor(bytes);
      }
    },
    atEnd: async () => at >= reader.bytes,
  };
}
