/** The input has fewer bytes left than were asked for. Never leaves the readers of formats. */
export class InputEnds extends Error {
  constructor() {
    super('the input ends');
    this.name = 'InputEnds';
  }
}

/** A forward-only position in a sequence of bytes. Lengths may come from damaged input: nothing is allocated for them. */
export interface ByteCursor {
  /** Bytes from the start of the input. */
  position(): number;
  /** The bytes that can be had without waiting, not moved past; often more than any one step needs. */
  atHand(): Uint8Array;
  /** The next bytes when they are at hand, else null without moving. Spares a promise where millions of small reads follow. */
  tryTake(length: number): Uint8Array | null;
  /** The next bytes; the caller bounds `length`. @throws InputEnds when fewer remain. */
  take(length: number): Promise<Uint8Array>;
  /** Leaves out `length` bytes without looking at them. @throws InputEnds when fewer remain. */
  skip(length: number): Promise<void>;
  /** Hands over the next `length` bytes in pieces. @throws InputEnds when fewer remain. */
  visit(length: number, visitor: PieceVisitor): Promise<void>;
  atEnd(): Promise<boolean>;
}

/** A cursor over a stream that can be let go of before its end. */
export interface StreamCursor extends ByteCursor {
  close(): Promise<void>;
}

export type PieceVisitor = (piece: Uint8Array) => void | Promise<void>;

/** A cursor over chunks that arrive in order, such as a stream from the storage or the output of a decompressor. */
export function streamCursor(chunks: AsyncIterable<Uint8Array>): StreamCursor {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let used = 0;
  let passed = 0;

  /** Makes at least one byte available; false at the end of the input. */
  const refill = async (): Promise<boolean> => {
    while (used === chunk.length) {
      const next = await iterator.next();
      if (next.done === true) return false;
      passed += chunk.length;
      chunk = next.value;
      used = 0;
    }
    return true;
  };

  const tryTake = (length: number): Uint8Array | null => {
    if (chunk.length - used < length) return null;
    used += length;
    return chunk.subarray(used - length, used);
  };

  const visit = async (length: number, visitor: PieceVisitor): Promise<void> => {
    let left = length;
    while (left > 0) {
      if (!(await refill())) throw new InputEnds();
      const size = Math.min(left, chunk.length - used);
      used += size;
      left -= size;
      const pending = visitor(chunk.subarray(used - size, used));
      if (pending !== undefined) await pending;
    }
  };

  const take = async (length: number): Promise<Uint8Array> => {
    const atHand = tryTake(length);
    if (atHand !== null) return atHand;
    const pieces: Uint8Array[] = [];
    await visit(length, (piece) => {
      pieces.push(piece);
    });
    return Buffer.concat(pieces);
  };

  return {
    position: () => passed + used,
    atHand: () => chunk.subarray(used),
    tryTake,
    take,
    skip: async (length) => {
      if (tryTake(length) === null) await visit(length, () => undefined);
    },
    visit,
    atEnd: async () => !(await refill()),
    close: async () => {
      await iterator.return?.();
    },
  };
}
