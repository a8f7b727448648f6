import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemsOf } from '../../../src/collect/trees/items-of-pages.ts';

interface Item {
  readonly number: number;
}

test('every item of every page comes once and in order, empty pages included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.record({ number: fc.integer() }))), async (pages) => {
      const items: Item[] = [];
      for await (const item of itemsOf(pagesOf(pages))) items.push(item);
      expect(items).toStrictEqual(pages.flat());
    }),
  );
});

test('a page that fails fails the iteration after the items before it', async () => {
  const items: Item[] = [];
  const iterate = async (): Promise<void> => {
    for await (const item of itemsOf(failing())) items.push(item);
  };
  await expect(iterate()).rejects.toThrow('the second page is missing');
  expect(items).toStrictEqual([{ number: 1 }]);
});

test('leaving early ends the pages too, and gives nothing more', async () => {
  let ended = false;
  async function* pages(): AsyncGenerator<readonly Item[], void, undefined> {
    try {
      yield [{ number: 1 }, { number: 2 }];
      yield [{ number: 3 }];
    } finally {
      ended = true;
    }
  }
  const items = itemsOf(pages());
  for await (const item of items) {
    expect(item.number).toBe(1);
    break;
  }
  expect(ended).toBe(true);
  expect(await items.next()).toStrictEqual({ done: true, value: undefined });
});

async function* pagesOf(pages: readonly (readonly Item[])[]): AsyncGenerator<readonly Item[], void, undefined> {
  for (const page of pages) yield page;
}

async function* failing(): AsyncGenerator<readonly Item[], void, undefined> {
  yield [{ number: 1 }];
  throw new Error('the second page is missing');
}
