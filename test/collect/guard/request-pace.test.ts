import { expect, it } from 'vitest';
import { createRequestPace } from '../../../src/collect/guard/request-pace.ts';
import { tokenBucket } from '../../services/token-bucket.ts';

class Refused extends Error {}
const options = { isThrottled: (error: unknown) => error instanceof Refused, patienceMillis: 500, signal: null };

/** A service that takes so many requests a second. */
function service(perSecond: number, burst: number) {
  const bucket = tokenBucket(perSecond, burst);
  let refused = 0;
  return {
    refused: () => refused,
    request: async () => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (bucket.take()) return;
      refused += 1;
      throw new Refused();
    },
  };
}

it('gets every request answered, in little more than the time that the quota takes, and is refused few', async () => {
  const limited = service(200, 20);
  const pace = createRequestPace(options);
  const began = performance.now();
  let left = 600;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await pace.run(limited.request);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const seconds = (performance.now() - began) / 1000;
  expect(seconds).toBeGreaterThan((600 - 20) / 200 - 0.1);
  expect(seconds).toBeLessThan(((600 - 20) / 200) * 1.5);
  expect(limited.refused()).toBeLessThan(200);
});

it('does not hold back what no quota refuses', async () => {
  const pace = createRequestPace(options);
  const began = performance.now();
  await Promise.all(Array.from({ length: 1000 }, () => pace.run(async () => undefined)));
  expect(performance.now() - began).toBeLessThan(500);
});

it('gives up where nothing is taken any more, and on any other failure at once', async () => {
  const pace = createRequestPace(options);
  const began = performance.now();
  const refuse = () => Promise.reject(new Refused());
  await expect(pace.run(refuse)).rejects.toBeInstanceOf(Refused);
  expect(performance.now() - began).toBeGreaterThan(500);
  expect(performance.now() - began).toBeLessThan(3000);
  await expect(pace.run(() => Promise.reject(new TypeError('other')))).rejects.toBeInstanceOf(TypeError);
});

it('ends with the run', async () => {
  const abort = new AbortController();
  const pace = createRequestPace({ ...options, patienceMillis: 60_000, signal: abort.signal });
  const waiting = pace.run(() => Promise.reject(new Refused()));
  setTimeout(() => abort.abort(), 50);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
