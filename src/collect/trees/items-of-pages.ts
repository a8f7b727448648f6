/**
 * The items of pages, one by one. What is at hand is given at once: an asynchronous generator would wait several turns
 * for each item, which is most of what listing costs here.
 */
export function itemsOf<T extends object>(
  pages: AsyncGenerator<readonly T[], void, undefined>,
): AsyncIterableIterator<T> {
  let page: readonly T[] = [];
  let at = 0;
  const next = async (): Promise<IteratorResult<T, undefined>> => {
    for (;;) {
      const following = await pages.next();
      if (following.done === true) return { done: true, value: undefined };
      page = following.value;
      at = 0;
      const [first] = page;
      if (first === undefined) continue;
      at = 1;
      return { done: false, value: first };
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => {
      const value = page[at];
      if (value === undefined) return next();
      at += 1;
      return Promise.resolve({ done: false, value });
    },
    return: async () => {
      page = [];
      await pages.return();
      return { done: true, value: undefined };
    },
  };
}
