import { describe, expect, test } from 'vitest';
import { key2 } from '../../src/evaluate/controls/key-2.ts';
import { key3 } from '../../src/evaluate/controls/key-3.ts';
import { key4 } from '../../src/evaluate/controls/key-4.ts';
import { key7 } from '../../src/evaluate/controls/key-7.ts';
import { evidence, TENANT_KEYRING } from './fixture.ts';
import { judgeKeyring } from './key-case.ts';
import { judgeRecovery } from './recovery-case.ts';

const PROVE = { policy: { proveKeys: true } };
const unwrapped = (version = 1) => [evidence('unwrap-proof', TENANT_KEYRING, [{ version }], { grade: 'verified' })];

describe('an asymmetric key that was imported, perhaps with its public part alone', () => {
  const key = [{ imported: 'perhaps-public-only' as const }];

  test.each([key2, key3, key4, key7])('is not known to decrypt before it unwraps a sample: $id', (control) => {
    const finding = judgeKeyring(control, { key });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('does not show whether with its private part');
    expect(judgeKeyring(control, { ...PROVE, key, proofs: [{}] }).status).toBe('pass');
    expect(judgeKeyring(control, { ...PROVE, key, proofs: [{ outcome: 'refused' }] }).status).toBe('unknown');
  });

  test('does not make REC-1 pass before that', () => {
    const elsewhere = [{ host: 'other-1' }];
    for (const providerDomain of [undefined, elsewhere]) {
      const where = providerDomain === undefined ? {} : { providerDomain };
      expect(judgeRecovery({ ...where, key }).broken).toEqual({ 'key versions': 'unknown' });
      expect(judgeRecovery({ ...where, ...PROVE, key, proofs: unwrapped() }).broken).toEqual({});
      expect(judgeRecovery({ ...where, ...PROVE, key, proofs: unwrapped(2) }).rec1.status).toBe('unknown');
    }
  });

  test('is lost where it is gone, and blocked below the limit, as any other', () => {
    expect(judgeKeyring(key2, { key: [{ state: 'missing', latestVersion: null, versions: [] }] }).status).toBe('fail');
    expect(judgeKeyring(key3, { key: [{ ...key[0], latestVersion: 2, minDecryptionVersion: 2 }] }).status).toBe('fail');
  });
});

describe('a key that was imported anew', () => {
  const key = [{ imported: 'whole' as const, versions: [{ version: 1, createdAt: '2026-11-22T01:00:00.000Z' }] }];

  test('may be the same, which a sample that it unwraps shows', () => {
    expect(judgeRecovery({ key }).broken).toEqual({ 'key versions': 'unknown' });
    expect(judgeRecovery({ ...PROVE, key, proofs: unwrapped() }).broken).toEqual({});
    expect(judgeKeyring(key7, { key }).status).toBe('unknown');
    expect(judgeKeyring(key7, { ...PROVE, key, proofs: [{}] }).status).toBe('pass');
    for (const control of [key2, key3, key4]) expect(judgeKeyring(control, { key }).status).toBe('pass');
  });
});
