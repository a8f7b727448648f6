import { describe, expect, test } from 'vitest';
import { key11 } from '../../../src/evaluate/controls/key-11.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, type KeyCase } from '../key-case.ts';

const ASKED = { policy: { proveKeys: true } } as const;
const judged = (seen: KeyCase) => judgeKeyring(key11, { ...ASKED, ...seen });

test('not asked for, whatever was seen', () => {
  const because = 'it was not asked for: keys are used with --prove-keys only';
  expect(judgeKeyring(key11)).toMatchObject({ status: 'not-applicable', because });
  expect(judgeKeyring(key11, { proofs: [{ outcome: 'refused' }] }).status).toBe('not-applicable');
  expect(judgeKeyring(key11, { keyrings: 'blind' }).status).toBe('not-applicable');
});

test('not yet of an organization that is still being provisioned', () => {
  const organizations = [{ state: 'provisioning', createdAt: ago(2 * HOUR) }];
  expect(judged({ organizations, keyrings: [] }).status).toBe('not-applicable');
});

test('a sample of every version in use unwraps, and what that does not show', () => {
  const finding = judged({ proofs: [{}] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toBe(
    'no sample was refused; version 1 of the key: Vault decrypted the sample; that the product can use it is not shown',
  );
  expect(judgeInstallKeyring(key11, { ...ASKED, proofs: [{}] }).status).toBe('pass');
});

test('a key without versions is one', () => {
  const proofs = [{ version: null, because: 'AWS KMS decrypted the sample' }];
  const finding = judged({ records: [{ version: null }], proofs });
  expect(finding).toMatchObject({ status: 'pass' });
  expect(finding.because).toContain('; the key: AWS KMS decrypted the sample');
});

test('a refused sample is a gap, whatever else unwraps or was not asked', () => {
  const refused = { version: 2, outcome: 'refused', because: 'Vault refuses this version as too old' } as const;
  const records = [{ version: 1 }, { version: 2, createdAt: ago(DAY) }];
  expect(judged({ records, proofs: [{}, refused] })).toMatchObject({
    status: 'fail',
    because: 'version 2 of the key: Vault refuses this version as too old',
  });
});

test.each<readonly [string, KeyCase, string]>([
  ['no sample of a version', { proofs: [] }, 'no sample of version 1 of the key was unwrapped'],
  [
    'a sample that shows nothing',
    { proofs: [{ outcome: 'unproven', because: 'the sample is no ciphertext of Transit' }] },
    'version 1 of the key: the sample is no ciphertext of Transit',
  ],
  ['a sample of another version only', { proofs: [{ version: 3 }] }, 'no sample of version 1 of the key'],
  ['no record of what is in use', { records: [], proofs: [{}] }, 'no key-version record in use names the key'],
  ['a provider that did not answer', { proofs: 'blind' }, 'unwrap-proof unreachable'],
  ['nobody asked all the same', {}, 'nobody asked'],
])('%s: unknown', (_, seen, because) => {
  const finding = judged(seen);
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain(because);
});

test('a retired version is not asked about', () => {
  const records = [{ version: 1, state: 'retired' as const }, { version: 2 }];
  expect(judged({ records, proofs: [{ version: 2 }] }).status).toBe('pass');
});

describe('of a key whose versions have names', () => {
  const [FIRST, SECOND] = ['1'.repeat(32), '2'.repeat(32)];
  const azure = { keyrings: [{ providerKind: 'azure-key-vault' }] } as const;

  test('each that a record states needs a proof of its own', () => {
    const records = [
      { version: null, keyRef: `tenant-acme/${FIRST}` },
      { version: null, keyRef: `tenant-acme/${SECOND}` },
    ];
    const proof = { version: null, because: 'the service unwrapped it' };
    const one = judged({ ...azure, records, proofs: [{ ...proof, versionName: FIRST }] });
    expect(one).toMatchObject({ status: 'unknown' });
    expect(one.because).toContain(`no sample of version ${SECOND} of the key was unwrapped`);
    const both = [
      { ...proof, versionName: FIRST },
      { ...proof, versionName: SECOND },
    ];
    expect(judged({ ...azure, records, proofs: both }).status).toBe('pass');
    expect(judged({ ...azure, records, proofs: [proof] }).status).toBe('unknown');
  });

  test('a record that states none is proven by a sample that states none', () => {
    const proofs = [{ because: 'the service unwrapped it' }];
    expect(judged({ ...azure, records: [{ version: 1 }], proofs }).status).toBe('pass');
    expect(judged({ ...azure, records: [{ version: 1 }], proofs: [{ ...proofs[0], versionName: FIRST }] }).status).toBe(
      'unknown',
    );
  });
});
