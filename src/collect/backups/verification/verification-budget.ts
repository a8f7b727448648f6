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
  /** A part of it, for a kind of copies that must not use up what others need: so many bytes, and never more than is left. */
  share(bytes: number): VerificationBudget;
}

export interface BudgetLimits {
  /** Null: no limit. */
  readonly bytes: number | null;
  readonly millis: number | null;
}

/** A part of another budget. */
function shareOf(whole: VerificationBudget, bytes: number): VerificationBudget {
  let taken = 0;
  let isUsedUp = false;
  return {
    take(asked) {
      isUsedUp ||= taken >= bytes || !whole.take(asked);
      if (!isUsedUp) taken += asked;
      return !isUsedUp;
    },
    settle(asked, actual) {
      taken += actual - asked;
      whole.settle(asked, actual);
    },
    share(part) {
      return shareOf(this, part);
    },
  };
}

/** @param now a clock in milliseconds; time runs from the first reading that is asked for */
export function createBudget({ bytes, millis }: BudgetLimits, now: () => number): VerificationBudget {
  const limit = bytes ?? Number.POSITIVE_INFINITY;
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
    share(part) {
      return shareOf(this, part);
    },
  };
}
