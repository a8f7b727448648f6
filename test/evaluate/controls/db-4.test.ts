import { expect, test } from 'vitest';
import { db4 } from '../../../src/evaluate/controls/db-4.ts';
import { HOUR, MINUTE } from '../../../src/model/instant.ts';
import { copyOfAge, judgeDatabase, runOfAge } from '../database-case.ts';
import { ago } from '../fixture.ts';

const noCopies = { copies: [] } as const;
/** 02:00 UTC is 16 h before the clock. */
const lastNight = runOfAge(16);
const nights = [16, 40, 64, 88].map((hours) => runOfAge(hours));

test('last night’s run succeeded', () => {
  const finding = judgeDatabase(db4, { ...noCopies, runs: nights });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('due by 2026-11-22 02:00 UTC succeeded');
});

test('no run since it was due is a gap that names plan, schedule and zone', () => {
  const finding = judgeDatabase(db4, { ...noCopies, runs: nights.slice(1) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(
    'plan plan-1 (0 2 * * *, UTC) was due 2026-11-22 02:00 UTC; no run is recorded since',
  );
});

test('a failed run is a gap with its error, a retry mends it', () => {
  const failed = runOfAge(16, { status: 'failed', error: 'no space left on device' });
  const finding = judgeDatabase(db4, { ...noCopies, runs: [failed, ...nights.slice(1)] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('no space left on device');
  expect(judgeDatabase(db4, { ...noCopies, runs: [failed, runOfAge(14)] }).status).toBe('pass');
});

test('a run that is recorded for later than now is none', () => {
  expect(judgeDatabase(db4, { ...noCopies, runs: [runOfAge(-48), ...nights.slice(1)] }).status).toBe('fail');
  expect(judgeDatabase(db4, { ...noCopies, runs: [runOfAge(-0.05), ...nights.slice(1)] }).status).toBe('pass');
});

test('a skipped run is none', () => {
  expect(judgeDatabase(db4, { ...noCopies, runs: [runOfAge(16, { status: 'skipped' })] }).status).toBe('fail');
});

test('a run is late only after its grace', () => {
  const plan = (schedule: string) => ({ ...noCopies, installPlans: [{ schedule }], runs: [runOfAge(24.25)] });
  expect(judgeDatabase(db4, plan('45 17 * * *')).status).toBe('pass');
  expect(judgeDatabase(db4, plan('45 16 * * *')).status).toBe('fail');
});

test('a plan that never comes due keeps no schedule, and leaves that of another plan to be kept', () => {
  const never = { planId: 'plan-0', schedule: '0 0 31 2 *' };
  const alone = judgeDatabase(db4, { ...noCopies, installPlans: [never], runs: nights });
  expect(alone.status).toBe('not-applicable');
  expect(alone.because).toContain('never comes due');
  const both = { ...noCopies, installPlans: [never, {}] };
  expect(judgeDatabase(db4, { ...both, runs: nights }).status).toBe('pass');
  expect(judgeDatabase(db4, { ...both, runs: nights.slice(1) }).status).toBe('fail');
});

test('the plan’s own time zone tells what is due', () => {
  // 01:00 in Tokyo is 16:00 UTC the day before.
  const plans = [{ schedule: '0 1 * * *', timezone: 'Asia/Tokyo' }];
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plans, runs: [runOfAge(25)] }).status).toBe('fail');
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plans, runs: [runOfAge(1)] }).status).toBe('pass');
});

test('the night clocks go back in Berlin has one run', () => {
  const installPlans = [{ schedule: '30 2 * * *', timezone: 'Europe/Berlin' }];
  const at = (started: string) => ({
    ...noCopies,
    installPlans,
    runs: [{ startedAt: started, finishedAt: started }],
    asOf: '2026-10-25T04:00:00.000Z',
  });
  // On 2026-10-25 the hour from 02:00 to 03:00 comes twice: a run in either of them keeps the schedule.
  expect(judgeDatabase(db4, at('2026-10-25T00:30:00.000Z')).status).toBe('pass');
  expect(judgeDatabase(db4, at('2026-10-23T00:30:00.000Z')).status).toBe('fail');
});

test('a copy proves the run that no record tells of', () => {
  expect(judgeDatabase(db4, { copies: [copyOfAge(15.9)], runs: [] }).status).toBe('pass');
  expect(judgeDatabase(db4, { copies: [copyOfAge(40)], runs: [] }).status).toBe('fail');
  const wide = { notBefore: ago(30 * HOUR), notAfter: ago(5 * HOUR), origin: 'zone not known' };
  expect(judgeDatabase(db4, { copies: [copyOfAge(15, { moment: wide })], runs: [] }).status).toBe('unknown');
  expect(judgeDatabase(db4, { copies: [copyOfAge(15, { integrity: 'incomplete' })], runs: [] }).status).toBe('fail');
});

test('a run that is going is no gap; one going for longer than three usual durations is', () => {
  const usual = [40, 64, 88].map((hours) => runOfAge(hours, { finishedAt: ago((hours - 2) * HOUR) }));
  const going = (hours: number) => ({
    ...noCopies,
    installPlans: [{ schedule: '0 11 * * *' }],
    runs: [...usual, runOfAge(hours, { status: 'running' })],
  });
  expect(judgeDatabase(db4, going(5)).status).toBe('pass');
  const stuck = judgeDatabase(db4, going(7));
  expect(stuck.status).toBe('fail');
  expect(stuck.because).toContain(
    'run run-7h has been running since 2026-11-22 11:00 UTC, 7 h old; after 6 h it counts as stuck',
  );
});

test('minutes are not taken for stuck, and a forgotten record is none', () => {
  const short = [40, 64, 88].map((hours) => runOfAge(hours, { finishedAt: ago(hours * HOUR - MINUTE) }));
  const plan = [{ schedule: '20 17 * * *' }];
  const going = runOfAge(2 / 3, { status: 'running' });
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plan, runs: [...short, runOfAge(24), going] }).status).toBe(
    'pass',
  );
  const forgotten = runOfAge(500, { status: 'running' });
  expect(judgeDatabase(db4, { ...noCopies, runs: [lastNight, forgotten] }).status).toBe('pass');
});

test('two failures in a row are a gap although another run is going', () => {
  const failed = [40, 64].map((hours) => runOfAge(hours, { status: 'failed', error: 'denied' }));
  const finding = judgeDatabase(db4, {
    ...noCopies,
    runs: [runOfAge(16, { status: 'running' }), ...failed, runOfAge(88)],
  });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('the latest 2 runs failed');
  expect(judgeDatabase(db4, { ...noCopies, runs: [lastNight, ...failed] }).status).toBe('pass');
});

test.each([
  ['no plan', []],
  ['a disabled plan', [{ enabled: false }]],
  ['a continuous plan', [{ schedule: 'continuous' }]],
  ['a plan made an hour ago', [{ createdAt: ago(HOUR) }]],
])('does not apply to %s', (_, installPlans) => {
  expect(judgeDatabase(db4, { installPlans }).status).toBe('not-applicable');
});

test.each([[{ schedule: 'now and then' }], [{ schedule: null }], [{ timezone: 'Mars/Olympus' }]])(
  'a schedule that is not understood is unknown: %j',
  (plan) => {
    expect(judgeDatabase(db4, { installPlans: [plan], runs: nights }).status).toBe('unknown');
  },
);

test('a time zone that is not known is named, and not the schedule that is well written', () => {
  const because = (plan: object) => judgeDatabase(db4, { installPlans: [plan], runs: nights }).because;
  expect(because({ timezone: 'Mars/Base' })).toContain('the time zone of plan plan-1 is not known: Mars/Base');
  expect(because({ timezone: 'Mars/Base' })).not.toContain('0 2 * * *');
  expect(because({ timezone: 'Mars/Base', schedule: 'now' })).toContain(
    'the schedule of plan plan-1 is not understood',
  );
});

test('an interval wants a run within it', () => {
  const plan = [{ schedule: 'PT6H' }];
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plan, runs: [runOfAge(6.5)] }).status).toBe('pass');
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plan, runs: [runOfAge(8)] }).status).toBe('fail');
});

test('every plan must be kept, each by its own runs', () => {
  const plans = [{}, { planId: 'weekly', schedule: '0 3 * * 0' }];
  const finding = judgeDatabase(db4, { ...noCopies, installPlans: plans, runs: [lastNight] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('plan weekly');
  const weekly = runOfAge(15, { planId: 'weekly' });
  expect(judgeDatabase(db4, { ...noCopies, installPlans: plans, runs: [lastNight, weekly] }).status).toBe('pass');
});

test('runs that were not read are unknown, as are plans', () => {
  expect(judgeDatabase(db4, { ...noCopies, runs: 'blind' }).status).toBe('unknown');
  expect(judgeDatabase(db4, { runs: nights, installPlans: 'blind' }).status).toBe('unknown');
});
