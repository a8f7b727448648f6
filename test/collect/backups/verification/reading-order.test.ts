import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Assessment,
  nextReading,
  type SelectedCopy,
} from '../../../../src/collect/backups/verification/next-reading.ts';
import { inReadingOrder } from '../../../../src/collect/backups/verification/reading-order.ts';
import { createBudget } from '../../../../src/collect/backups/verification/verification-budget.ts';
import { DAY, toInstant } from '../../../../src/model/instant.ts';

const turn = fc.record({
  isDecided: fc.boolean(),
  lastReadAt: fc.option(fc.integer({ min: 0, max: 100 }).map((day) => toInstant(day * DAY))),
});

test('what only a reading decides comes first, and of these what was read longest ago', async () => {
  await fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const ordered = inReadingOrder(turns);
      expect(new Set(ordered)).toEqual(new Set(turns));
      for (const [index, one] of ordered.slice(1).entries()) {
        const before = ordered[index];
        expect(before !== undefined && before.isDecided <= one.isDecided).toBe(true);
        if (before?.isDecided === one.isDecided) expect((before.lastReadAt ?? '') <= (one.lastReadAt ?? '')).toBe(true);
      }
    }),
  );
});

describe('the budget', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 });

  test('is never exceeded by more than the last copy, and is used where it can be', async () => {
    await fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5000 }), (bytes, limit) => {
        const budget = createBudget({ bytes: limit, millis: null }, () => 0);
        const taken = bytes.filter((one) => budget.take(one));
        const sum = taken.reduce((total, one) => total + one, 0);
        expect(sum - (taken.at(-1) ?? 0)).toBeLessThan(limit);
        if (taken.length < bytes.length) expect(sum).toBeGreaterThanOrEqual(limit);
      }),
    );
  });

  test('ends with its time, which begins with the first copy, and never opens again', () => {
    let now = 1000;
    const budget = createBudget({ bytes: null, millis: 10 }, () => now);
    now = 5000;
    expect(budget.take(1)).toBe(true);
    now = 5009;
    expect(budget.take(1)).toBe(true);
    now = 5010;
    expect(budget.take(1)).toBe(false);
    now = 0;
    expect(budget.take(1)).toBe(false);
  });

  test('has shares, which end by themselves and with it, and counts what a reading really took', () => {
    const budget = createBudget({ bytes: 100, millis: null }, () => 0);
    const share = budget.share(20);
    expect(share.take(50)).toBe(true);
    share.settle(50, 10);
    expect([share.take(9), share.take(1), share.take(1)]).toEqual([true, true, false]);
    expect([budget.take(80), budget.take(1)]).toEqual([true, false]);
    expect(budget.share(1000).take(1)).toBe(false);
  });
});

test('nothing is read twice while others wait, however small the budget of a night is', async () => {
  await fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 120 }),
      (sizes, bytes) => {
        // Every night each database has a new copy, so that only its turn tells how long it has waited.
        const lastReadAt: (string | null)[] = sizes.map(() => null);
        const readings: number[] = [];
        for (let night = 0; readings.length < sizes.length * 3; night += 1) {
          const budget = createBudget({ bytes, millis: null }, () => 0);
          const turns = sizes.map((size, database) => ({
            isDecided: false,
            lastReadAt: lastReadAt[database] ?? null,
            size,
            database,
          }));
          for (const { database, size } of inReadingOrder(turns)) {
            if (!budget.take(size)) break;
            readings.push(database);
            lastReadAt[database] = toInstant(night * DAY + readings.length);
          }
        }
        for (let at = 0; at + sizes.length <= readings.length; at += 1) {
          expect(new Set(readings.slice(at, at + sizes.length)).size).toBe(sizes.length);
        }
      },
    ),
  );
});

describe('the next copy to read', () => {
  const whole: Assessment = { integrity: 'complete', holdsAll: true, nameAgrees: true };
  const open: Assessment = { ...whole, integrity: 'unproven' };
  const cut: Assessment = { ...whole, integrity: 'incomplete' };
  const copy = (changes: Partial<SelectedCopy>): SelectedCopy => ({
    structure: open,
    verified: null,
    isDue: false,
    hasChecksum: false,
    isReadWithOthers: false,
    ...changes,
  });
  const next = (...copies: readonly Partial<SelectedCopy>[]) => nextReading(copies.map(copy)).next;

  test('is the newest; none where a reading still counts', () => {
    expect(next({}, {})).toEqual({ index: 0, isDecided: false });
    expect(next({ verified: whole }, {})).toBeNull();
    expect(next()).toBeNull();
  });

  test('can wait where its structure decides, but not where a checksum was recorded', () => {
    expect(next({ structure: whole })).toEqual({ index: 0, isDecided: true });
    expect(next({ structure: whole, hasChecksum: true })).toEqual({ index: 0, isDecided: false });
    expect(next({ verified: whole, isDue: true })).toEqual({ index: 0, isDecided: true });
  });

  test('is the one behind a damaged one, and the damaged one again', () => {
    expect(next({ structure: cut }, {})).toEqual({ index: 1, isDecided: false });
    expect(next({ verified: cut }, {})).toEqual({ index: 1, isDecided: false });
    expect(next({ verified: cut, isDue: true }, {})).toEqual({ index: 0, isDecided: false });
    expect(next({ structure: { ...open, holdsAll: false } }, {})).toEqual({ index: 1, isDecided: false });
  });

  test('ends after four damaged ones, and after sixteen in all', () => {
    expect(next(...Array(4).fill({ verified: cut }), {})).toBeNull();
    const less = { verified: { ...whole, holdsAll: false } };
    expect(next(...Array(15).fill(less), {})).toEqual({ index: 15, isDecided: false });
    expect(next(...Array(16).fill(less), {})).toBeNull();
  });

  test('of those that name no database is one', () => {
    const nameless = { structure: { ...open, nameAgrees: null } };
    const read = { ...nameless, verified: { ...whole, nameAgrees: null } };
    expect(next(nameless, nameless)).toEqual({ index: 0, isDecided: false });
    expect(next(read, nameless, {})).toEqual({ index: 2, isDecided: false });
  });
});
