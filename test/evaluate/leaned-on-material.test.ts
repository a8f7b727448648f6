import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { DAY } from '../../src/model/instant.ts';
import { type CustodyCase, held, judgeDependence, judgeRecoverable } from './custody-case.ts';
import { ago } from './fixture.ts';

const NO_VERSIONS = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };
const ACCOUNT = {
  host: null,
  site: null,
  account: '111122223333',
  region: 'eu-central-1',
  origin: 'observed',
} as const;
const BY_KMS = [{ kind: 'provider', name: 'vault-2', key: 'files' }] as const;

/** A location and a Vault that lean on a key of AWS KMS, which outlives the loss of the host. */
function seen(key: Partial<Facts['key-state']>, more: CustodyCase = {}): readonly CustodyCase[] {
  const kms: CustodyCase = {
    second: { kind: 'aws-kms', mounts: null, sealType: null },
    secondDomain: ACCOUNT,
    secondSnapshots: [],
    attestedOfSecond: [],
    keys: { 'vault-2': [{ ...NO_VERSIONS, keyRef: 'files', createdAt: '2025-02-01T09:04:00.000Z', ...key }] },
    ...more,
  };
  return [
    { ...kms, opens: { dumps: [held('encryption-key', BY_KMS)] } },
    { ...kms, first: { sealType: 'awskms' }, opens: { 'vault-1': [held('unseal-key', BY_KMS)] } },
  ];
}

describe.each([
  ['EXTERNAL', 'imported-key-material-kept', 'the key material was imported'],
  ['AWS_CLOUDHSM', 'hsm-vendor-export-done', 'CloudHSM cluster of the customer'],
])('a key of origin %s on which something leans', (origin, statement, text) => {
  it('is not known to be kept where nobody attests it', () => {
    for (const one of seen({ origin })) {
      for (const finding of [judgeRecoverable(one), judgeDependence(one)]) {
        expect(finding.status).toBe('unknown');
        expect(finding.because).toContain(text);
        expect(finding.because).toContain(`attest ${statement} of provider vault-2`);
      }
    }
  });

  it('is there where somebody does', () => {
    for (const one of seen({ origin }, { attestedOfSecond: [statement] })) {
      expect(judgeRecoverable(one).status).toBe('pass');
      // It rests on somebody's word.
      expect(judgeDependence(one)).toMatchObject({ status: 'pass', grade: 'declared' });
    }
    const [, sealed] = seen({ origin: 'AWS_KMS' });
    expect(judgeDependence({ ...sealed, opens: { 'vault-1': [held('unseal-key', BY_KMS, 'observed')] } }).grade).toBe(
      'observed',
    );
    const [, attested] = seen({ origin }, { attestedOfSecond: [statement] });
    expect(judgeDependence({ ...attested, opens: { 'vault-1': [held('unseal-key', BY_KMS, 'observed')] } }).grade).toBe(
      'declared',
    );
  });

  it('is not there by what is attested of something else', () => {
    for (const one of seen({ origin }, { attestedOfSecond: ['security-domain-backed-up'] })) {
      expect(judgeRecoverable(one).status).toBe('unknown');
    }
  });
});

it('a key that AWS made and keeps is there without a word of anybody', () => {
  for (const one of seen({ origin: 'AWS_KMS' })) expect(judgeRecoverable(one).status).toBe('pass');
});

describe.each([
  ['has expired', { expiresAt: ago(DAY) }, 'expired on 2026-11-21 18:00 UTC'],
  ['was deleted', { state: 'pending-import' }, 'has no key material'],
] as const)('imported material on which something leans that %s', (_, gone, text) => {
  const key = { origin: 'EXTERNAL', ...gone };

  it('is lost where nobody attests that it is kept', () => {
    for (const one of seen(key)) {
      const finding = judgeRecoverable(one);
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain(`${text}, and nobody attests that the same material is kept`);
      expect(judgeDependence(one).status).toBe('fail');
    }
  });

  it('may be imported again where somebody does, or be held by another region', () => {
    for (const one of seen(key, { attestedOfSecond: ['imported-key-material-kept'] })) {
      expect(judgeRecoverable(one).status).toBe('unknown');
      expect(judgeRecoverable(one).because).toContain('importing the same material again');
    }
    const replicas = ['arn:aws:kms:eu-west-1:111122223333:key/mrk-1'];
    for (const one of seen({ ...key, replicas })) expect(judgeRecoverable(one).status).toBe('unknown');
  });
});

it('material that expires only later is there until then', () => {
  for (const one of seen(
    { origin: 'EXTERNAL', expiresAt: ago(-DAY) },
    { attestedOfSecond: ['imported-key-material-kept'] },
  ))
    expect(judgeRecoverable(one).status).toBe('pass');
});

it('a key in an external key manager is where that is stated to be, and its account is not its place', () => {
  const attestedOfSecond = ['hsm-vendor-export-done'];
  const key = { origin: 'EXTERNAL_KEY_STORE' };
  for (const one of seen(key, { attestedOfSecond })) {
    expect(judgeRecoverable(one).status).toBe('unknown');
    expect(judgeRecoverable(one).because).toContain('whose material is not kept by AWS: state failureDomain');
  }
  const secondDomain = { host: 'hsm-host', origin: 'stated' } as const;
  for (const one of seen(key, { attestedOfSecond, secondDomain })) expect(judgeRecoverable(one).status).toBe('pass');
  for (const one of seen(key, { secondDomain })) expect(judgeRecoverable(one).status).toBe('unknown');
});
