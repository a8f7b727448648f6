import { expect, test } from 'vitest';
import { db1 } from '../../../src/evaluate/controls/db-1.ts';
import { judgeDatabase } from '../database-case.ts';
import { evidence, INSTALL, INSTALL_DATABASE, judge, node, scopeOf } from '../fixture.ts';

test.each(['all', 'cluster', 'tenant-database'] as const)(
  'an enabled plan for %s covers a tenant database',
  (covers) => {
    const finding = judgeDatabase(db1, { installPlans: [{ covers }] });
    expect(finding).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(finding.because).toContain('plan plan-1 covers it (pg_dump, schedule 0 2 * * *)');
  },
);

test('an organization’s own plan covers it', () => {
  expect(judgeDatabase(db1, { installPlans: [], ownPlans: [{ covers: 'tenant-database' }] }).status).toBe('pass');
});

test('a plan for the install database does not cover a tenant database, and the other way round', () => {
  expect(judgeDatabase(db1, { installPlans: [{ covers: 'install-database' }] }).status).toBe('fail');
  const scope = scopeOf({ install: { evidence: [evidence('backup-plan', INSTALL, [{ covers: 'tenant-database' }])] } });
  expect(judge(db1, node(INSTALL_DATABASE), scope).status).toBe('fail');
});

test('a disabled plan is a gap that names the plan', () => {
  const finding = judgeDatabase(db1, { installPlans: [{ enabled: false }] });
  expect(finding).toMatchObject({ status: 'fail', because: 'plan plan-1 covers it and is disabled' });
});

test.each(['0 0 31 2 *', '0 3 31 4,6,9,11 *'])('a plan that never comes due (%s) covers nothing', (schedule) => {
  const finding = judgeDatabase(db1, { installPlans: [{ schedule }] });
  expect(finding).toMatchObject({
    status: 'fail',
    because: `plan plan-1 covers it and never comes due (schedule ${schedule})`,
  });
  expect(judgeDatabase(db1, { installPlans: [{ schedule }, { planId: 'plan-2' }] }).status).toBe('pass');
});

test('a plan of every leap day comes due', () => {
  expect(judgeDatabase(db1, { installPlans: [{ schedule: '0 0 29 2 *' }] }).status).toBe('pass');
});

test('a schedule that nobody understands is told as that, and a plan that is understood is named before it', () => {
  const nightly = { planId: 'nightly', schedule: 'every night' };
  const finding = judgeDatabase(db1, { installPlans: [nightly] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain(
    'plan nightly is enabled and covers it (pg_dump), and when it comes due cannot be told',
  );
  expect(finding.because).toContain('the schedule of plan nightly is not understood: every night');
  const both = judgeDatabase(db1, { installPlans: [nightly, { planId: 'plan-2' }] });
  expect(both.because).toContain('plan plan-2 covers it (pg_dump, schedule 0 2 * * *)');
  const elsewhere = judgeDatabase(db1, { installPlans: [{ timezone: 'Mars/Base' }] });
  expect(elsewhere.because).toContain('the time zone of plan plan-1 is not known: Mars/Base');
});

test('an empty inventory is not a gap of every database; a declared plan passes as declared', () => {
  expect(judgeDatabase(db1, { installPlans: [] }).status).toBe('not-applicable');
  const declared = judgeDatabase(db1, { installPlans: [], declaredPlans: [{ planId: 'nightly' }] });
  expect(declared).toMatchObject({ status: 'pass', grade: 'declared' });
});

test('an inventory that did not answer is unknown, unless a plan that covers was seen', () => {
  expect(judgeDatabase(db1, { installPlans: 'blind' }).status).toBe('unknown');
  expect(judgeDatabase(db1, { installPlans: [{}], ownPlans: 'blind' }).status).toBe('pass');
  expect(judgeDatabase(db1, { installPlans: [{ enabled: false }], ownPlans: 'blind' }).status).toBe('unknown');
});

test.each(['streaming replication', 'Hot standby', 'logical replica'])('a plan of %s alone makes no copy', (method) => {
  const finding = judgeDatabase(db1, { installPlans: [{ method, schedule: 'continuous' }] });
  expect(finding).toMatchObject({
    status: 'fail',
    because: 'no plan of the inventory and no declared plan covers it; replication (plan plan-1) is no copy',
  });
  const disabled = judgeDatabase(db1, { installPlans: [{ method }, { planId: 'plan-2', enabled: false }] });
  expect(disabled.because).toBe('plan plan-2 covers it and is disabled; replication (plan plan-1) is no copy');
  expect(judgeDatabase(db1, { installPlans: [{ method }, { planId: 'plan-2' }] }).status).toBe('pass');
});

test.each([
  'pg_dump of the standby',
  'pgBackRest, from a replica',
  'pg_basebackup (standby)',
  'replicated ZFS snapshots',
])('a plan of %s makes copies', (method) => {
  expect(judgeDatabase(db1, { installPlans: [{ method }] }).status).toBe('pass');
});
