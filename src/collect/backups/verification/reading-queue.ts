import { createLimiter } from '../../concurrency.ts';
import { inReadingOrder, type Turn } from './reading-order.ts';
import type { VerificationBudget } from './verification-budget.ts';

/** One copy that shall be read to its end. */
export interface Wish extends Turn {
  /** What is read: two wishes with the same key are served by one reading. */
  readonly key: unknown;
  /** Bytes that reading it will take. */
  readonly bytes: number;
  /** @returns the bytes it took. @throws only when interrupted */
  read(): Promise<number>;
  /** Told when it was read, by this wish or by another one with the same key. */
  noteTurn(): void;
  /** What is wished for in its place once it was read; null where enough is known. */
  next(): Promise<Wish | null>;
}

/** What shall be read of some kind of copies. */
export interface ReadingPlan {
  readonly wishes: readonly Wish[];
  /** Bytes of one pass over all of them, those that need not be read now included. */
  readonly bytes: number;
}

export interface ReadingQueue {
  /** Reads while the budget lasts, what has waited longest first. @throws only when interrupted */
  serve(wishes: readonly Wish[], budget: VerificationBudget, atOnce: number, onServed: () => void): Promise<void>;
  /** True where the budget was used up before its turn. */
  isLeft(key: unknown): boolean;
  /** What was read and left so far. */
  summary(): {
    readonly read: number;
    readonly readBytes: number;
    readonly left: number;
    readonly leftUnproven: number;
  };
}

export function createReadingQueue(signal: AbortSignal): ReadingQueue {
  const running = new Map<unknown, Promise<void>>();
  const left = new Set<unknown>();
  let leftUnproven = 0;
  let readBytes = 0;

  const readOne = async (wish: Wish, budget: VerificationBudget): Promise<void> => {
    const taken = await wish.read();
    budget.settle(wish.bytes, taken);
    readBytes += taken;
  };

  /** @returns false where the budget left it for a later run */
  const granted = async (wish: Wish, budget: VerificationBudget): Promise<boolean> => {
    const known = running.get(wish.key);
    if (known !== undefined) {
      await known;
      return true;
    }
    if (!budget.take(wish.bytes)) {
      if (!left.has(wish.key) && !wish.isDecided) leftUnproven += 1;
      left.add(wish.key);
      return false;
    }
    const reading = readOne(wish, budget);
    running.set(wish.key, reading);
    await reading;
    return true;
  };

  const serveOne = async (first: Wish, budget: VerificationBudget): Promise<void> => {
    for (let wish: Wish | null = first; wish !== null; wish = await wish.next()) {
      signal.throwIfAborted();
      if (!(await granted(wish, budget))) return;
      wish.noteTurn();
    }
  };

  return {
    isLeft: (key) => left.has(key),
    summary: () => ({ read: running.size, readBytes, left: left.size, leftUnproven }),
    async serve(wishes, budget, atOnce, onServed) {
      const limit = createLimiter(atOnce);
      const served = inReadingOrder(wishes).map((wish) =>
        limit(async () => {
          await serveOne(wish, budget);
          onServed();
        }),
      );
      try {
        await Promise.all(served);
      } finally {
        // Nothing is added to the memory any more once this has ended.
        await Promise.allSettled(served);
      }
    },
  };
}
