import { expect, test } from 'vitest';
import { db5 } from '../../../src/evaluate/controls/db-5.ts';
import { copyOfAge, judgeDatabase, runOfAge } from '../database-case.ts';

const runs = [16, 40, 64].map((hours) => runOfAge(hours));
const copies = [16, 40, 64].map((hours) => copyOfAge(hours));

test('every recorded artifact is there', () => {
  const finding = judgeDatabase(db5, { runs, copies });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('all 3 runs');
});

test('a pass says only what was compared', () => {
  const because = (run: object, copy: object) =>
    judgeDatabase(db5, { runs: [runOfAge(16, run), runOfAge(40)], copies: [copyOfAge(16, copy), copyOfAge(40)] })
      .because;
  expect(because({}, {})).toContain('size as recorded in all, no checksum was compared');
  expect(because({ artifactBytes: null }, {})).toContain('size as recorded in 1, no checksum was compared');
  expect(because({ sha256: 'ab12'.repeat(16) }, { sha256: null })).toContain('no checksum was compared');
  expect(because({ sha256: 'ab12'.repeat(16) }, { sha256: 'ab12'.repeat(16) })).toContain(
    'size as recorded in all, checksum as recorded in 1',
  );
});

test('a missing artifact is named with its run and size', () => {
  const finding = judgeDatabase(db5, { runs, copies: copies.slice(0, 2) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    '1 run of 3 recorded as successful: the run of 2026-11-20 02:00 UTC recorded file:///dumps/tenant_acme-64h.dump (976.6 KiB), which is in no configured location',
  );
});

test('another size or checksum than recorded is a gap', () => {
  const smaller = [copyOfAge(16, { bytes: 999_999 })];
  expect(judgeDatabase(db5, { runs: runs.slice(0, 1), copies: smaller }).because).toContain(
    '(999999 bytes) instead of',
  );
  const recorded = [runOfAge(16, { sha256: 'AB12'.repeat(16) })];
  expect(judgeDatabase(db5, { runs: recorded, copies: [copyOfAge(16, { sha256: 'ffff'.repeat(16) })] }).status).toBe(
    'fail',
  );
  expect(judgeDatabase(db5, { runs: recorded, copies: [copyOfAge(16, { sha256: 'ab12'.repeat(16) })] }).status).toBe(
    'pass',
  );
});

test('a good copy in a second location serves where the first differs', () => {
  const both = [copyOfAge(16, { bytes: 1 }), copyOfAge(16, { location: 'bucket' })];
  expect(judgeDatabase(db5, { runs: runs.slice(0, 1), copies: both }).status).toBe('pass');
});

test('one file is not the artifact of runs that recorded different ones', () => {
  const daily = [16, 40].map((hours) => runOfAge(hours, { artifactUri: `s3://b/day-${hours}/t.dump` }));
  const last = copyOfAge(16, { path: 't.dump' });
  const finding = judgeDatabase(db5, { runs: daily, copies: [last] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('2 runs of 2');
  expect(finding.because).toContain('may as well be that of another run');
  expect(judgeDatabase(db5, { runs: daily.slice(0, 1), copies: [last] }).status).toBe('pass');
  const each = [16, 40].map((hours) => copyOfAge(hours, { path: `day-${hours}/t.dump` }));
  expect(judgeDatabase(db5, { runs: daily, copies: [last, ...each] }).status).toBe('pass');
  const gone = judgeDatabase(db5, { runs: daily, copies: [last, ...each.slice(0, 1)] });
  expect(gone).toMatchObject({ status: 'unknown', because: expect.stringContaining('1 run of 2') });
  const proven = daily.map((run, index) => ({ ...run, sha256: index === 0 ? 'aa'.repeat(32) : null }));
  const sums = judgeDatabase(db5, { runs: proven, copies: [{ ...last, sha256: 'aa'.repeat(32) }] });
  expect(sums.because).toContain('1 run of 2');
  const smaller = judgeDatabase(db5, { runs: daily, copies: [{ ...last, bytes: 1 }] });
  expect(smaller.status).toBe('fail');
});

test('runs past the retention of their plan are not looked for; without a plan it is 30 days', () => {
  const old = runOfAge(31 * 24);
  expect(judgeDatabase(db5, { runs: [...runs, old], copies }).status).toBe('pass');
  expect(judgeDatabase(db5, { runs: [...runs, old], copies, installPlans: [{ retentionDays: 90 }] }).status).toBe(
    'fail',
  );
  const unplanned = runOfAge(29 * 24, { planId: null });
  expect(judgeDatabase(db5, { runs: [...runs, unplanned], copies, installPlans: [{ retentionDays: 7 }] }).status).toBe(
    'fail',
  );
});

test('without a plan it is what the policy says; the finding tells where that was set', () => {
  const unplanned = runOfAge(40 * 24, { planId: null });
  const judge = (policy: Parameters<typeof judgeDatabase>[1]['policy'], run = unplanned) =>
    judgeDatabase(db5, { runs: [run], copies, installPlans: [{ retentionDays: 7 }], ...(policy && { policy }) });
  expect(judge(undefined)).toMatchObject({ status: 'not-applicable', limit: { value: 30, origin: 'default' } });
  expect(judge({ limits: { retentionDays: 90 } })).toMatchObject({
    status: 'fail',
    limit: { value: 90, origin: 'policy' },
  });
  expect(judge({ limits: { retentionDays: 90 } }, runOfAge(88))).toMatchObject({
    status: 'fail',
    limit: { value: 7, origin: 'plan plan-1' },
  });
});

test('a run that records no artifact is unknown, a missing one beside it a gap', () => {
  const silent = runOfAge(16, { artifactUri: null });
  expect(judgeDatabase(db5, { runs: [silent], copies }).status).toBe('unknown');
  expect(judgeDatabase(db5, { runs: [silent, runOfAge(88)], copies }).status).toBe('fail');
});

test('failed and running runs promise nothing; none at all does not apply', () => {
  const none = [runOfAge(16, { status: 'failed' }), runOfAge(1, { status: 'running' })];
  expect(judgeDatabase(db5, { runs: none, copies }).status).toBe('not-applicable');
  expect(judgeDatabase(db5, { runs: [], copies }).status).toBe('not-applicable');
});

test('what was not read is unknown, except what another look could not mend', () => {
  expect(judgeDatabase(db5, { runs: 'blind', copies }).status).toBe('unknown');
  expect(judgeDatabase(db5, { runs, copies: 'blind' }).status).toBe('unknown');
});
