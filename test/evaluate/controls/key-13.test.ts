import { describe, expect, test } from 'vitest';
import { key13 } from '../../../src/evaluate/controls/key-13.ts';
import { DAY, MINUTE } from '../../../src/model/instant.ts';
import { AS_OF, INSTALL_KEYRING } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, type KeyCase } from '../key-case.ts';

const madeAt = (instant: string) => [{ versions: [{ version: 1, createdAt: instant }] }];

test('a key older than its first use is the same', () => {
  expect(judgeKeyring(key13)).toMatchObject({ status: 'pass', limit: { value: 5 } });
  expect(judgeInstallKeyring(key13, { key: madeAt('2025-01-10T09:00:00.000Z') }).status).toBe('pass');
});

test('a key made later than the record that uses it is another', () => {
  const finding = judgeKeyring(key13, { key: madeAt('2026-03-01T00:00:00.000Z') });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'version 1 of the key was created 2026-03-01 00:00 UTC and is used since 2025-02-01 09:06 UTC: it is another key under the same name',
  );
});

test('clocks may differ by the tolerance', () => {
  const used = Date.parse('2025-02-01T09:06:00.000Z');
  expect(judgeKeyring(key13, { key: madeAt(new Date(used + 5 * MINUTE).toISOString()) }).status).toBe('pass');
  expect(judgeKeyring(key13, { key: madeAt(new Date(used + 6 * MINUTE).toISOString()) }).status).toBe('fail');
});

test('what the provider does not show is unknown', () => {
  expect(judgeKeyring(key13, { key: [{ minDecryptionVersion: 2, versions: [] }] }).status).toBe('unknown');
  expect(judgeKeyring(key13, { key: [{ state: 'missing', versions: null, createdAt: null }] }).status).toBe('unknown');
  expect(judgeKeyring(key13, { key: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key13, { records: [] }).status).toBe('unknown');
});

describe('of a provider without creation times, such as a token of an HSM', () => {
  const hsm = {
    key: [{ versions: null, createdAt: null, latestVersion: null }],
    keyrings: [{ providerKind: 'pkcs11' }],
  };
  const proven = { ...hsm, policy: { proveKeys: true } };

  test('nobody can tell that the key is still the same: another may have been made under its label', () => {
    const finding = judgeKeyring(key13, hsm);
    expect(finding).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('another key may stand under'),
    });
    expect(finding.because).toContain('--prove-keys');
  });

  test('what was unwrapped shows it', () => {
    expect(judgeKeyring(key13, { ...proven, proofs: [{}] })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('unwrapped what every version in use wrapped'),
    });
  });

  test.each([
    ['another version', [{ version: 7 }]],
    ['a sample that it refused', [{ outcome: 'refused' as const }]],
    ['what shows nothing', [{ outcome: 'unproven' as const }]],
    ['nothing', []],
    ['nobody answered', 'blind' as const],
  ])('a proof of %s does not', (_, proofs) => {
    expect(judgeKeyring(key13, { ...proven, proofs }).status).toBe('unknown');
  });

  test('each version needs its own', () => {
    const records = [{}, { version: 2, state: 'retired' as const }];
    expect(judgeKeyring(key13, { ...proven, records, proofs: [{}] }).status).toBe('unknown');
    expect(judgeKeyring(key13, { ...proven, records, proofs: [{}, { version: 2 }] }).status).toBe('pass');
  });

  test('a key that is gone is unknown, too: that it is gone is told by another control', () => {
    const key = [{ state: 'missing', versions: null, createdAt: null }] as const;
    expect(judgeKeyring(key13, { ...hsm, key }).status).toBe('unknown');
    expect(judgeKeyring(key13, { ...hsm, key, keyrings: 'blind' }).status).toBe('unknown');
  });
});

test('destroyed versions protect nothing', () => {
  const records = [{}, { version: 9, state: 'destroyed' as const }];
  expect(judgeKeyring(key13, { records }).status).toBe('pass');
});

test('an alias that was pointed to its key after a record used it may have meant another, however old the key is', () => {
  const keyrings = [{ providerKind: 'aws-kms', keyRef: 'alias/acme' }];
  const records = [{ keyRef: 'alias/acme', version: null }];
  const seen = (aliasSetAt: string | null | undefined, proofs?: KeyCase['proofs']) =>
    judgeKeyring(key13, {
      keyrings,
      records,
      key: [
        { versions: null, createdAt: '2025-01-01T00:00:00.000Z', ...(aliasSetAt === undefined ? {} : { aliasSetAt }) },
      ],
      ...(proofs === undefined ? {} : { proofs }),
    });
  expect(seen('2025-01-01T00:00:00.000Z').status).toBe('pass');
  expect(seen('2025-02-01T09:11:00.000Z').status).toBe('pass');
  const moved = seen('2026-03-01T00:00:00.000Z');
  expect(moved.status).toBe('unknown');
  expect(moved.because).toContain(
    'the alias was made or pointed anew 2026-03-01 00:00 UTC, and the key is used since 2025-02-01 09:06 UTC: it may have pointed to another key then',
  );
  for (const untold of [null, undefined]) {
    expect(seen(untold)).toMatchObject({ status: 'unknown', because: expect.stringContaining('names no key') });
  }
  const unwrapped = { version: null, outcome: 'unwrapped' as const };
  expect(seen('2026-03-01T00:00:00.000Z', [unwrapped]).status).toBe('pass');
  expect(seen('2026-03-01T00:00:00.000Z', [{ ...unwrapped, outcome: 'refused' }]).status).toBe('unknown');
  expect(seen('2026-03-01T00:00:00.000Z', 'blind').status).toBe('unknown');
  // A key that is younger than the record is another one, whatever the alias tells.
  const key = [{ versions: null, createdAt: '2026-03-01T00:00:00.000Z', aliasSetAt: '2025-01-01T00:00:00.000Z' }];
  expect(judgeKeyring(key13, { keyrings, records, key }).status).toBe('fail');
});

describe('a provider that says of a sample that another key wrapped it', () => {
  const keyrings = [{ providerKind: 'aws-kms', keyRef: 'alias/acme' }];
  const records = [{ keyRef: 'alias/acme', version: null }];
  const key = [{ versions: null, createdAt: '2025-01-01T00:00:00.000Z', aliasSetAt: '2026-03-01T00:00:00.000Z' }];
  const refused = { version: null, outcome: 'refused', because: 'the sample was wrapped by another key' } as const;

  test('shows that the alias was pointed to another key: lost, where a refusal alone leaves it open', () => {
    const seen = { keyrings, records, key };
    const finding = judgeKeyring(key13, { ...seen, proofs: [{ ...refused, isOfAnotherKey: true }] });
    expect(finding).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('it is another key under the same name'),
    });
    expect(judgeKeyring(key13, { ...seen, proofs: [refused] }).status).toBe('unknown');
  });

  test('shows it of a key that is recorded by itself, too', () => {
    expect(judgeKeyring(key13, { proofs: [{ ...refused, version: 1, isOfAnotherKey: true }] }).status).toBe('fail');
    expect(judgeKeyring(key13, { proofs: [{ ...refused, version: 1 }] })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('its provider says of no sample that another key wrapped it'),
    });
    expect(judgeKeyring(key13).because).not.toContain('sample');
    expect(judgeKeyring(key13, { proofs: 'blind' }).status).toBe('unknown');
  });
});

test('a key that is recorded by itself needs no word about aliases', () => {
  const keyrings = [{ providerKind: 'aws-kms', keyRef: 'arn:aws:kms:us-east-1:123456789012:key/1' }];
  const records = [{ keyRef: 'arn:aws:kms:us-east-1:123456789012:key/1', version: null }];
  const key = [{ versions: null, createdAt: '2025-01-01T00:00:00.000Z', aliases: ['alias/acme'] }];
  expect(judgeKeyring(key13, { keyrings, records, key })).toMatchObject({ status: 'pass' });
});

test('the number that a record gives to a key of AWS KMS, which numbers none, hides no younger key', () => {
  const keyRef = 'arn:aws:kms:us-east-1:123456789012:key/1';
  const keyrings = [{ providerKind: 'aws-kms', keyRef }];
  const seen = (createdAt: string, version = 1) =>
    judgeKeyring(key13, {
      keyrings,
      records: [{ keyRef, version }],
      key: [{ versions: null, latestVersion: null, createdAt }],
    });
  expect(seen('2026-03-01T00:00:00.000Z')).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('it is another key under the same name'),
  });
  expect(seen('2025-01-01T00:00:00.000Z').status).toBe('pass');
  expect(seen('2025-01-01T00:00:00.000Z', 2).status).toBe('pass');
});

test('a record of a use that is yet to come shows no key to be older', () => {
  const since = (millis: number) => [{ createdAt: new Date(Date.parse(AS_OF) + millis).toISOString() }];
  const finding = judgeKeyring(key13, { records: since(DAY) });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('which is yet to come');
  expect(judgeKeyring(key13, { records: [{}, ...since(DAY)] }).status).toBe('unknown');
  expect(judgeKeyring(key13, { records: since(4 * MINUTE) }).status).toBe('pass');
});

describe('a key that was deleted and made anew', () => {
  const madeAnew = madeAt('2026-03-01T00:00:00.000Z');
  const taken = (takenAt: string): KeyCase => ({
    key: madeAnew,
    snapshots: [{ takenAt }],
    snapshotKeys: [{ takenAt }],
  });
  const BEFORE = '2026-02-20T01:00:00.000Z';

  test('fails, and the snapshot that holds the one of before is named with the way back', () => {
    const finding = judgeKeyring(key13, taken(BEFORE));
    expect(finding).toMatchObject({
      status: 'fail',
      because: expect.stringMatching(
        /another key under the same name; the key of before is lost in the provider, and recoverable from vault.snap in dumps \(taken 2026-02-20 01:00 UTC\), which holds it$/,
      ),
    });
    expect(finding.remediation).toMatch(
      /^Restore vault.snap in dumps .* into a Vault of its own, and not over the live one: that would overwrite the new key.* Encrypt nothing more with it/,
    );
  });

  test.each([
    ['holds the new one', taken('2026-03-02T00:00:00.000Z')],
    ['is from before the first use of the old one', taken('2025-01-01T00:00:00.000Z')],
    ['lacks the key', { ...taken(BEFORE), snapshotKeys: [{ takenAt: BEFORE, present: false }] }],
    ['is damaged', { ...taken(BEFORE), snapshots: [{ takenAt: BEFORE, complete: false }] }],
    ['is lost with the host', { ...taken(BEFORE), locationDomain: [{ host: 'install-1' }] }],
  ])('is not said to be recoverable from one that %s', (_, seen) => {
    const finding = judgeKeyring(key13, seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).not.toContain('recoverable from');
  });

  test('is told to be there perhaps, where nothing tells whether the snapshot is of this Vault', () => {
    const finding = judgeKeyring(key13, { ...taken(BEFORE), provider: [{ mounts: null }] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toMatch(/whether vault.snap in dumps .* holds it cannot be told$/);
  });

  test('fails as before where nobody could look at the snapshots', () => {
    const finding = judgeKeyring(key13, { key: madeAnew, snapshots: 'blind', snapshotKeys: 'blind' });
    expect(finding.status).toBe('fail');
    expect(finding.because).toMatch(/another key under the same name$/);
  });
});

describe('a key whose material was imported, which its provider dates by the import', () => {
  const key = [{ ...madeAt('2026-03-01T00:00:00.000Z')[0], imported: 'whole' as const }];

  test('is not called another one where it was imported since, perhaps anew', () => {
    const finding = judgeKeyring(key13, { key });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toBe(
      'version 1 of the key was imported 2026-03-01 00:00 UTC and is used since 2025-02-01 09:06 UTC: whether what was imported is the same key is not shown; --prove-keys tells',
    );
  });

  test('is the same where it unwraps what was wrapped before', () => {
    const proven = { key, policy: { proveKeys: true } };
    expect(judgeKeyring(key13, { ...proven, proofs: [{}] }).status).toBe('pass');
    expect(judgeKeyring(key13, { ...proven, proofs: [{ outcome: 'refused' }] }).status).toBe('unknown');
    expect(judgeKeyring(key13, { ...proven, proofs: [{ version: 7 }] }).status).toBe('unknown');
  });
});

test("the install's key, of which nothing tells since when it is used, is the same where it unwraps a sample", () => {
  const keyrings = [{ keyringId: INSTALL_KEYRING.key, keyRef: 'install', currentVersion: 1, rotatedAt: null }];
  const finding = judgeInstallKeyring(key13, { keyrings });
  expect(finding).toMatchObject({
    status: 'unknown',
    because:
      'nothing records since when version 1 of the key is used, as rotated_at of its keyring is empty; --prove-keys tells',
  });
  const proven = { keyrings, policy: { proveKeys: true } };
  expect(judgeInstallKeyring(key13, { ...proven, proofs: [{}] }).status).toBe('pass');
  expect(judgeInstallKeyring(key13, { ...proven, proofs: [{ version: 2 }] }).status).toBe('unknown');
});
