import { expect, test } from 'vitest';
import { key6 } from '../../../src/evaluate/controls/key-6.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeProvider } from '../key-case.ts';

const damaged = { path: 'new.snap', complete: false, because: 'the archive ends before its checksums' };

test('a good newest snapshot, with what cannot be proven', () => {
  const finding = judgeProvider(key6);
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('who made the file cannot be proven without the seal');
});

test('a damaged newest is named even where an older one serves', () => {
  const finding = judgeProvider(key6, { snapshots: [{ ...damaged, takenAt: ago(DAY) }, { takenAt: ago(2 * DAY) }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('new.snap in dumps (taken 2026-11-21 18:00 UTC): the archive ends before');
  expect(finding.because).toContain('the older vault.snap in dumps (taken 2026-11-20 18:00 UTC) is good');
});

test('a damaged older one takes nothing away', () => {
  const snapshots = [{ ...damaged, takenAt: ago(5 * DAY) }, { takenAt: ago(DAY) }];
  expect(judgeProvider(key6, { snapshots }).status).toBe('pass');
});

test('a damaged one of unknown time may be the newest', () => {
  const finding = judgeProvider(key6, { snapshots: [{ ...damaged, takenAt: null }, {}] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('new.snap in dumps tells no time and may be newer');
});

test.each([
  ['none', { snapshots: [] }, 'no snapshot of it was found'],
  ['one on the lost host', { locationDomain: [{ host: 'install-1' }] }, 'lies in the failure domain that is lost'],
  ['one beside Vault', { providerDomain: [{ host: 'backup-1' }] }, 'lies in the failure domain of the provider itself'],
  ['one of another Vault', { snapshots: [{ mountUuids: ['x'] }] }, 'it is a snapshot of another Vault'],
  ['one from the future', { snapshots: [{ takenAt: ago(-DAY) }] }, 'is dated in the future'],
])('%s is a gap', (_, seen, because) => {
  const finding = judgeProvider(key6, seen);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(because);
});

test('a snapshot from the future takes nothing away from an older one', () => {
  const snapshots = [{ ...damaged, takenAt: ago(-DAY) }, { takenAt: ago(DAY) }];
  expect(judgeProvider(key6, { snapshots }).status).toBe('pass');
});

test('a place that nobody stated turns a pass into unknown, and leaves a gap one', () => {
  expect(judgeProvider(key6, { locationDomain: [] }).status).toBe('unknown');
  expect(judgeProvider(key6, { locationDomain: [], snapshots: [damaged] }).status).toBe('fail');
});

test('only Vault has snapshots', () => {
  expect(judgeProvider(key6, { provider: [{ kind: 'aws-kms' }] }).status).toBe('not-applicable');
  expect(judgeProvider(key6, { provider: 'blind' }).status).toBe('unknown');
});

const schedule = { name: 'daily', untold: null, lastStartedAt: ago(2 * DAY), lastEndedAt: ago(2 * DAY), failed: false };

test('automated snapshots that succeed add nothing to what is found', () => {
  const provider = [{ automatedSnapshots: [schedule] }];
  const finding = judgeProvider(key6, { provider });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('Vault tells of no failure of its automated snapshots (daily)');
  expect(judgeProvider(key6, { provider, snapshots: [] }).status).toBe('fail');
});

test.each([
  ['failed', { failed: true }, 'the last of the automated snapshots of schedule daily failed, as Vault says'],
  ['are too old', { lastEndedAt: ago(8 * DAY) }, 'schedule daily is of 2026-11-14 18:00 UTC, 8 days old'],
])('automated snapshots that %s are a gap beside a good snapshot', (_, different, because) => {
  const finding = judgeProvider(key6, {
    provider: [{ automatedSnapshots: [schedule, { ...schedule, ...different }] }],
  });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(because);
});

test.each([
  ['nothing is told of', { untold: 'permission denied', failed: null, lastEndedAt: null }, 'permission denied'],
  ['that ran never', { failed: null, lastStartedAt: null, lastEndedAt: null }, 'Vault tells of none of the automated'],
])('a schedule %s is unknown', (_, different, because) => {
  const provider = [{ automatedSnapshots: [{ ...schedule, ...different }] }];
  const finding = judgeProvider(key6, { provider });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain(because);
  expect(judgeProvider(key6, { provider, snapshots: [damaged] }).status).toBe('fail');
});

test('a copy of files counts where it is stated that Vault was stopped', () => {
  const copy = { storage: 'file', path: 'vault' } as const;
  const stated = judgeProvider(key6, { snapshots: [{ ...copy, copiedWhileStopped: true }] });
  expect(stated.status).toBe('pass');
  expect(stated.because).toContain('that Vault was stopped while it was made is stated');
  const unstated = judgeProvider(key6, { snapshots: [{ ...copy, copiedWhileStopped: false }] });
  expect(unstated.status).toBe('unknown');
  expect(unstated.because).toContain('a copy of a running one may open nothing');
  expect(judgeProvider(key6, { snapshots: [{ ...copy, complete: false, because: 'it is cut' }] }).status).toBe('fail');
});

test('a snapshot of its Consul counts as one of its own', () => {
  expect(judgeProvider(key6, { snapshots: [{ storage: 'consul' }] }).status).toBe('pass');
});
