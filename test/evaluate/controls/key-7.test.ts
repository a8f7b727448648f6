import { expect, test } from 'vitest';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import { key7 } from '../../../src/evaluate/controls/key-7.ts';
import { DAY, HOUR, MINUTE } from '../../../src/model/instant.ts';
import { DEFAULT_FACTS } from '../default-facts.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring } from '../key-case.ts';

const rotated = {
  records: [{ version: 1, state: 'retired', retiredAt: ago(DAY) } as const, { version: 2, createdAt: ago(DAY) }],
  key: [
    {
      latestVersion: 2,
      versions: [
        { version: 1, createdAt: '2025-02-01T09:04:00.000Z' },
        { version: 2, createdAt: ago(DAY) },
      ],
    },
  ],
};

test('a snapshot from after the newest version serves, however old the dump is', () => {
  const finding = judgeKeyring(key7);
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('vault.snap in dumps');
  expect(judgeInstallKeyring(key7).status).toBe('pass');
});

test('one from before the rotation does not serve a copy from after it', () => {
  const stale = [{ takenAt: ago(2 * DAY) }];
  const finding = judgeKeyring(key7, { ...rotated, snapshots: stale });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('version 2 of the key, created 2026-11-21 18:00 UTC: no snapshot');
  expect(judgeKeyring(key7, { ...rotated, snapshots: [{ takenAt: ago(HOUR) }] }).status).toBe('pass');
});

test('it does serve a copy from before the rotation', () => {
  const instant = ago(3 * DAY);
  const copies = [{ moment: { notBefore: instant, notAfter: instant, origin: 'test' } }];
  expect(judgeKeyring(key7, { ...rotated, copies, snapshots: [{ takenAt: ago(2 * DAY) }] }).status).toBe('pass');
});

test('a snapshot serves a version that was trimmed only where it is from before the trimming can have been', () => {
  const shown = { latestVersion: 3, minDecryptionVersion: 2, minAvailableVersion: 2 } as const;
  const trimmed = (versions: readonly { version: number; createdAt: string }[], takenAt: string) =>
    judgeKeyring(key7, {
      ...rotated,
      key: [{ ...shown, versions: [...versions] }],
      snapshots: [{ takenAt }],
      copies: [{ moment: { notBefore: ago(3 * DAY), notAfter: ago(3 * DAY), origin: 'test' } }],
    }).status;
  const second = { version: 2, createdAt: ago(DAY) };
  expect(trimmed([second], ago(2 * DAY))).toBe('pass');
  expect(trimmed([second], ago(HOUR))).toBe('unknown');
  expect(trimmed([], ago(2 * DAY))).toBe('unknown');
});

test('nothing tells what a copy older than every record needs, unless these reach back to the first version', () => {
  const second = { version: 2, createdAt: ago(DAY) };
  const at = (days: number) => ({ moment: { notBefore: ago(days * DAY), notAfter: ago(days * DAY), origin: 'test' } });
  const seen = { ...rotated, records: [second], snapshots: [{ takenAt: ago(HOUR) }] };
  expect(judgeKeyring(key7, { ...seen, copies: [at(60)] }).status).toBe('unknown');
  expect(judgeKeyring(key7, { ...seen, copies: [at(0.5), at(60)] })).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining('is older than every record of the key'),
  });
  expect(judgeKeyring(key7, { ...seen, copies: [at(0.5)] }).status).toBe('pass');
  const organizations = [{ createdAt: ago(1.5 * DAY) }];
  const first = { ...seen, organizations, records: [{ version: 1, createdAt: ago(DAY) }, second] };
  expect(judgeKeyring(key7, { ...first, copies: [at(60)] }).status).toBe('not-applicable');
});

test('a copy from before the keyring was moved to a key of another name may need the old one, of which no record is left', () => {
  const at = (days: number) => ({ moment: { notBefore: ago(days * DAY), notAfter: ago(days * DAY), origin: 'test' } });
  const organizations = [{ createdAt: ago(90 * DAY) }];
  const moved = {
    organizations,
    records: [{ version: 1, createdAt: ago(10 * DAY) }],
    key: [{ versions: [{ version: 1, createdAt: ago(10 * DAY) }] }],
  };
  for (const control of [key4, key7]) {
    const finding = judgeKeyring(control, { ...moved, copies: [at(30)] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('it may need another key of which no record is left');
    expect(judgeKeyring(control, { ...moved, copies: [at(5), at(30)] }).status).toBe('unknown');
    expect(judgeKeyring(control, { ...moved, copies: [at(5)] }).status).toBe('pass');
    // From before the organization was provisioned.
    expect(judgeKeyring(control, { ...moved, copies: [at(89.5)] }).status).toBe('not-applicable');
  }
});

test.each([
  ['without the key', { snapshotKeys: [{ present: false }] }],
  ['that is lost with the host', { locationDomain: [{ host: 'install-1' }] }],
  ['that stands beside Vault', { providerDomain: [{ host: 'backup-1' }] }],
  ['that is damaged', { snapshots: [{ complete: false }] }],
])('a snapshot %s is a gap', (_, seen) => {
  expect(judgeKeyring(key7, seen).status).toBe('fail');
});

test('what was not seen is unknown', () => {
  expect(judgeKeyring(key7, { snapshots: 'blind', snapshotKeys: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key7, { locationDomain: [] }).status).toBe('unknown');
  expect(judgeKeyring(key7, { provider: [{ mounts: null }] }).status).toBe('unknown');
  const keyring = { keyringId: 'keyring-install', keyRef: 'install', currentVersion: 1, rotatedAt: null };
  const hidden = [{ minDecryptionVersion: 2, versions: [], latestVersion: 2 }];
  expect(judgeInstallKeyring(key7, { keyrings: [keyring], key: hidden }).because).toContain('nothing tells when');
});

test('in a copy of files the own file of the key tells up to when its versions are there', () => {
  const files = { storage: 'file', copiedWhileStopped: true, takenAt: ago(HOUR) } as const;
  const judged = (writtenAt: string | null) =>
    judgeKeyring(key7, { ...rotated, snapshots: [files], snapshotKeys: [{ takenAt: ago(HOUR), writtenAt }] });
  expect(judged(ago(DAY)).status).toBe('pass');
  expect(judged(ago(2 * HOUR)).status).toBe('pass');
  const older = judged(ago(3 * DAY));
  expect(older.status).toBe('fail');
  expect(older.because).toContain("holds the key's own file as of 2026-11-19 18:00 UTC");
  const untold = judged(null);
  expect(untold.status).toBe('unknown');
  expect(untold.because).toContain("does not tell when the key's own file was written");
});

test('an archive, which keeps whole seconds, does not make a version of a part of a second younger', () => {
  const files = { storage: 'file', copiedWhileStopped: true, takenAt: ago(HOUR) } as const;
  const key = [{ versions: [{ version: 1, createdAt: '2025-02-01T09:04:00.700Z' }] }];
  const at = (writtenAt: string) =>
    judgeKeyring(key7, { key, snapshots: [files], snapshotKeys: [{ takenAt: ago(HOUR), writtenAt }] }).status;
  expect([at('2025-02-01T09:04:00.000Z'), at('2025-02-01T09:03:59.000Z')]).toEqual(['pass', 'fail']);
});

test('one from after the key was made anew holds the new key only', () => {
  const anew = [{ versions: [{ version: 1, createdAt: '2026-03-01T00:00:00.000Z' }] }];
  const at = (takenAt: string) => judgeKeyring(key7, { key: anew, snapshots: [{ takenAt }] }).status;
  expect([at('2026-02-28T00:00:00.000Z'), at('2026-03-02T00:00:00.000Z')]).toEqual(['pass', 'fail']);
  const finding = judgeKeyring(key7, { key: anew, snapshots: [{ takenAt: '2026-03-02T00:00:00.000Z' }] });
  expect(finding.because).toContain('another key stood under its name on 2026-03-01 00:00 UTC');
  expect(finding.remediation).toMatch(/^A snapshot that is taken now holds the new key alone/);
});

test('one from after a version was made anew, the key having gone back, is told to hold it perhaps at most', () => {
  const anew = (created: string) => ({
    records: [
      { version: 1, state: 'retired', retiredAt: ago(5 * DAY) } as const,
      { version: 2, createdAt: ago(5 * DAY) },
    ],
    key: [
      {
        latestVersion: 2,
        versions: [
          { version: 1, createdAt: '2025-02-01T09:04:00.000Z' },
          { version: 2, createdAt: created },
        ],
      },
    ],
  });
  const at = (takenAt: string) => judgeKeyring(key7, { ...anew(ago(2 * DAY)), snapshots: [{ takenAt }] }).status;
  expect([at(ago(3 * DAY)), at(ago(DAY)), at(ago(6 * DAY))]).toEqual(['unknown', 'fail', 'unknown']);
});

test('it is about Vault, and about copies', () => {
  const keyrings = [{ providerKind: 'aws-kms' }];
  expect(judgeKeyring(key7, { keyrings, copies: 'blind', snapshots: 'blind' }).status).toBe('not-applicable');
  expect(judgeKeyring(key7, { copies: [] }).status).toBe('not-applicable');
});

test('a version that only the rows inside a copy name must be in a snapshot, too', () => {
  const instant = ago(3 * DAY);
  const moment = { notBefore: instant, notAfter: instant, origin: 'test' };
  const row = { ...DEFAULT_FACTS['key-version'], version: 1, createdAt: ago(10 * DAY) };
  const seen = {
    records: [{ version: 2, createdAt: ago(DAY) }],
    key: [{ latestVersion: 2, minAvailableVersion: 2, versions: [{ version: 2, createdAt: ago(DAY) }] }],
    copies: [{ moment, keyVersionsInside: { versions: [row], because: null } }],
  };
  expect(judgeKeyring(key7, { ...seen, snapshots: [{ takenAt: ago(5 * DAY) }] }).status).toBe('pass');
  const finding = judgeKeyring(key7, { ...seen, snapshots: [{ takenAt: ago(20 * DAY) }] });
  expect(finding.status).not.toBe('pass');
  expect(finding.because).toContain('version 1 of the key');
});

test('a destroyed version of a key of before condemns what needs it, and not the key that has taken its name since', () => {
  const at = (days: number) => ({ moment: { notBefore: ago(days * DAY), notAfter: ago(days * DAY), origin: 'test' } });
  const anew = {
    records: [
      { version: 1, state: 'destroyed', createdAt: ago(90 * DAY), retiredAt: ago(50 * DAY) } as const,
      { version: 1, createdAt: ago(40 * DAY) },
    ],
    key: [{ createdAt: ago(41 * DAY), versions: [{ version: 1, createdAt: ago(41 * DAY) }] }],
  };
  expect(judgeKeyring(key7, { ...anew, copies: [at(1)] }).status).toBe('pass');
  expect(judgeKeyring(key7, { ...anew, copies: [at(1), at(60)] })).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('another key stood under its name'),
  });
});

test('of a snapshot from about the moment by which the version was made it says so', () => {
  const atOnce = judgeKeyring(key7, { ...rotated, snapshots: [{ takenAt: ago(DAY) }] });
  expect(atOnce).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining('it was taken at about the moment by which that was made, so take another one'),
  });
  const byConsul = judgeKeyring(key7, { ...rotated, snapshots: [{ takenAt: ago(DAY - MINUTE), storage: 'consul' }] });
  expect(byConsul.because).toContain('by the clock of another server');
});
