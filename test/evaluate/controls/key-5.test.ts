import { describe, expect, test } from 'vitest';
import { key5 } from '../../../src/evaluate/controls/key-5.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, INSTALL_KEYRING, policyOf } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, judgeProvider, type KeyCase } from '../key-case.ts';

describe('a Vault', () => {
  test('is recovered from a good snapshot of this week that stands apart', () => {
    const finding = judgeProvider(key5);
    expect(finding).toMatchObject({ status: 'pass', limit: { text: '7 days' } });
    expect(finding.because).toBe(
      'vault.snap in dumps (taken 2026-11-22 01:00 UTC) is good and stands apart from the provider',
    );
  });

  test.each([
    ['an old one', { snapshots: [{ takenAt: ago(8 * DAY) }] }, 'and 7 days is the limit'],
    ['a cut one', { snapshots: [{ complete: false, because: 'the archive ends early' }] }, 'the archive ends early'],
    ['one beside it', { locationDomain: [{ host: 'install-1' }] }, 'failure domain of the provider itself'],
    ['none', { snapshots: [] }, 'no snapshot of it was found'],
  ])('%s does not do', (_, seen, because) => {
    const finding = judgeProvider(key5, seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  test('is judged for its own loss, whatever loss the rest is judged for', () => {
    const policy = policyOf({ loss: { level: 'host', name: 'backup-1' } });
    expect(judgeProvider(key5, { policy }).status).toBe('pass');
  });

  test('an older good snapshot of this week suffices beside a damaged one', () => {
    const snapshots = [
      { complete: false, takenAt: ago(0) },
      { path: 'b.snap', takenAt: ago(3 * DAY) },
    ];
    expect(judgeProvider(key5, { snapshots }).status).toBe('pass');
  });

  test('where a snapshot stands must be known', () => {
    const finding = judgeProvider(key5, { locationDomain: [] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('state the failure domains of the provider and of location dumps');
    expect(judgeProvider(key5, { snapshots: 'blind' }).status).toBe('unknown');
  });

  test('copied files tell when Vault wrote last, so that an old one may be younger', () => {
    const copy = { storage: 'file', copiedWhileStopped: true } as const;
    expect(judgeProvider(key5, { snapshots: [copy] }).status).toBe('pass');
    const old = judgeProvider(key5, { snapshots: [{ ...copy, takenAt: ago(8 * DAY) }] });
    expect(old.status).toBe('unknown');
    expect(old.because).toContain('Vault wrote nothing to it since');
    const undated = judgeProvider(key5, { snapshots: [{ ...copy, takenAt: null }] });
    expect(undated.status).toBe('unknown');
    expect(undated.because).toContain('its files bear about one time');
    const unstated = judgeProvider(key5, { snapshots: [{ ...copy, copiedWhileStopped: false }] });
    expect(unstated.status).toBe('unknown');
    expect(unstated.because).toContain('whether Vault was stopped');
  });

  test('its keys are judged with it', () => {
    expect(judgeKeyring(key5).status).toBe('not-applicable');
  });
});

describe('AWS KMS', () => {
  const keyrings = [{ providerKind: 'aws-kms' }];
  const kms = { origin: 'AWS_KMS', latestVersion: null, versions: null };

  test('an account that answers, whatever is known of snapshots', () => {
    const provider = [{ kind: 'aws-kms', account: '111122223333' }];
    expect(judgeProvider(key5, { provider, snapshots: 'blind' }).status).toBe('pass');
  });

  test('a key that is not about to go', () => {
    expect(judgeKeyring(key5, { keyrings, key: [kms] }).status).toBe('pass');
    const going = { ...kms, state: 'pending-deletion', deletionDate: ago(-7 * DAY) } as const;
    expect(judgeKeyring(key5, { keyrings, key: [going] }).because).toBe(
      'the key will be deleted on 2026-11-29 18:00 UTC',
    );
  });

  test.each(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'])('a key of a custom key store (%s) is not AWS to keep', (origin) => {
    const key = [{ ...kms, origin }];
    const finding = judgeKeyring(key5, { keyrings, key });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('of the customer') });
    expect(judgeKeyring(key5, { keyrings, key, attested: ['imported-key-material-kept'] }).status).toBe('fail');
    const attested = judgeKeyring(key5, { keyrings, key, attested: ['hsm-vendor-export-done'] });
    expect(attested).toMatchObject({ status: 'pass', grade: 'declared' });
  });

  test('a key of unknown origin', () => {
    for (const origin of [null, 'SOMETHING_NEW']) {
      expect(judgeKeyring(key5, { keyrings, key: [{ ...kms, origin }] }).status).toBe('unknown');
    }
  });

  test('says which other keys hold the same material', () => {
    const replicas = ['arn:aws:kms:eu-west-1:111122223333:key/mrk-1'];
    const finding = judgeKeyring(key5, { keyrings, key: [{ ...kms, replicas }] });
    expect(finding).toMatchObject({ status: 'pass', because: expect.stringContaining(replicas[0] ?? 'none') });
  });

  test('imported material must be attested', () => {
    const key = [{ ...kms, origin: 'EXTERNAL' }];
    expect(judgeKeyring(key5, { keyrings, key })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('deleted there at once, without any waiting period'),
    });
    const attested = judgeKeyring(key5, { keyrings, key, attested: ['imported-key-material-kept'] });
    expect(attested).toMatchObject({ status: 'pass', grade: 'declared' });
  });

  test('imported material: until when, and how many there are', () => {
    const key = [{ ...kms, origin: 'EXTERNAL', expiresAt: ago(-30 * DAY) }];
    const rotation = [{ importedMaterials: 3 }];
    const finding = judgeKeyring(key5, { keyrings, key, rotation, attested: ['imported-key-material-kept'] });
    expect(finding.because).toContain('it expires on 2026-12-22 18:00 UTC; it is 3 materials, each of which is needed');
  });

  test('imported material must be attested when the key was in use, and after its last rotation', () => {
    const judgeAt = (date: string, changes: KeyCase = {}) =>
      judgeKeyring(key5, {
        keyrings,
        key: [{ ...kms, origin: 'EXTERNAL' }],
        attestedOfKey: [{ statement: 'imported-key-material-kept', date }],
        ...changes,
      });
    expect(judgeAt('2025-02-01T00:00:00.000Z').status).toBe('pass');
    const older = judgeAt('2025-01-31T00:00:00.000Z');
    expect(older.status).toBe('unknown');
    expect(older.because).toContain('the first use of the key that is recorded is of 2025-02-01 09:06 UTC');
    expect(judgeAt('2026-06-01T00:00:00.000Z', { records: [] })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('nothing records since when the key is used'),
    });
    const rotation = [{ importedMaterials: 2, rotatedAt: ['2026-06-02T10:00:00.000Z'] }];
    expect(judgeAt('2026-06-02T00:00:00.000Z', { rotation }).status).toBe('pass');
    const before = judgeAt('2026-06-01T00:00:00.000Z', { rotation });
    expect(before.status).toBe('unknown');
    expect(before.because).toContain('imported anew by a rotation on 2026-06-02 10:00 UTC');
    expect(judgeAt('2026-06-01T00:00:00.000Z', { rotation: 'blind' }).status).toBe('unknown');
    const elsewhere = { key: [{ ...kms, origin: 'AWS_CLOUDHSM' }], rotation: 'blind' } as const;
    const attestedOfKey = [{ statement: 'hsm-vendor-export-done', date: '2026-06-01T00:00:00.000Z' }] as const;
    expect(judgeAt('', { ...elsewhere, attestedOfKey }).status).toBe('pass');
  });
});

describe('an HSM', () => {
  const provider = [{ kind: 'pkcs11' }];
  const hsm = { provider, snapshots: [], peers: [{}] };

  test('has a peer that answers and stands apart, whatever is known of snapshots', () => {
    const finding = judgeProvider(key5, { ...hsm, snapshots: 'blind' });
    expect(finding).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(finding.because).toContain('its peer, answers and stands apart from it');
  });

  test('whose peer stands beside it, or nowhere that is stated, is not covered by it', () => {
    expect(judgeProvider(key5, { ...hsm, peers: [{ host: 'install-1' }] }).status).toBe('fail');
    const unstated = judgeProvider(key5, { ...hsm, peers: [{ host: null }] });
    expect(unstated.status).toBe('unknown');
    expect(unstated.because).toContain('state failureDomain of the provider and of its peer');
  });

  test('may have been exported by the method of its maker, as somebody attests', () => {
    const exported = { ...hsm, peers: [], attested: ['hsm-vendor-export-done'] };
    expect(judgeProvider(key5, exported)).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(judgeProvider(key5, { ...exported, attested: ['unseal-shares-held'] }).status).toBe('fail');
  });

  test('without a peer and without an export is a gap; one whose peer does not answer is a blind spot', () => {
    expect(judgeProvider(key5, { ...hsm, peers: [] }).status).toBe('fail');
    expect(judgeProvider(key5, { ...hsm, peers: 'blind' }).status).toBe('unknown');
  });
});

describe('a key in an HSM', () => {
  const keyrings = [{ providerKind: 'pkcs11' }];
  const unversioned = { latestVersion: null, versions: null, createdAt: null };
  const seen = { keyrings, provider: [{ kind: 'pkcs11' }], key: [unversioned], keyPeers: [] };

  test('that the peer holds, too: verified by its check value, observed by its attributes', () => {
    expect(judgeKeyring(key5, { ...seen, keyPeers: [{}] })).toMatchObject({ status: 'pass', grade: 'verified' });
    const alike = judgeKeyring(key5, { ...seen, keyPeers: [{ proof: 'attributes' }] });
    expect(alike).toMatchObject({ status: 'pass', grade: 'observed' });
  });

  test('that the peer holds past its end date: how that is undone is told', () => {
    const finding = judgeKeyring(key5, { ...seen, keyPeers: [{ expiresAt: ago(DAY) }] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toMatch(/; there it expired on .*, and a later end date of the same key brings it back$/);
  });

  test('of which the peer has a namesake only is open to question', () => {
    expect(judgeKeyring(key5, { ...seen, keyPeers: [{ proof: 'name' }] }).status).toBe('unknown');
  });

  test('that is missing on the peer is a gap; a peer that does not answer is a blind spot', () => {
    const missing = { holds: false, proof: null, because: 'it has no key of that name' } as const;
    const finding = judgeKeyring(key5, { ...seen, keyPeers: [missing] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe(
      'PKCS#11 token "keys-2": it has no key of that name, and nobody attests that it was exported',
    );
    expect(judgeKeyring(key5, seen).status).toBe('fail');
    expect(judgeKeyring(key5, { ...seen, keyPeers: 'blind' }).status).toBe('unknown');
  });

  test('that was exported, as somebody attests of the key itself', () => {
    const finding = judgeKeyring(key5, { ...seen, attested: ['hsm-vendor-export-done'] });
    expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
  });

  test('is in an export of its own where it was in use by then, as a rotation is another key of the same keyring', () => {
    const exported = (date: string, changes: KeyCase = {}) => ({
      ...seen,
      attestedOfKey: [{ statement: 'hsm-vendor-export-done' as const, date }],
      ...changes,
    });
    expect(judgeKeyring(key5, exported('2025-02-01T00:00:00.000Z')).status).toBe('pass');
    const older = judgeKeyring(key5, exported('2025-01-31T00:00:00.000Z'));
    expect(older.status).toBe('unknown');
    expect(older.because).toContain('the first use of the key that is recorded is of 2025-02-01 09:06 UTC');
    expect(judgeKeyring(key5, exported('2025-02-01T00:00:00.000Z', { records: [] })).status).toBe('unknown');
    const ofAllSince = [{ statement: 'hsm-vendor-export-done' as const, date: '2026-06-01T00:00:00.000Z' }];
    expect(judgeKeyring(key5, exported('2025-01-31T00:00:00.000Z', { attestedOfProvider: ofAllSince })).status).toBe(
      'pass',
    );
  });

  test('of the install tells by its last rotation since when it is used, and counts where it never was rotated', () => {
    const judgeRotated = (rotatedAt: string | null) =>
      judgeInstallKeyring(key5, {
        ...seen,
        keyrings: [{ keyringId: INSTALL_KEYRING.key, keyRef: 'install', providerKind: 'pkcs11', rotatedAt }],
        attestedOfKey: [{ statement: 'hsm-vendor-export-done', date: '2026-06-01T00:00:00.000Z' }],
      }).status;
    expect(judgeRotated(null)).toBe('pass');
    expect(judgeRotated('2026-05-01T00:00:00.000Z')).toBe('pass');
    expect(judgeRotated('2026-07-01T00:00:00.000Z')).toBe('unknown');
  });

  test('is in an export of the whole HSM where it was in use by then, and else may not be', () => {
    const exported = (date: string) => ({
      ...seen,
      attestedOfProvider: [{ statement: 'hsm-vendor-export-done', date }],
    });
    expect(judgeKeyring(key5, exported('2026-06-01T00:00:00.000Z')).status).toBe('pass');
    const older = judgeKeyring(key5, exported('2025-01-01T00:00:00.000Z'));
    expect(older.status).toBe('unknown');
    expect(older.because).toContain('whether the export holds it is not known');
  });
});

test('providers that are not judged yet are unknown, never covered', () => {
  const kind = 'azure-key-vault';
  expect(judgeProvider(key5, { provider: [{ kind }] }).status).toBe('unknown');
  expect(judgeKeyring(key5, { keyrings: [{ providerKind: kind }] }).status).toBe('unknown');
});
