/** Where the bytes that are read from one file are put. */
export interface ReadMemory {
  take(length: number): Buffer;
  /** Says that nobody looks any more at what was taken. */
  release(): void;
}

/** New memory for each reading, which the garbage collector lets go of. */
export function newMemory(): ReadMemory {
  return { take: (length) => Buffer.allocUnsafe(length), release: () => undefined };
}

/** What most readings fit into; Node has smaller ones share memory. */
const BLOCK = 64 * 1024;
const SMALLEST = 4 * 1024;
/** For each file and in all. What is more is new memory. */
const MOST_BLOCKS = 8;

/**
 * Memory that one file after the other is read into: where hundreds of thousands are, the garbage collector would take
 * more time over their bytes than reading them does, and more room than all else.
 *
 * @returns what gives each file its memory
 */
export function recycledMemory(): () => ReadMemory {
  const free: Buffer[] = [];
  return () => {
    const taken: Buffer[] = [];
    return {
      take: (length) => {
        if (length <= SMALLEST || length > BLOCK || taken.length === MOST_BLOCKS) return Buffer.allocUnsafe(length);
        const block = free.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
        taken.push(block);
        return block.subarray(0, length);
      },
      release: () => {
        for (const block of taken.splice(0)) if (free.length < MOST_BLOCKS) free.push(block);
      },
    };
  };
}
