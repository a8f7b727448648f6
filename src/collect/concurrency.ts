/** Runs tasks with at most `limit` at a time. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T>;

export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await task();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

/**
 * Does something with each item, with at most `atOnce` at a time and nothing kept for those that wait. After a failure
 * no further item is begun.
 *
 * @throws what the first failure was
 */
export async function eachOf<T>(items: Iterable<T>, atOnce: number, task: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const work = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && !failed; next = queue.next()) {
      try {
        await task(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/**
 * Maps a stream with bounded concurrency and gives the results in the order of the input. At most `window` results
 * wait behind a slow one, so memory stays bounded and one slow item does not stop the others.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  concurrency: number,
  task: (item: T) => Promise<R>,
  window = concurrency * 8,
): AsyncGenerator<R> {
  const limit = createLimiter(concurrency);
  const pending: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = limit(() => task(item));
      // The rejection is seen when its turn comes; until then it is not unhandled.
      result.catch(() => undefined);
      pending.push(result);
      if (pending.length >= window) {
        const next = pending.shift();
        if (next !== undefined) yield await next;
      }
    }
    while (pending.length > 0) {
      const next = pending.shift();
      if (next !== undefined) yield await next;
    }
  } finally {
    await Promise.allSettled(pending);
  }
}
