import { expect, test } from 'vitest';
import { key2 } from '../../../src/evaluate/controls/key-2.ts';
import { key3 } from '../../../src/evaluate/controls/key-3.ts';
import { key13 } from '../../../src/evaluate/controls/key-13.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, type KeyCase } from '../key-case.ts';
import { judgeRecovery } from '../recovery-case.ts';

test('a usable key, named by its identity where it has one', () => {
  expect(judgeKeyring(key2)).toMatchObject({ status: 'pass', because: 'the key is enabled', grade: 'observed' });
  expect(judgeInstallKeyring(key2).status).toBe('pass');
  expect(judgeKeyring(key2, { key: [{ identity: 'arn:aws:kms:x' }] }).because).toBe('the key arn:aws:kms:x is enabled');
});

test('what is blocked says how and until when it comes back', () => {
  const finding = judgeKeyring(key2, { key: [{ state: 'pending-deletion', deletionDate: ago(-7 * DAY) }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'blocked: the key will be deleted on 2026-11-29 18:00 UTC; cancelling that before then brings it back',
  );
});

test('a key that its provider is still making needs nothing but time', () => {
  expect(judgeKeyring(key2, { key: [{ state: 'unavailable', isBeingMade: true }] }).because).toBe(
    'blocked: the key is still being made by its provider, and can be used once that is done',
  );
  expect(judgeKeyring(key2, { key: [{ state: 'unavailable' }] }).because).toContain('reconnecting the key store');
});

test('a deleted key that a surviving snapshot holds is blocked, and the snapshot is named', () => {
  const finding = judgeKeyring(key2, { key: [{ state: 'missing' }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'blocked: the key does not exist in the provider; restoring vault.snap in dumps (taken 2026-11-22 01:00 UTC), which holds it, brings it back',
  );
});

test('a deleted key is not known to be in a snapshot that is younger than one without it', () => {
  const between = { path: 'between.snap', takenAt: '2026-11-10T01:00:00.000Z' };
  const before = { path: 'before.snap', takenAt: '2026-11-01T01:00:00.000Z' };
  const key = [{ state: 'missing' as const }];
  const snapshots = [{}, between, before];
  const seen = { key, snapshots, snapshotKeys: [{}, { ...between, present: false }, before] };
  const finding = judgeKeyring(key2, seen);
  expect(finding.because).toContain('lost: the key does not exist in the provider; whether vault.snap in dumps');
  expect(finding.because).toContain('between.snap in dumps (taken 2026-11-10 01:00 UTC) lacks it');
  // From before the key was made.
  const older = { ...seen, snapshotKeys: [{}, { ...between, present: false }, { ...before, present: false }] };
  expect(judgeKeyring(key2, older).because).toContain('which holds it, brings it back');
  const damaged = { ...seen, snapshots: [{}, { ...between, complete: false }, before] };
  expect(judgeKeyring(key2, damaged).because).toContain('which holds it, brings it back');
});

test.each([
  ['no snapshot', { snapshots: [] }],
  ['a snapshot without the key', { snapshotKeys: [{ present: false }] }],
  ['a damaged snapshot', { snapshots: [{ complete: false }] }],
  ['a snapshot of another Vault', { snapshots: [{ mountUuids: ['another-mount'] }] }],
  ['a snapshot that is lost too', { locationDomain: [{ host: 'install-1' }] }],
  ['snapshots nobody could look at', { snapshots: 'blind', snapshotKeys: 'blind' }],
] as const)('a deleted key with %s is lost', (_, seen) => {
  const finding = judgeKeyring(key2, { key: [{ state: 'missing' }], ...(seen as KeyCase) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe('lost: the key does not exist in the provider');
  expect(finding.remediation).toContain('aws kms cancel-key-deletion');
});

test('a deleted key of an HSM names the key of that name on its peer, and whether it is proven to be the same', () => {
  const deleted: KeyCase = { key: [{ state: 'missing' }], snapshots: [], snapshotKeys: [] };
  const because = 'a key there bears the name; there is none to compare it with';
  const namesake = judgeKeyring(key2, { ...deleted, keyPeers: [{ proof: 'name', because }] });
  expect(namesake).toMatchObject({
    status: 'fail',
    because:
      'lost: the key does not exist in the provider; a key of the same name is on PKCS#11 token "keys-2", its peer, and it is not proven to be the same key (a key there bears the name; there is none to compare it with)',
  });
  const proven = judgeKeyring(key2, { ...deleted, keyPeers: [{ proof: 'name', because }, { proof: 'check-value' }] });
  expect(proven).toMatchObject({ status: 'fail' });
  expect(proven.because).toMatch(/^blocked: .* its peer, proven to be the same key: bring it back from there$/);
});

test.each([
  ['holds none of that name', [{ holds: false, proof: null }]],
  ['did not answer', 'blind'],
  ['is not declared', []],
] as const)('a deleted key of an HSM whose peer %s is lost', (_, keyPeers) => {
  const finding = judgeKeyring(key2, { key: [{ state: 'missing' }], snapshots: [], snapshotKeys: [], keyPeers });
  expect(finding).toMatchObject({ status: 'fail', because: 'lost: the key does not exist in the provider' });
});

test('a peer says nothing of a key that is there, or that nobody saw', () => {
  expect(judgeKeyring(key2, { keyPeers: [{}] }).because).toBe('the key is enabled');
  expect(judgeKeyring(key2, { key: 'blind', keyPeers: [{}] }).status).toBe('unknown');
});

test('the attributes of a key in an HSM are told, and decide nothing', () => {
  const attributes = {
    class: 'secret key',
    keyType: 'AES, 256 bits',
    label: 'acme',
    id: '01',
    checkValue: null,
    startsAt: null,
    sensitive: true,
    extractable: false,
    neverExtractable: true,
    modifiable: false,
  };
  const told = (changes: Partial<typeof attributes>, key: Partial<Facts['key-state']> = {}) =>
    judgeKeyring(key2, { key: [{ ...key, attributes: { ...attributes, ...changes } }] });
  expect(told({})).toMatchObject({
    status: 'pass',
    because:
      'the key is enabled; by its attributes it is sensitive, was never extractable, keeps its attributes as they are',
  });
  const open = told({ sensitive: false, extractable: true, neverExtractable: false, modifiable: true });
  expect(open).toMatchObject({
    status: 'pass',
    because:
      'the key is enabled; by its attributes it is not sensitive, so that it can be read in clear, is extractable, so that whoever may use it can take it out of the token wrapped, may have its attributes changed',
  });
  const before = { neverExtractable: false };
  expect(told(before, { origin: 'made in the token' }).because).toContain('is not extractable, and was before');
  for (const origin of ['imported', null]) {
    expect(told(before, { origin }).because).toContain('was outside the token before or extractable there');
  }
  expect(told({ sensitive: false }).because).toContain('is not sensitive, was never extractable');
  expect(told({}, { expiresAt: ago(DAY) })).toMatchObject({
    status: 'fail',
    because: expect.stringMatching(/^blocked: the key expired .* brings it back; by its attributes it is sensitive, /),
  });
});

test('a key nobody saw is unknown', () => {
  expect(judgeKeyring(key2, { key: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key2, { key: [] }).status).toBe('unknown');
});

const HMAC = {
  canDecrypt: false,
  keyType: 'hmac',
  createdAt: null,
  versions: [],
  latestVersion: 1,
  minDecryptionVersion: 1,
};
const NO_VERSIONS = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };

test.each<readonly [string, string, Partial<Facts['key-state']>]>([
  ['Vault', 'hmac', HMAC],
  [
    'AWS KMS',
    'HMAC_256 for GENERATE_VERIFY_MAC',
    { ...NO_VERSIONS, canDecrypt: false, keyType: 'HMAC_256 for GENERATE_VERIFY_MAC' },
  ],
  ['AWS KMS', 'RSA_2048 for SIGN_VERIFY', { ...NO_VERSIONS, canDecrypt: false, keyType: 'RSA_2048 for SIGN_VERIFY' }],
])('a key of %s of type %s is told as one that cannot have wrapped anything', (_, type, key) => {
  const finding = judgeKeyring(key2, { key: [key] });
  expect(finding.status).toBe('fail');
  const because = `is of type ${type}, which cannot decrypt, so another key wrapped what is recorded as wrapped by it`;
  expect(finding.because).toBe(`lost: the key ${because}`);
  expect(finding.remediation).toContain('Find the key that wraps the data');
  expect(judgeKeyring(key3, { key: [key] })).toMatchObject({
    status: 'fail',
    because: `lost: version 1 of the key ${because}`,
  });
  expect(judgeKeyring(key13, { key: [key] }).status).not.toBe('fail');
  const { broken, rec1 } = judgeRecovery({ key: [key], snapshots: [], providerDomain: [{ host: 'far-away' }] });
  expect(broken).toEqual({ 'key versions': 'fails' });
  expect(rec1.because).toContain(`key tenant-acme of vault-1: version 1 of the key ${because}`);
});

test('a key that may not decrypt for another reason keeps the usual advice', () => {
  expect(judgeKeyring(key2, { key: [{ state: 'disabled' }] }).remediation).not.toContain('Find the key that wraps');
});
