import { describe, expect, test } from 'vitest';
import { key3 } from '../../../src/evaluate/controls/key-3.ts';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import { key7 } from '../../../src/evaluate/controls/key-7.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, type KeyCase } from '../key-case.ts';
import { judgeRecovery } from '../recovery-case.ts';

const TWO = {
  latestVersion: 2,
  versions: [1, 2].map((version) => ({ version, createdAt: '2025-02-01T09:04:00.000Z' })),
};

test('every active version can decrypt', () => {
  const finding = judgeKeyring(key3, { records: [{ version: 1 }, { version: 2 }], key: [TWO] });
  expect(finding).toMatchObject({ status: 'pass' });
  expect(finding.because).toContain('every version needed (1, 2)');
  expect(judgeInstallKeyring(key3).status).toBe('pass');
});

test('a blocked or lost version in use is a gap, lost ones first', () => {
  const key = [{ latestVersion: 2, minDecryptionVersion: 2, versions: [{ version: 2, createdAt: null }] }];
  const finding = judgeKeyring(key3, { records: [{ version: 1 }, { version: 3 }], key });
  expect(finding.status).toBe('fail');
  expect(finding.because).toMatch(/^lost: version 3 .* is 2; blocked: version 1 .* lowering it to 1 brings it back$/);
});

test('retired versions are not in use', () => {
  const key = [{ latestVersion: 2, minDecryptionVersion: 2, versions: [{ version: 2, createdAt: null }] }];
  const records = [{ version: 1, state: 'retired' as const }, { version: 2 }];
  expect(judgeKeyring(key3, { records, key }).status).toBe('pass');
});

test('no record, a record of no version, or nothing seen is unknown', () => {
  expect(judgeKeyring(key3, { records: [] }).status).toBe('unknown');
  expect(judgeKeyring(key3, { records: [{ keyRef: 'other' }] }).status).toBe('unknown');
  const key = [{ latestVersion: 2, versions: [1, 2].map((version) => ({ version, createdAt: null })) }];
  expect(judgeKeyring(key3, { records: [{ version: null }], key }).status).toBe('unknown');
  expect(judgeKeyring(key3, { records: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key3, { key: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key3, { keyrings: [{ keyringId: 'another' }] }).status).toBe('unknown');
});

test('of a key that only ever had one version, a record of no version can mean that one alone', () => {
  expect(judgeKeyring(key3, { records: [{ version: null }] }).status).toBe('pass');
  for (const changes of [{ versions: [] }, { versions: null }, { latestVersion: 2 }]) {
    expect(judgeKeyring(key3, { records: [{ version: null }], key: [changes] }).status).toBe('unknown');
  }
});

test('a provider without versions is asked for the key', () => {
  const key = [{ latestVersion: null, versions: null, minDecryptionVersion: null, minAvailableVersion: null }];
  expect(judgeKeyring(key3, { records: [{ version: null }], key }).because).toContain('the provider can use the key');
});

test('a current version above the newest one in the provider is a gap, whatever the records use', () => {
  const records = [{ version: 1 }, { version: 2 }];
  const keyrings = (currentVersion: number | null) => [{ currentVersion }];
  const finding = judgeKeyring(key3, { records, key: [TWO], keyrings: keyrings(9) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('version 9, which the keyring states as current, does not exist');
  expect(judgeKeyring(key3, { records, key: [TWO], keyrings: keyrings(2) }).status).toBe('pass');
  expect(judgeKeyring(key3, { records, key: [TWO], keyrings: keyrings(1) }).status).toBe('pass');
  expect(judgeKeyring(key3, { records, key: [TWO], keyrings: keyrings(null) }).status).toBe('pass');
  expect(judgeKeyring(key3, { records, key: 'blind', keyrings: keyrings(9) }).status).toBe('unknown');
});

test('a deleted key in a copy of files is blocked, and only perhaps back where its own file is older than its use', () => {
  const files = { storage: 'file', copiedWhileStopped: true, takenAt: ago(HOUR) } as const;
  const judged = (writtenAt: string | null) =>
    judgeKeyring(key3, {
      key: [{ state: 'missing' }],
      records: [{ createdAt: ago(2 * DAY) }],
      snapshots: [files],
      snapshotKeys: [{ takenAt: ago(HOUR), writtenAt }],
    }).because;
  expect(judged(ago(DAY))).toContain('which holds it, brings it back');
  expect(judged(ago(3 * DAY))).toMatch(
    /blocked: .*may bring it back: the file of the key there is from before the record/,
  );
});

test('of a record with a version that there cannot be, nothing is told to bring it back', () => {
  for (const key of [{}, { latestVersion: 2, minDecryptionVersion: 2 }]) {
    for (const control of [key3, key4, key7]) {
      const finding = judgeKeyring(control, { records: [{ version: 0 }], key: [key] });
      expect(finding.status).toBe('unknown');
      expect(finding.because).toContain('version 0 of the key is none that its provider can have');
      expect(finding.because).not.toContain('lowering');
    }
  }
});

describe.each([0, -1])('a record with version %s of a key that was deleted', (version) => {
  const seen = {
    records: [{ version, createdAt: ago(10 * DAY) }],
    key: [{ state: 'missing', latestVersion: null, minAvailableVersion: null, versions: [], createdAt: null }],
  } satisfies KeyCase;
  const malformed = `version ${version} of the key does not exist in the provider, and is none that its provider can have`;

  test('is lost, and what a snapshot holds is not said to bring it back', () => {
    for (const control of [key3, key4]) {
      const finding = judgeKeyring(control, seen);
      expect(finding.status).toBe('fail');
      expect(finding.because).toMatch(/^lost: /);
      expect(finding.because).toContain(malformed);
      expect(finding.because).toContain('whether in the version that is meant cannot be told');
      expect(finding.because).not.toContain('brings it back');
    }
  });

  test('is not known to be served by a snapshot', () => {
    expect(judgeKeyring(key7, seen)).toMatchObject({ status: 'unknown', because: expect.stringContaining(malformed) });
  });

  test('opens no copy that is known of, and none where no snapshot holds the key', () => {
    const { rec1, broken } = judgeRecovery(seen);
    expect(broken).toEqual({ 'key versions': 'unknown' });
    expect(rec1.because).toContain(malformed);
    expect(judgeRecovery({ ...seen, snapshotKeys: [{ present: false }] }).broken).toMatchObject({
      'key versions': 'fails',
    });
  });

  test('the same where the rows inside a copy have it', () => {
    const row = { keyRef: 'tenant-acme', version, state: 'active', createdAt: ago(10 * DAY), retiredAt: null } as const;
    const copies = [{ keyVersionsInside: { versions: [row], because: null } }];
    expect(judgeRecovery({ ...seen, records: [{}], copies }).broken).toEqual({ 'key versions': 'unknown' });
  });
});

test('a record without a version of a key that was deleted is not known to be brought back, either', () => {
  const records = [{ version: null, createdAt: ago(10 * DAY) }];
  const key = [{ state: 'missing' as const, latestVersion: null, minAvailableVersion: null, versions: [] }];
  expect(judgeRecovery({ records, key }).broken).toEqual({ 'key versions': 'unknown' });
  expect(judgeKeyring(key7, { records, key }).status).toBe('unknown');
});

test('a record in use that names the key of no keyring leaves open what is in use', () => {
  const strange = { version: 1, keyRef: 'tenant-gone', createdAt: ago(90 * DAY) };
  expect(judgeKeyring(key3, { records: [{}, strange] })).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining('key-version records in use name 1 key that no keyring names'),
  });
  expect(judgeKeyring(key3, { records: [{}, { ...strange, state: 'retired', retiredAt: ago(DAY) }] }).status).toBe(
    'pass',
  );
});
