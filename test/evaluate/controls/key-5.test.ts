import { describe, expect, test } from 'vitest';
import { key5 } from '../../../src/evaluate/controls/key-5.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, policyOf } from '../fixture.ts';
import { judgeKeyring, judgeProvider } from '../key-case.ts';

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
    expect(
      judgeKeyring(key5, { keyrings, key, rotation: 'blind', attested: ['imported-key-material-kept'] }).status,
    ).toBe('pass');
  });
});

test('providers that are not judged yet are unknown, never covered', () => {
  expect(judgeProvider(key5, { provider: [{ kind: 'pkcs11' }] }).status).toBe('unknown');
  expect(judgeKeyring(key5, { keyrings: [{ providerKind: 'pkcs11' }] }).status).toBe('unknown');
});
