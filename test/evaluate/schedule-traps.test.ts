import { describe, expect, test } from 'vitest';
import { db3 } from '../../src/evaluate/controls/db-3.ts';
import { db4 } from '../../src/evaluate/controls/db-4.ts';
import { db10 } from '../../src/evaluate/controls/db-10.ts';
import { resolveLimit } from '../../src/evaluate/limits.ts';
import { periodAt, runsDue } from '../../src/evaluate/periods.ts';
import { parseSchedule } from '../../src/evaluate/schedule.ts';
import { HOUR } from '../../src/model/instant.ts';
import { copyOfAge, judgeDatabase, runOfAge } from './database-case.ts';
import { ago, CLUSTER, evidence, policyOf, TENANT_DATABASE } from './fixture.ts';

/** Where schedules are easily read wrong: clocks that change, units, what is newest, what is young. */

const berlin = (schedule: string) => ({ schedule, timezone: 'Europe/Berlin' });
const texts = (due: readonly number[]) => due.map((at) => new Date(at).toISOString().slice(0, 16));
const status = (schedule: string, startedAt: string, asOf: string) =>
  judgeDatabase(db4, {
    copies: [],
    installPlans: [berlin(schedule)],
    runs: [{ startedAt, finishedAt: startedAt }],
    asOf,
  }).status;

describe('on the night clocks go forward', () => {
  test('a run that falls into the hour that is left out is due when that hour would begin', () => {
    expect(texts(runsDue(berlin('30 2 * * *'), '2026-03-28T12:00:00.000Z', '2026-03-30T12:00:00.000Z'))).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  test('such a run keeps the schedule whether its scheduler made it then or half an hour later', () => {
    const asOf = '2026-03-29T06:00:00.000Z';
    expect(status('30 2 * * *', '2026-03-29T01:00:30.000Z', asOf)).toBe('pass');
    expect(status('30 2 * * *', '2026-03-29T01:30:00.000Z', asOf)).toBe('pass');
    expect(status('30 2 * * *', '2026-03-28T01:30:00.000Z', asOf)).toBe('fail');
  });

  test('it is not late before its grace has passed', () => {
    expect(status('30 2 * * *', '2026-03-28T01:30:00.000Z', '2026-03-29T01:59:00.000Z')).toBe('pass');
    expect(status('30 2 * * *', '2026-03-28T01:30:00.000Z', '2026-03-29T02:01:00.000Z')).toBe('fail');
  });

  test('the day has 23 hours, and a nightly copy in it leaves no hole', () => {
    expect(periodAt(berlin('30 4 * * *'), '2026-03-28T12:00:00.000Z')).toBe(23 * HOUR);
    const nights = Array.from({ length: 10 }, (_, night) => {
      const day = 23 + night;
      const at = `2026-03-${String(day).padStart(2, '0')}T0${day < 29 ? 3 : 2}:30:00.000Z`;
      return { path: `${night}.dump`, modifiedAt: at, moment: { notBefore: at, notAfter: at, origin: 'fixture' } };
    }).slice(0, 9);
    const plan = { ...berlin('30 4 * * *'), retentionDays: 7 };
    const judge = (copies: typeof nights) =>
      judgeDatabase(db10, {
        copies,
        installPlans: [plan],
        asOf: '2026-03-31T12:00:00.000Z',
        installMore: [
          evidence('archiver', CLUSTER, [{ mode: 'off', lastArchivedWal: null }]),
          evidence('wal-archive', CLUSTER, []),
        ],
      });
    expect(judge(nights).status, judge(nights).because).toBe('pass');
    const lacking = judge(nights.filter((copy) => !copy.modifiedAt.startsWith('2026-03-28')));
    expect(lacking.status).toBe('fail');
    expect(lacking.because).toContain('2026-03-28 03:30 UTC to 2026-03-29 02:30 UTC');
  });
});

describe('on the night clocks go back', () => {
  test('a run in the hour that comes twice is due once, in the first', () => {
    expect(texts(runsDue(berlin('30 2 * * *'), '2026-10-24T12:00:00.000Z', '2026-10-26T12:00:00.000Z'))).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    const asOf = '2026-10-25T06:00:00.000Z';
    expect(status('30 2 * * *', '2026-10-25T00:30:00.000Z', asOf)).toBe('pass');
    expect(status('30 2 * * *', '2026-10-25T01:30:00.000Z', asOf)).toBe('pass');
    expect(status('30 2 * * *', '2026-10-24T00:30:00.000Z', asOf)).toBe('fail');
  });

  test('the day has 25 hours: the run of the day before is not late in its last one', () => {
    expect(periodAt(berlin('30 4 * * *'), '2026-10-24T12:00:00.000Z')).toBe(25 * HOUR);
    expect(status('30 4 * * *', '2026-10-24T02:30:00.000Z', '2026-10-25T04:29:00.000Z')).toBe('pass');
    expect(status('30 4 * * *', '2026-10-24T02:30:00.000Z', '2026-10-25T04:31:00.000Z')).toBe('fail');
  });

  test('hourly runs are due in both hours of the same name', () => {
    expect(runsDue(berlin('0 * * * *'), '2026-10-24T23:59:00.000Z', '2026-10-25T03:00:00.000Z')).toHaveLength(4);
  });
});

describe('units', () => {
  test('the grace of a run is in minutes, the objective in hours', () => {
    const limits = { runGraceMinutes: 90, databaseRpoHours: 90 };
    const policy = policyOf({ limits });
    const late = (minutes: number) =>
      judgeDatabase(db4, {
        copies: [],
        runs: [runOfAge(40)],
        asOf: new Date(Date.parse('2026-11-22T02:00:00.000Z') + minutes * 60_000).toISOString(),
        policy,
      }).status;
    expect([late(89), late(91)]).toEqual(['pass', 'fail']);
    const old = (hours: number) => judgeDatabase(db3, { copies: [copyOfAge(hours)], runs: [], policy }).status;
    expect([old(89), old(91)]).toEqual(['pass', 'fail']);
    expect(resolveLimit('runGraceMinutes', policy, TENANT_DATABASE).text).toContain('90 min');
    expect(resolveLimit('databaseRpoHours', policy, TENANT_DATABASE).text).toContain('90 h');
  });
});

describe('the newest copy', () => {
  const at = (hours: number) => ({ notBefore: ago(hours * HOUR), notAfter: ago(hours * HOUR), origin: 'inside' });

  test('is so by what it holds, not by the time of its file', () => {
    const copiedAgain = copyOfAge(80, { modifiedAt: ago(HOUR) });
    expect(judgeDatabase(db3, { copies: [copiedAgain], runs: [] }).status).toBe('fail');
    const oldFile = copyOfAge(80, { moment: at(2) });
    expect(judgeDatabase(db3, { copies: [oldFile, copiedAgain], runs: [] }).because).toContain('2 h old');
  });

  test('keeps no schedule by the time of its file either', () => {
    const copiedAgain = copyOfAge(40, { modifiedAt: ago(HOUR) });
    expect(judgeDatabase(db4, { copies: [copiedAgain], runs: [] }).status).toBe('fail');
  });
});

test('a newest run that failed is told, and the good copy from before still counts', () => {
  const seen = {
    copies: [copyOfAge(20)],
    runs: [runOfAge(16, { status: 'failed', error: 'no space left' }), runOfAge(40)],
  };
  expect(judgeDatabase(db4, seen)).toMatchObject({ status: 'fail', because: expect.stringContaining('no space left') });
  expect(judgeDatabase(db3, seen).status).toBe('pass');
});

describe('an organization made after the last run', () => {
  const since = (hours: number) => ({ copies: [], runs: [], organizations: [{ createdAt: ago(hours * HOUR) }] });

  test('is asked for no run that was due before it was there', () => {
    expect(judgeDatabase(db4, since(15)).status).toBe('not-applicable');
    expect(judgeDatabase(db3, since(15)).status).toBe('not-applicable');
  });

  test('is asked for the first that came after', () => {
    expect(judgeDatabase(db4, since(17)).status).toBe('fail');
    expect(judgeDatabase(db3, since(17)).status).toBe('fail');
  });
});

describe('a database made after the last run, of an older organization', () => {
  const since = (hours: number, more: Parameters<typeof judgeDatabase>[1] = {}) =>
    judgeDatabase(db4, { copies: [], runs: [], states: [{ createdAt: ago(hours * HOUR) }], ...more });

  test('is asked for no run that was due before it was there', () => {
    expect(since(15)).toMatchObject({
      status: 'not-applicable',
      because: expect.stringContaining('no run was due yet'),
    });
    const rows = [{ createdAt: ago(15 * HOUR) }];
    expect(judgeDatabase(db4, { copies: [], runs: [], rows, states: 'blind' }).status).toBe('not-applicable');
  });

  test('is asked for the first that came after', () => {
    expect(since(17).status).toBe('fail');
    expect(
      judgeDatabase(db4, { copies: [], runs: [], rows: [{ createdAt: ago(17 * HOUR) }], states: 'blind' }).status,
    ).toBe('fail');
  });

  test('is excused by no date in the future, and by none of another database', () => {
    expect(since(-2).status).toBe('fail');
    const rows = [{ databaseName: 'tenant_acme_old', createdAt: ago(15 * HOUR) }];
    expect(judgeDatabase(db4, { copies: [], runs: [], rows }).status).toBe('fail');
  });

  test('was there for a run that was started, whatever became of it', () => {
    expect(since(15, { runs: [runOfAge(16, { status: 'failed', error: 'no space left' })] }).status).toBe('fail');
    expect(since(15, { runs: [runOfAge(16)] }).status).toBe('pass');
  });

  test('may be it where nobody tells when it was made and nothing is left of a run', () => {
    expect(judgeDatabase(db4, { copies: [], runs: [], states: 'blind' }).status).toBe('unknown');
    expect(judgeDatabase(db4, { states: 'blind' }).status).toBe('pass');
  });
});

describe('names of crontab(5)', () => {
  const plan = (schedule: string) => parseSchedule({ schedule, timezone: 'UTC' });
  test.each([
    ['@yearly', '2027-01-01T00:00:00.000Z'],
    ['@annually', '2027-01-01T00:00:00.000Z'],
    ['@monthly', '2026-12-01T00:00:00.000Z'],
    ['@weekly', '2026-11-29T00:00:00.000Z'],
    ['@daily', '2026-11-24T00:00:00.000Z'],
    ['@midnight', '2026-11-24T00:00:00.000Z'],
    [' @Hourly ', '2026-11-23T12:00:00.000Z'],
  ])('%s comes due as it says', (schedule, expected) => {
    const parsed = plan(schedule);
    expect(parsed.kind === 'cron' ? parsed.next('2026-11-23T11:30:00.000Z') : parsed.kind).toBe(expected);
  });

  test.each(['@reboot', '@fortnightly', '@', '@constructor'])('%s tells no time', (schedule) => {
    expect(plan(schedule).kind).toBe('not understood');
  });
});
