import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { budgetOf } from '../../src/collect/read-to-ends.ts';
import { configSchema } from '../../src/config/schema.ts';
import { MINUTE } from '../../src/model/instant.ts';

const GIBIBYTE = 1024 ** 3;
const ENDLESS = 1_000_000_000;

type Written = Parameters<typeof configSchema.shape.collect.parse>[0];

/** How many gibibytes a run may begin to read, and for how many minutes after the first; what the configuration states. */
function limitsOf(collect: Written) {
  const opened = () => budgetOf(configSchema.shape.collect.parse(collect));
  /** The one of these at which it ends, and not just before; null: at none of them. */
  const endsAt = (ends: (amount: number) => boolean) =>
    [1, 2, 30, 45, 200, 300, ENDLESS].find((amount) => !ends(amount - 0.001) && ends(amount)) ?? null;
  return {
    gibibytes: endsAt((amount) => {
      const budget = opened();
      budget.take(amount * GIBIBYTE);
      return !budget.take(1);
    }),
    minutes: endsAt((amount) => {
      const budget = opened();
      budget.take(1);
      vi.advanceTimersByTime(amount * MINUTE);
      return !budget.take(1);
    }),
  };
}

describe('the budget of one run', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['by default', {}, { minutes: 30, gibibytes: 200 }],
    ['at depth mixed', { depth: 'mixed' }, { minutes: 30, gibibytes: 200 }],
    ['at depth full, which reads all', { depth: 'full' }, { minutes: null, gibibytes: null }],
    ['as configured', { verification: { minutes: 45, gibibytes: 300 } }, { minutes: 45, gibibytes: 300 }],
    ['minutes alone as configured', { verification: { minutes: 2 } }, { minutes: 2, gibibytes: 200 }],
    ['gibibytes alone as configured', { verification: { gibibytes: 1 } }, { minutes: 30, gibibytes: 1 }],
    [
      'as configured at depth full, where the other has no limit',
      { depth: 'full', verification: { gibibytes: 2 } },
      { minutes: null, gibibytes: 2 },
    ],
  ] as const)('%s', (_when, collect, limits) => {
    expect(limitsOf(collect)).toEqual(limits);
  });
});
