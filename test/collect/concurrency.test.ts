import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter, eachOf, mapInOrder } from '../../src/collect/concurrency.ts';
import { collected } from './trees/collected.ts';

async function* counting(count: number, seen: (index: number) => void = () => undefined): AsyncGenerator<number> {
  for (let index = 0; index < count; index += 1) {
    seen(index);
    yield index;
  }
}

describe('a limiter', () => {
  it('never runs more tasks than it may, and all of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(3), { maxLength: 30 }),
        async (limit, delays) => {
          const run = createLimiter(limit);
          let running = 0;
          let most = 0;
          const results = await Promise.all(
            delays.map((delay, index) =>
              run(async () => {
                running += 1;
                most = Math.max(most, running);
                await sleep(delay);
                running -= 1;
                return index;
              }),
            ),
          );
          expect(results).toEqual(delays.map((_, index) => index));
          expect(most).toBeLessThanOrEqual(limit);
          expect(most).toBe(Math.min(limit, delays.length));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('lets a task in while earlier ones are handed over, and stays within its limit', async () => {
    const run = createLimiter(1);
    let running = 0;
    let most = 0;
    const task = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    };
    const chained = async () => {
      for (let index = 0; index < 20; index += 1) await run(task);
    };
    await Promise.all([chained(), chained(), chained()]);
    expect(most).toBe(1);
  });

  it('goes on after a task that failed', async () => {
    const run = createLimiter(1);
    await expect(run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await run(() => Promise.resolve('next'))).toBe('next');
  });
});

describe('mapping in order', () => {
  it('gives results in the order of the input, whatever each takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (delays, limit) => {
          const results = mapInOrder(counting(delays.length), limit, async (index) => {
            await sleep(delays[index] ?? 0);
            return index;
          });
          expect(await collected(results)).toEqual(delays.map((_, index) => index));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('reads no further ahead than its window while one item is slow', async () => {
    let read = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const results = mapInOrder(
      counting(1000, (index) => {
        read = index + 1;
      }),
      2,
      async (index) => {
        if (index === 0) await promise;
        return index;
      },
      10,
    );
    const first = results.next();
    await sleep(20);
    expect(read).toBe(10);
    resolve();
    expect((await first).value).toBe(0);
    await results.return(undefined);
  });

  it('throws what a task throws when its turn comes, after every earlier result', async () => {
    const seen: number[] = [];
    const work = async () => {
      const results = mapInOrder(counting(20), 4, async (index) => {
        if (index === 7) throw new Error('item 7 failed');
        return index;
      });
      for await (const index of results) seen.push(index);
    };
    await expect(work()).rejects.toThrow('item 7 failed');
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('throws what the input throws, once running tasks have ended', async () => {
    let running = 0;
    async function* broken() {
      yield 1;
      yield 2;
      throw new Error('the input broke');
    }
    const results = mapInOrder(broken(), 2, async (item) => {
      running += 1;
      await sleep(10);
      running -= 1;
      return item;
    });
    await expect(collected(results)).rejects.toThrow('the input broke');
    expect(running).toBe(0);
  });
});

describe('eachOf', () => {
  it('takes every item once, and never more at a time than allowed', async () => {
    const taken: number[] = [];
    let [running, most] = [0, 0];
    await eachOf([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      taken.push(item);
      running -= 1;
    });
    expect(taken.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('begins nothing more after a failure, and throws it', async () => {
    const begun: number[] = [];
    const work = eachOf([1, 2, 3, 4], 1, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });
});
