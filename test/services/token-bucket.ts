/** A quota of so many requests a second, of which some may come at once. */
export interface TokenBucket {
  /** Whether the request is within the quota. */
  take(): boolean;
}

/** @param burst requests that a quota not used for a while takes at once */
export function tokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let filledAt = performance.now();
  return {
    take() {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1000);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
