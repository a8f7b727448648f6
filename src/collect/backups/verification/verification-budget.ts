/** How much may be read to its end in one run. */
export interface VerificationBudget {
  /**
   * Asked before each reading. True: read it; the bytes are counted at once, so that readings side by side exceed the
   * budget by no more than the last of them. False: the budget is used up, for good.
   *
   * @param bytes that reading it will take
   */
  take(bytes: number): boolean;
  /** Told afterwards where a reading took other bytes than were asked for. */
  settle(asked: number, taken: number): void;
  /** Sets a share of the bytes where that is less than what is left. */
  limitTo(bytes: number): void;
}

export interface BudgetLimits {
  /** Null: no limit. */
  readonly bytes: number | null;
  readonly millis: number | null;
}

/** @param now a clock in milliseconds; time runs from the first reading that is asked for */
export function createBudget({ bytes, millis }: BudgetLimits, now: () => number): VerificationBudget {
  let limit = bytes ?? Number.POSITIVE_INFINITY;
  let taken = 0;
  let startedAt: number | null = null;
  let isUsedUp = false;
  return {
    take(asked) {
      startedAt ??= now();
      isUsedUp ||= taken >= limit || (millis !== null && now() - startedAt >= millis);
      if (isUsedUp) return false;
      taken += asked;
      return true;
    },
    settle(asked, actual) {
      taken += actual - asked;
    },
    limitTo(share) {
      limit = Math.min(limit, taken + share);
    },
  };
}
