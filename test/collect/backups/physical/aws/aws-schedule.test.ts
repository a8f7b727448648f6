import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronOfAws } from '../../../../../src/collect/backups/physical/aws/aws-schedule.ts';
import { parseSchedule } from '../../../../../src/evaluate/schedule.ts';
import { toInstant, toMillis } from '../../../../../src/model/instant.ts';

describe('schedules of AWS', () => {
  it.each([
    ['cron(0 5 ? * * *)', '0 5 * * *'],
    ['cron(15 10 * * ? *)', '15 10 * * *'],
    ['cron(0 18 ? * MON-FRI *)', '0 18 * * 1-5'],
    ['cron(0 8 1 * ? *)', '0 8 1 * *'],
    ['cron(0/15 * * * ? *)', '0-59/15 * * * *'],
    ['cron(0 2 ? * 1,7 *)', '0 2 * * 0,6'],
    ['cron(0 2 ? JAN-MAR SUN *)', '0 2 * 1-3 0'],
    ['rate(12 hours)', 'PT12H'],
    ['rate(1 day)', 'P1D'],
  ])('translates %s', (aws, cron) => {
    expect(cronOfAws(aws)).toBe(cron);
    expect(parseSchedule({ schedule: cron, timezone: 'UTC' }).kind).toMatch(/^(cron|interval)$/);
  });

  it.each([
    'cron(0 5 ? * * 2027)',
    'cron(0 5 L * ? *)',
    'cron(0 5 15W * ? *)',
    'cron(0 5 ? * 2#1 *)',
    'cron(0 5 ? * FRI-MON *)',
    'cron(0 5 1 * MON *)',
    'cron(? 5 * * ? *)',
    'cron(60 5 * * ? *)',
    'cron(0 5 * * ?)',
    'rate(0 days)',
    '0 5 * * *',
    '',
  ])('does not guess %s', (aws) => {
    expect(cronOfAws(aws)).toBeNull();
  });

  it('names the same minutes of the week as AWS would, whatever the fields', () => {
    const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (minute, hour, weekday, isNamed) => {
          const day = isNamed ? days[weekday - 1] : weekday;
          const schedule = parseSchedule({
            schedule: cronOfAws(`cron(${minute} ${hour} ? * ${day} *)`),
            timezone: 'UTC',
          });
          const next = schedule.kind === 'cron' ? schedule.next('2026-11-22T00:00:00.000Z') : null;
          const date = new Date(toMillis(next ?? toInstant(0)));
          expect([date.getUTCMinutes(), date.getUTCHours(), date.getUTCDay() + 1]).toEqual([minute, hour, weekday]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('answers to any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cron = cronOfAws(`cron(${text})`);
        if (cron !== null) expect(parseSchedule({ schedule: cron, timezone: null }).kind).not.toBe('not understood');
      }),
    );
  });
});
