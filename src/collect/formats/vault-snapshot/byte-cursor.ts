/** Takes bytes from a stream of chunks, holding no more than one chunk and what is asked for at once. */
export interface ByteCursor {
  /** The next `length` bytes; fewer only where the stream ends. For small lengths. */
  take(length: number): Promise<Uint8Array>;
  /** Shows the next `length` bytes chunk by chunk. Resolves to how many there were: fewer only where the stream ends. */
  visit(length: number, chunk: (bytes: Uint8Array) => void): Promise<number>;
  /** Lets go of the stream, wherever it stands. */
  close(): Promise<void>;
}

export function createByteCursor(chunks: AsyncIterable<Uint8Array>): ByteCursor {
  const iterator = chunks[Symbol.asyncIterator]();
  let current: Uint8Array = new Uint8Array(0);

  async function visit(length: number, chunk: (bytes: Uint8Array) => void): Promise<number> {
    let left = length;
    while (left > 0) {
      if (current.length === 0) {
        const next = await iterator.next();
        if (next.done === true) break;
        current = next.value;
        continue;
      }
      const part = current.subarray(0, left);
      current = current.subarray(part.length);
      left -= part.length;
      chunk(part);
    }
    return length - left;
  }

  return {
    visit,
    async take(length) {
      const parts: Uint8Array[] = [];
      await visit(length, (bytes) => parts.push(bytes));
      return Buffer.concat(parts);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
