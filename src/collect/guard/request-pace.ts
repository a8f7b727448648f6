import { setTimeout as sleep } from 'node:timers/promises';

/** Sends requests no faster than a service with a quota takes them. */
export interface RequestPace {
  /**
   * Runs a request when its turn comes, and again where the service refused it for its quota. Rejects with what the
   * request rejected with: a refusal only after the service took no request at all for {@link PaceOptions.patienceMillis}.
   */
  run<T>(request: () => Promise<T>): Promise<T>;
}

export interface PaceOptions {
  /** Whether the service refused a request only because there were too many. */
  readonly isThrottled: (error: unknown) => boolean;
  /** How long the service may take none before a refusal is what it answers. */
  readonly patienceMillis: number;
  readonly signal: AbortSignal | null;
}

/** While it takes all of them, the pace grows by this much a period; while it refuses some, it stays this much above what it takes. */
const GROWTH = 1.25;
const ABOVE = 1.05;
const PERIOD_MILLIS = 500;
/** Requests a second below which the pace never falls, so that the end of a refusal is noticed. */
const SLOWEST = 5;
/** Requests a second from the first refusal to the end of its period. */
const FIRST_GUESS = 250;

/**
 * A pace that is unlimited until the first refusal, and from then on follows what the service really takes: it stays a
 * little above that, so that no quota is left unused and few requests are refused.
 */
export function createRequestPace({ isThrottled, patienceMillis, signal }: PaceOptions): RequestPace {
  /** Requests a second; null: not limited. */
  let rate: number | null = null;
  let nextTurn = 0;
  let taken = 0;
  let refused = 0;
  let periodBegan = performance.now();
  let lastTaken: number | null = null;
  let lastTurn = 0;

  /** What was taken while nobody asked says nothing of the quota. */
  function startPeriod(now: number): void {
    taken = 0;
    refused = 0;
    periodBegan = now;
  }

  function turn(): number {
    const now = performance.now();
    if (now - lastTurn > PERIOD_MILLIS) startPeriod(now);
    lastTurn = now;
    if (rate === null) return 0;
    const at = Math.max(now, nextTurn);
    nextTurn = at + 1000 / rate;
    return at - now;
  }

  function learn(): void {
    const now = performance.now();
    const millis = now - periodBegan;
    if (millis < PERIOD_MILLIS) return;
    const seen = (taken * 1000) / millis;
    if (refused > 0) rate = Math.max(SLOWEST, seen * ABOVE);
    else if (rate !== null && seen > rate / 2) rate *= GROWTH;
    startPeriod(now);
  }

  return {
    async run(request) {
      const began = performance.now();
      for (;;) {
        const wait = turn();
        if (wait > 0) await sleep(wait, undefined, signal === null ? {} : { signal });
        try {
          const answer = await request();
          taken += 1;
          lastTaken = performance.now();
          learn();
          return answer;
        } catch (error) {
          if (!isThrottled(error)) throw error;
          refused += 1;
          // The first refusal tells nothing yet of what is taken; after one period at this pace it is known.
          if (rate === null) {
            rate = Math.max(FIRST_GUESS, (taken * 1000) / Math.max(PERIOD_MILLIS, performance.now() - periodBegan));
          }
          learn();
          if (performance.now() - Math.max(began, lastTaken ?? 0) > patienceMillis) throw error;
        }
      }
    },
  };
}
