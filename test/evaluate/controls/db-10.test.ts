import { describe, expect, test } from 'vitest';
import { db10 } from '../../../src/evaluate/controls/db-10.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR, type Instant, MINUTE, toInstant, toMillis } from '../../../src/model/instant.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase, runOfAge } from '../database-case.ts';
import { AS_OF, ago, CLUSTER, evidence } from '../fixture.ts';

interface Case extends DatabaseCase {
  readonly archiver?: Partial<Facts['archiver']> | 'blind';
  readonly archives?: readonly Partial<Facts['wal-archive']>[] | 'blind';
}

const NO_ARCHIVING = { mode: 'off', currentWal: '00000001000000000000000A', lastArchivedWal: null } as const;

function judge(seen: Case) {
  const { archiver = NO_ARCHIVING, archives = [] } = seen;
  return judgeDatabase(db10, {
    ...seen,
    installMore: [
      archiver === 'blind'
        ? evidence('archiver', CLUSTER, [], { blind: true })
        : evidence('archiver', CLUSTER, [archiver]),
      archives === 'blind'
        ? evidence('wal-archive', CLUSTER, [], { blind: true })
        : evidence('wal-archive', CLUSTER, archives),
    ],
  });
}

const at = (moment: Instant, changes: Partial<Facts['copy']> = {}) =>
  copyOfAge((toMillis(AS_OF) - toMillis(moment)) / HOUR, changes);
/** Nightly copies at 02:00 UTC, the newest of them 16 h old. */
const nights = (count: number, without: readonly number[] = []) =>
  Array.from({ length: count }, (_, night) => night)
    .filter((night) => !without.includes(night))
    .map((night) => copyOfAge(16 + night * 24));

describe('a copy in every period', () => {
  test('of the retention', () => {
    const finding = judge({ copies: nights(30) });
    expect(finding).toMatchObject({ status: 'pass', limit: { value: 30, origin: 'plan plan-1' } });
    expect(finding.because).toContain('left a copy that counts in each of 28 periods');
  });

  test('but one is a hole, told by its period', () => {
    const finding = judge({ copies: nights(30, [9]) });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe(
      'plan plan-1 (0 2 * * *, UTC) left no copy that counts in 1 of 28 periods: 2026-11-13 02:00 UTC to 2026-11-14 02:00 UTC',
    );
    expect(judge({ copies: nights(30, [1]) }).status).toBe('fail');
  });

  test('the period that is running now is no hole, nor is the first one of the retention', () => {
    expect(judge({ copies: nights(30, [0]) }).status).toBe('pass');
    expect(judge({ copies: nights(29) }).status).toBe('pass');
    expect(judge({ copies: nights(28) }).status).toBe('fail');
  });

  test('a retention longer than any copy is full of holes', () => {
    const finding = judge({ copies: nights(14), installPlans: [{ retentionDays: 90 }] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('in 75 of 88 periods');
    expect(finding.because).toContain('and 72 before');
    expect(judge({ copies: nights(14), installPlans: [{ retentionDays: 14 }] }).status).toBe('pass');
  });

  test('damaged copies and those of another database fill none', () => {
    const filled = (changes: Partial<Facts['copy']>) => [...nights(30, [9]), copyOfAge(16 + 9 * 24, changes)];
    expect(judge({ copies: filled({}) }).status).toBe('pass');
    expect(judge({ copies: filled({ integrity: 'incomplete' }) }).status).toBe('fail');
    expect(judge({ copies: filled({ nameAgrees: false, foundName: 'other' }) }).status).toBe('fail');
    expect(judge({ copies: filled({ integrity: 'unproven' }) }).status).toBe('unknown');
    expect(judge({ copies: filled({ moment: null }) }).status).toBe('unknown');
  });

  test('a moment that may lie in either of two periods fills neither for certain', () => {
    const moment = {
      notBefore: ago(16 * HOUR + 9 * DAY + HOUR),
      notAfter: ago(16 * HOUR + 9 * DAY - HOUR),
      origin: '',
    };
    expect(judge({ copies: [...nights(30, [9]), copyOfAge(5, { moment })] }).status).toBe('unknown');
  });

  test('a run that starts on time by a clock that is behind fills its own period', () => {
    const early = nights(30, [9]).concat(at(toInstant(toMillis(ago(16 * HOUR + 9 * DAY)) - 60_000)));
    expect(judge({ copies: early }).status).toBe('pass');
  });

  test('a long run that is still going leaves no hole; one that is stuck does', () => {
    const weekly = [{ schedule: '0 2 * * *', retentionDays: 4 }];
    const copies = nights(5, [1]);
    const going = runOfAge(40, { status: 'running' });
    const usual = [64, 88, 112].map((hours) => runOfAge(hours, { finishedAt: ago((hours - 20) * HOUR) }));
    expect(judge({ copies, installPlans: weekly, runs: [...usual, going] }).status).toBe('pass');
    expect(judge({ copies, installPlans: weekly, runs: usual }).status).toBe('fail');
    expect(judge({ copies, installPlans: weekly, runs: [going] }).status).toBe('fail');
  });
});

describe('periods follow the plan’s own calendar', () => {
  /** Dumps at 02:30 in Berlin, whose clocks went back on 2026-10-25. */
  const berlin = (days: number, offset: (day: Instant) => number) =>
    Array.from({ length: days }, (_, day) => {
      const date = ago(16 * HOUR + day * DAY).slice(0, 10);
      return at(toInstant(Date.parse(`${date}T02:30:00Z`) - offset(date) * HOUR));
    });
  const plan = [{ schedule: '30 2 * * *', timezone: 'Europe/Berlin', retentionDays: 40 }];

  test('in its time zone, over the end of summer time', () => {
    const local = berlin(41, (day) => (day < '2026-10-25' ? 2 : 1));
    expect(judge({ copies: local, installPlans: plan }).status).toBe('pass');
    const hole = local.filter((copy) => !copy.modifiedAt?.startsWith('2026-10-25'));
    const finding = judge({ copies: hole, installPlans: plan });
    expect(finding.status).toBe('fail');
    expect(finding.because).toMatch(/2026-10-25 0[01]:30 UTC to 2026-10-26 01:30 UTC/);
  });

  test('on working days only: a weekend is one period', () => {
    const weekdays = [{ schedule: '0 2 * * 1-5', retentionDays: 21 }];
    const workdays = nights(22).filter((copy) => ![0, 6].includes(new Date(copy.modifiedAt ?? '').getUTCDay()));
    expect(judge({ copies: workdays, installPlans: weekdays }).status).toBe('pass');
    expect(judge({ copies: workdays.filter((_, index) => index !== 6), installPlans: weekdays }).status).toBe('fail');
  });

  test('weekly and daily plans each have their own', () => {
    const plans = [{ retentionDays: 14 }, { planId: 'weekly', schedule: '0 2 * * 0', retentionDays: 60 }];
    const weekly = Array.from({ length: 9 }, (_, week) => copyOfAge(16 + week * 7 * 24));
    expect(judge({ copies: [...nights(14), ...weekly], installPlans: plans }).status).toBe('pass');
    const finding = judge({ copies: [...nights(14), ...weekly.toSpliced(4, 1)], installPlans: plans });
    expect(finding.because).toContain('plan weekly (0 2 * * 0, UTC) left no copy that counts in 1 of');
  });

  test('an interval counts from the copy before', () => {
    const hours = (step: number, count: number) =>
      Array.from({ length: count }, (_, index) => copyOfAge(2 + index * step));
    const plan = [{ schedule: 'PT12H', retentionDays: 5 }];
    expect(judge({ copies: hours(12.5, 11), installPlans: plan }).status).toBe('pass');
    const hole = hours(12.5, 11).toSpliced(4, 1);
    expect(judge({ copies: hole, installPlans: plan }).status).toBe('fail');
    const maybe = [...hole, copyOfAge(2 + 4 * 12.5, { integrity: 'unproven' })];
    expect(judge({ copies: maybe, installPlans: plan }).status).toBe('unknown');
    expect(judge({ copies: hours(12.5, 11).slice(1), installPlans: plan }).status).toBe('pass');
    expect(judge({ copies: [], installPlans: plan }).status).toBe('fail');
  });
});

describe('periods begin with the database and the plan', () => {
  test('of a young database', () => {
    const states = [{ createdAt: ago(5 * DAY) }];
    expect(judge({ copies: nights(5), states }).status).toBe('pass');
    expect(judge({ copies: nights(5, [2]), states }).status).toBe('fail');
    expect(judge({ copies: nights(5), states: [{ createdAt: null }], organizations: [] }).status).toBe('unknown');
  });

  test('of a young plan', () => {
    expect(judge({ copies: nights(5), installPlans: [{ createdAt: ago(5 * DAY) }] }).status).toBe('pass');
  });

  test('before the first has ended nothing is asked', () => {
    const finding = judge({ copies: [], states: [{ createdAt: ago(20 * HOUR) }] });
    expect(finding.status).toBe('not-applicable');
    expect(finding.because).toContain('no period of a plan that covers it has ended yet');
  });

  test('no plan, a disabled one or one that replicates has none', () => {
    expect(judge({ installPlans: [] }).status).toBe('not-applicable');
    expect(judge({ installPlans: [{ enabled: false }] }).status).toBe('not-applicable');
    const replica = [{ method: 'streaming replication', schedule: 'continuous' }];
    expect(judge({ installPlans: replica, copies: [] }).status).toBe('not-applicable');
    expect(judge({ installPlans: [{ schedule: 'nightly' }] }).status).toBe('unknown');
  });
});

describe('point-in-time recovery', () => {
  const ON = { mode: 'on' } as const;

  test('is not claimed by dumps', () => {
    expect(judge({ copies: nights(30) }).status).toBe('pass');
    expect(judge({ copies: nights(30), archiver: 'blind' }).status).toBe('unknown');
  });

  test('that is claimed and whose WAL nobody was shown is unknown', () => {
    const finding = judge({ copies: nights(30), archiver: ON });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('the server archives its WAL, and no configured location shows');
    const plans = [{}, { planId: 'pitr', method: 'pgBackRest', schedule: null }];
    expect(judge({ copies: nights(30), ownPlans: plans }).status).toBe('unknown');
    expect(judge({ installPlans: [], archiver: ON, archives: 'blind' }).status).toBe('unknown');
  });

  test('holds over unbroken WAL', () => {
    const finding = judge({ installPlans: [], archiver: ON, archives: [{}] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('the WAL in archive/main/18-1 in repository is unbroken');
  });

  const HOLE = {
    gaps: [{ first: '000000010000000000000004', last: '000000010000000000000005' }],
    missing: 2,
    restorableTo: null,
  };

  test('ends at a hole in the WAL, however fresh the copies are', () => {
    const finding = judge({ copies: nights(30), archiver: ON, archives: [HOLE] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe(
      '2 WAL segments are missing in archive/main/18-1 in repository: 000000010000000000000004 to 000000010000000000000005',
    );
    expect(judge({ copies: nights(30), archives: [HOLE] }).status).toBe('fail');
  });

  test('holds where another place has what is missing', () => {
    const whole = { location: 'second', path: 'archive/main/18-1' };
    expect(judge({ installPlans: [], archiver: ON, archives: [HOLE, whole] }).status).toBe('pass');
    const earlier = { ...whole, location: 'repository', timeline: 2 };
    expect(judge({ installPlans: [], archiver: ON, archives: [HOLE, earlier] }).status).toBe('fail');
  });

  test('ends where the archive ends, though the server archived more', () => {
    const archives = [{ lastSegment: '000000010000000000000006', restorableTo: ago(3 * DAY) }];
    const finding = judge({ installPlans: [], archiver: { ...ON, lastArchivedAt: ago(HOUR) }, archives });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('ends at 000000010000000000000006');
    const soon = [{ lastSegment: '000000010000000000000008', restorableTo: ago(50 * MINUTE) }];
    const lately = { ...ON, lastArchivedAt: ago(14 * MINUTE) };
    expect(judge({ installPlans: [], archiver: lately, archives: soon }).status).toBe('pass');
    const late = judge({ installPlans: [], archiver: { ...ON, lastArchivedAt: ago(16 * MINUTE) }, archives: soon });
    expect(late).toMatchObject({ status: 'fail', limit: { value: 15 } });
    expect(late.because).toContain('the server reports that 000000010000000000000009 was archived');
  });

  test('of another timeline than the server reports is open', () => {
    const archiver = { ...ON, lastArchivedWal: '000000020000000000000009', lastArchivedAt: ago(HOUR) };
    expect(judge({ installPlans: [], archiver, archives: [{}] }).status).toBe('unknown');
    const both = [{}, { timeline: 2, lastSegment: '000000020000000000000009' }];
    expect(judge({ installPlans: [], archiver, archives: both }).status).toBe('pass');
  });

  test('of a service is the range that it promises', () => {
    const window = { timeline: null, firstSegment: null, lastSegment: null, restorableTo: ago(HOUR) };
    expect(judge({ installPlans: [], archiver: ON, archives: [window] }).status).toBe('pass');
  });
});

test('blind copies leave a hole open, blind plans leave nothing certain', () => {
  expect(judge({ copies: 'blind' }).status).toBe('unknown');
  expect(judge({ copies: nights(30), installPlans: 'blind' }).status).toBe('unknown');
});

test('runs that nobody tells of could excuse a recent hole only', () => {
  expect(judge({ copies: nights(30), runs: 'blind' }).status).toBe('pass');
  expect(judge({ copies: nights(30, [9]), runs: 'blind' }).status).toBe('fail');
  expect(judge({ copies: nights(30, [1]), runs: 'blind' }).status).toBe('unknown');
});
