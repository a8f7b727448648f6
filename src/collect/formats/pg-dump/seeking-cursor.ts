import type { ByteReader } from '../../trees/artifact-tree.ts';
import { type ByteCursor, InputEnds, type PieceVisitor } from '../byte-cursor.ts';
import { ReadingLimit } from './dump-reading.ts';

const FIRST_WINDOW = 64 * 1024;
const NEXT_WINDOW = 1024 * 1024;
const NO_BYTES = new Uint8Array(0);

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
  return new SeekingCursor(reader, start, budget);
}

class SeekingCursor implements ByteCursor {
  private readonly reader: ByteReader;
  private readonly budget: ReadBudget;
  private window: Uint8Array = NO_BYTES;
  private windowAt: number;
  private at: number;

  constructor(reader: ByteReader, start: number, budget: ReadBudget) {
    this.reader = reader;
    this.budget = budget;
    this.windowAt = start;
    this.at = start;
  }

  position(): number {
    return this.at;
  }

  atHand(): Uint8Array {
    return this.window.subarray(this.window.length - this.leftInWindow());
  }

  tryTake(length: number): Uint8Array | null {
    if (this.leftInWindow() < length) return null;
    this.at += length;
    return this.window.subarray(this.at - this.windowAt - length, this.at - this.windowAt);
  }

  async take(length: number): Promise<Uint8Array> {
    this.assertLeft(length);
    if (this.leftInWindow() < length) await this.fetch(length);
    const bytes = this.tryTake(length);
    if (bytes === null) throw new InputEnds();
    return bytes;
  }

  async skip(length: number): Promise<void> {
    this.assertLeft(length);
    this.at += length;
  }

  async visit(length: number, visitor: PieceVisitor): Promise<void> {
    this.assertLeft(length);
    let left = length;
    while (left > 0) {
      if (this.leftInWindow() === 0) await this.fetch(1);
      const bytes = this.tryTake(Math.min(left, this.leftInWindow()));
      if (bytes === null) throw new InputEnds();
      left -= bytes.length;
      await visitor(bytes);
    }
  }

  async atEnd(): Promise<boolean> {
    return this.at >= this.reader.bytes;
  }

  /** Makes the bytes at the position available, `wanted` of them where one read may hold them. */
  private async fetch(wanted: number): Promise<void> {
    const { reader, budget, window, windowAt, at } = this;
    if (budget.reads <= 0 || budget.bytes <= 0) {
      throw new ReadingLimit('its data lie in too many or too large parts to find their end without reading all of it');
    }
    const continues = window.length > 0 && at >= windowAt && at - windowAt <= window.length + FIRST_WINDOW;
    const size = Math.max(wanted, continues ? NEXT_WINDOW : FIRST_WINDOW);
    this.window = await reader.read(at, Math.min(size, reader.bytes - at));
    this.windowAt = at;
    budget.reads -= 1;
    budget.bytes -= this.window.length;
    if (this.window.length === 0) throw new InputEnds();
  }

  private leftInWindow(): number {
    return this.at < this.windowAt ? 0 : Math.max(0, this.windowAt + this.window.length - this.at);
  }

  private assertLeft(length: number): void {
    if (length > this.reader.bytes - this.at) throw new InputEnds();
  }
}
